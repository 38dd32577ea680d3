"""Fetch a data set's files from their public mirrors, and check them."""

from collections.abc import Callable
from pathlib import Path

import httpx

from model.training.data.files import find
from model.training.data.idx import decompress
from model.training.data.images import DataError
from model.training.data.published import FILES, PUBLISHED, Published

OnBytes = Callable[[str, int, int | None], None]
"""Called with a file's name, how many of its bytes have arrived, and how many it has (None: not known)."""


def download(name: str, folder: Path, on_bytes: OnBytes = lambda *_: None) -> None:
    """Download the files of the data set `name` that are missing into `folder`/`name`.

    Raises `DataError` if the data set is not one that can be downloaded, if no mirror gives a file, or if
    what they give does not have the published checksum.
    """
    if name not in PUBLISHED:
        raise DataError(f"'{name}' cannot be downloaded: choose from {', '.join(PUBLISHED)}")
    for file in FILES:
        if find(file, name, folder) is None:
            (folder / name).mkdir(parents=True, exist_ok=True)
            fetch(PUBLISHED[name], file, folder / name, on_bytes)


def fetch(published: Published, name: str, folder: Path, on_bytes: OnBytes = lambda *_: None) -> Path:
    """Download the file `name` into `folder`, from the first mirror that gives it whole; or `DataError`."""
    reasons = []
    for mirror in published.mirrors:
        url = mirror + name
        try:
            archive = _receive(url, lambda received, total: on_bytes(name, received, total))
            verified = published.matches(name, archive, decompress(archive, name))
        except (httpx.HTTPError, DataError) as error:
            reasons.append(f"{url}: {error or type(error).__name__}")
            continue
        if verified:
            partial = folder / f"{name}.part"
            partial.write_bytes(archive)
            return partial.replace(folder / name)
        reasons.append(f"{url}: the {published.algorithm.upper()} sum is not the published one")
    raise DataError(f"{name} cannot be downloaded ({'; '.join(reasons)})")


def _receive(url: str, on_bytes: Callable[[int, int | None], None]) -> bytes:
    """The bytes of the file at `url`."""
    # A mirror that compresses what it sends would send other bytes than those of the checksum.
    headers = {"Accept-Encoding": "identity"}
    with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=30) as response:
        response.raise_for_status()
        length = response.headers.get("Content-Length")
        archive = bytearray()
        for chunk in response.iter_raw():
            archive += chunk
            on_bytes(len(archive), int(length) if length else None)
    return bytes(archive)
