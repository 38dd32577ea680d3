"""Fetch a data set's files from their public mirrors: resumed where they were cut off, checked when whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from model.training.data.datasets import PUBLISHED, File, find
from model.training.data.idx import DataError, decompress, read_bytes

Report = Callable[[str, int, int | None], None]
"""Told of a file's name, how many of its bytes are here, and how many there are (None: not known)."""

HEADERS = {
    # A mirror that packs what it sends would send other bytes than those of the checksum.
    "Accept-Encoding": "identity",
    # NIST's server turns away HTTP libraries that say no more than their own name.
    "User-Agent": "Mozilla/5.0 (compatible; digits)",
}


def download(name: str, folder: Path, report: Report = lambda *_: None) -> None:
    """Bring the files of the data set `name` that are not there yet into `folder`/`name`.

    Raises `DataError` if the data set is not one that can be downloaded, if no mirror gives a file, or if
    what they give has not the published checksum.
    """
    if name not in PUBLISHED:
        raise DataError(f"'{name}' cannot be downloaded: choose from {', '.join(PUBLISHED)}")
    place = folder / name
    for file in PUBLISHED[name].files:
        try:
            find(file, [path for path in (place, folder) if path.is_dir()])
        except DataError:
            place.mkdir(parents=True, exist_ok=True)
            fetch(file, place, report)


def fetch(file: File, folder: Path, report: Report = lambda *_: None) -> Path:
    """Download one file into `folder`, from the first mirror that gives it, and check it.

    What has arrived is kept in NAME.part, and the next attempt asks for the rest. Raises `DataError`.
    """
    partial, whole = folder / f"{file.name}.part", folder / file.name
    reasons = []
    for url in file.mirrors:
        try:
            _receive(url, partial, lambda here, total: report(file.name, here, total))
        except (httpx.HTTPError, OSError) as error:
            reasons.append(f"{url}: {error or type(error).__name__}")
            continue
        if is_published(file, partial):
            partial.replace(whole)
            return whole
        partial.unlink()
        reasons.append(f"{url}: the {file.algorithm.upper()} sum is not the published one")
    raise DataError(f"{file.name} cannot be downloaded ({'; '.join(reasons)})")


def is_published(file: File, path: Path) -> bool:
    """Whether the bytes in `path`, an archive or what is left of one, have the published checksum."""
    archive = read_bytes(path)
    try:
        content = decompress(archive, Path(file.name).suffix, str(path)) if file.unpacked else archive
    except DataError:
        return False
    return file.fits(archive, content)


def _receive(url: str, partial: Path, report: Callable[[int, int | None], None]) -> None:
    """Append to `partial` what is missing of the file at `url`."""
    here = partial.stat().st_size if partial.exists() else 0
    headers = HEADERS | ({"Range": f"bytes={here}-"} if here else {})
    timeout = httpx.Timeout(30)
    with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=timeout) as response:
        if here and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # there is no more: the checksum will tell whether what is here is the file
        response.raise_for_status()
        if response.status_code != httpx.codes.PARTIAL_CONTENT:
            here = 0  # the mirror sends the file from its beginning
        length = response.headers.get("Content-Length")
        total = here + int(length) if length else None
        with partial.open("ab" if here else "wb") as out:
            for chunk in response.iter_raw():
                out.write(chunk)
                here += len(chunk)
                report(here, total)
