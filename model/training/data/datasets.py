"""The data sets one can train on and measure with, each checked against checksums its makers published.

| name | what | checksum, and where it was published |
|---|---|---|
| mnist | 60,000 + 10,000 digits (LeCun, Cortes, Burges) | SHA-256 of the unpacked IDX files |
| fashion-mnist | 60,000 + 10,000 articles of clothing (Zalando) | MD5 of the archives, its own page |
| qmnist | MNIST's training set and 60,000 test digits, with writers | MD5 of the archives, torchvision |
| emnist-digits | 240,000 + 40,000 digits (Cohen et al. 2017) | MD5 of the archive, torchvision |
| usps | 7,291 + 2,007 digits on envelopes, 16x16 | MD5 of the archives, torchvision |
| idx | four IDX files of one's own, named as MNIST's | none |
| folder | images sorted into folders 0 to 9 | none |
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from model.training.data.assembly import idx_part, idx_parts, with_halves
from model.training.data.catalogue import MNIST_FILES, PUBLISHED, File, Published
from model.training.data.idx import DataError, decompress, read_bytes
from model.training.data.parts import DIGITS, DataSet, Part

__all__ = [
    "DIGITS",
    "NAMES",
    "PUBLISHED",
    "DataSet",
    "File",
    "Part",
    "find",
    "load",
    "load_mnist_test",
    "read_files",
]

NAMES = (*PUBLISHED, "idx", "folder")


def load(name: str, folder: Path, *, unverified: bool = False) -> DataSet:
    """The data set `name` from `folder`, which holds its files, or a sub-folder of that name with them.

    Images in folders by label have a loader of their own: `model.training.data.folders.load_folder`.
    A file may be compressed as published, or unpacked. Every file is checked against its published
    checksum; `unverified` accepts files that have another one, as long as they are sound, and the data
    set then says so. Raises `DataError`, with one line that names the file and the reason.
    """
    if name == "idx":
        files = tuple(File(file.name, "sha256", "") for file in MNIST_FILES)
        published = Published("idx", files, idx_parts, DIGITS, "its owner's")
        unverified = True
    elif name in PUBLISHED:
        published = PUBLISHED[name]
    else:
        raise DataError(f"there is no data set '{name}': choose from {', '.join(NAMES)}")
    contents, verified = read_files(published.files, name, folder, unverified=unverified)
    train, test = published.assemble(contents)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    return DataSet(name, train, test, published.classes, published.licence, verified, sums)


def load_mnist_test(folder: Path) -> Part:
    """MNIST's test part alone, from a folder with its two files; checked as in `load`."""
    files = MNIST_FILES[2:]
    contents, _ = read_files(files, "mnist", folder, unverified=False)
    return with_halves(idx_part(contents, "t10k"))


def read_files(
    files: tuple[File, ...], name: str, folder: Path, *, unverified: bool
) -> tuple[dict[str, bytes], bool]:
    """The unpacked contents of the files, by name, and whether all have their published checksums.

    Raises `DataError` if one is missing, damaged, or (unless `unverified`) has another checksum.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder")
    places = [place for place in (folder / name, folder) if place.is_dir()]
    contents: dict[str, bytes] = {}
    verified = True
    for file in files:
        path = find(file, places)
        archive = read_bytes(path)
        suffix = path.suffix if path.suffix in (".gz", ".bz2") else ""
        contents[file.name] = decompress(archive, suffix, str(path))
        if not file.fits(archive, contents[file.name]):
            verified = False
            if not unverified:
                raise DataError(
                    f"{path}: the {file.algorithm.upper()} sum is not the published {file.checksum}; "
                    "use --unverified if you know why"
                )
    return contents, verified


def find(file: File, places: list[Path]) -> Path:
    """The first of `places` that has the file, packed or unpacked; `DataError` if none has."""
    for place in places:
        for candidate in (place / file.name, place / Path(file.name).stem):
            if candidate.is_file():
                return candidate
    hint = "; `--download` fetches it" if file.mirrors else ", packed or unpacked"
    raise DataError(f"{file.name} is not in {' or '.join(map(str, places))}{hint}")
