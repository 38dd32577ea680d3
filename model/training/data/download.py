"""Fetch a data set's files from their public mirrors: resumed where they were cut off, checked when whole."""

from collections.abc import Callable
from pathlib import Path

import httpx

from model.training.data.files import find
from model.training.data.idx import decompress, read_bytes
from model.training.data.images import DataError
from model.training.data.published import PUBLISHED, Published

OnBytes = Callable[[str, int, int | None], None]
"""Called with a file's name, how many of its bytes have arrived, and how many it has (None: not known)."""

HEADERS = {
    # A mirror that compresses what it sends would send other bytes than those of the checksum.
    "Accept-Encoding": "identity",
    # NIST's server turns away HTTP libraries that give only their own name.
    "User-Agent": "Mozilla/5.0 (compatible; digits)",
}


def download(name: str, folder: Path, on_bytes: OnBytes = lambda *_: None) -> None:
    """Download the files of the data set `name` that are missing into `folder`/`name`.

    Raises `DataError` if the data set is not one that can be downloaded, if no mirror gives a file, or if
    what they give does not have the published checksum.
    """
    if name not in PUBLISHED:
        raise DataError(f"'{name}' cannot be downloaded: choose from {', '.join(PUBLISHED)}")
    for file in PUBLISHED[name].checksums:
        if find(file, name, folder) is None:
            (folder / name).mkdir(parents=True, exist_ok=True)
            fetch(PUBLISHED[name], file, folder / name, on_bytes)


def fetch(published: Published, name: str, folder: Path, on_bytes: OnBytes = lambda *_: None) -> Path:
    """Download the file `name` into `folder`, from the first mirror that gives it, and check it.

    What has arrived is kept in NAME.part, and the next attempt asks for the rest. Raises `DataError`.
    """
    partial, whole = folder / f"{name}.part", folder / name
    reasons = []
    for mirror in published.mirrors:
        url = mirror + name
        try:
            _receive(url, partial, lambda received, total: on_bytes(name, received, total))
        except (httpx.HTTPError, OSError) as error:
            reasons.append(f"{url}: {error or type(error).__name__}")
            continue
        if _is_published(published, name, partial):
            return partial.replace(whole)
        partial.unlink()
        reasons.append(f"{url}: the {published.algorithm.upper()} sum is not the published one")
    raise DataError(f"{name} cannot be downloaded ({'; '.join(reasons)})")


def _is_published(published: Published, name: str, path: Path) -> bool:
    archive = read_bytes(path)
    try:
        content = decompress(archive, Path(name).suffix, name) if published.unpacked else archive
    except DataError:
        return False
    return published.matches(name, archive, content)


def _receive(url: str, partial: Path, on_bytes: Callable[[int, int | None], None]) -> None:
    """Append to `partial` what is missing of the file at `url`."""
    received = partial.stat().st_size if partial.exists() else 0
    headers = HEADERS | ({"Range": f"bytes={received}-"} if received else {})
    timeout = httpx.Timeout(30)
    with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=timeout) as response:
        if received and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing: the checksum will show whether this is the file
        response.raise_for_status()
        if response.status_code != httpx.codes.PARTIAL_CONTENT:
            received = 0  # the mirror sends the file from its beginning
        length = response.headers.get("Content-Length")
        total = received + int(length) if length else None
        with partial.open("ab" if received else "wb") as out:
            for chunk in response.iter_raw():
                out.write(chunk)
                received += len(chunk)
                on_bytes(received, total)
