"""Load a data set from its files, checked against their published checksums.

Beside the published data sets (`model.training.data.published`) there are two for data of one's own:
`idx`, four IDX files named as MNIST's, and `folder`, images sorted into folders 0 to 9.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from model.recognition import Recogniser
from model.training.data.idx import decompress, parse_idx, read_bytes
from model.training.data.images import DataError, DataSet, LabelledImages, checked_images, labelled
from model.training.data.own import load_folder
from model.training.data.published import FILES, OWN, PUBLISHED, Published

DATA_SETS = (*PUBLISHED, "idx", "folder")
"""The names that `load_data_set` takes."""
HALVES = ("writers of the first 5,000", "writers of the last 5,000")
"""MNIST's test images are from two populations, census employees and high-school students, half each.

The names give only their place: the data set's page says that the first half is the employees' and the
easier one, but the error rates of networks contradict this.
"""


def load_data_set(name: str, folder: Path, *, unverified: bool = False, network: str = "lenet5") -> DataSet:
    """Load the data set `name` from `folder`, which holds its files, or a sub-folder of that name with them.

    A file may be compressed as published, or unpacked. Each is checked against its published checksum;
    `unverified` accepts files that have another one, as long as they are sound, and the data set then says
    so. In `folder`, the `network` (a checkpoint or a shipped preset) chooses the field of doubtful pictures.
    Raises `DataError`, with one line that names the file and the reason.
    """
    if name == "folder":
        return load_folder(folder, Recogniser.load(network))
    if name not in DATA_SETS:
        raise DataError(f"there is no data set '{name}': choose from {', '.join(DATA_SETS)}")
    published = PUBLISHED.get(name, OWN)
    contents, verified = _read_files(
        published, FILES, name, folder, unverified=unverified or published is OWN
    )
    train, test = _part(contents, "train"), _part(contents, "t10k")
    if name == "mnist":
        test = _by_halves(test)
    sums = {file: hashlib.sha256(content).hexdigest() for file, content in contents.items()}
    return DataSet(name, train, test, published.classes, published.licence, verified, sums)


def load_mnist_test(folder: Path) -> LabelledImages:
    """Load MNIST's test part alone, from a folder with its two files; checked as in `load_data_set`."""
    contents, _ = _read_files(PUBLISHED["mnist"], FILES[2:], "mnist", folder)
    return _by_halves(_part(contents, "t10k"))


def find(file: str, name: str, folder: Path) -> Path | None:
    """The path of a data set's file, packed or unpacked, in `folder`/`name` or in `folder`."""
    for place in _places(name, folder):
        for candidate in (place / file, place / Path(file).stem):
            if candidate.is_file():
                return candidate
    return None


def _read_files(
    published: Published, names: Sequence[str], name: str, folder: Path, *, unverified: bool = False
) -> tuple[dict[str, bytes], bool]:
    """Read the files `names`: their unpacked contents, and whether all have their published checksums.

    Raises `DataError` if one is missing, damaged, or (unless `unverified`) has another checksum.
    """
    if not folder.is_dir():
        hint = "; `--download` makes it" if published.mirrors else ""
        raise DataError(f"{folder}: there is no such folder{hint}")
    contents: dict[str, bytes] = {}
    verified = True
    for file in names:
        path = find(file, name, folder)
        if path is None:
            hint = "; `--download` fetches it" if published.mirrors else ", packed or unpacked"
            places = " or ".join(map(str, _places(name, folder)))
            raise DataError(f"{file} is not in {places}{hint}")
        archive = read_bytes(path)
        contents[file] = decompress(archive, str(path))
        if not published.matches(file, archive, contents[file]):
            verified = False
            if not unverified:
                raise DataError(
                    f"{path}: the {published.algorithm.upper()} sum is not the published "
                    f"{published.checksums[file]}; use --unverified if you know why"
                )
    return contents, verified


def _places(name: str, folder: Path) -> list[Path]:
    return [place for place in (folder / name, folder) if place.is_dir()]


def _part(contents: Mapping[str, bytes], prefix: str) -> LabelledImages:
    """Parse the two files whose names begin with `prefix`, train or t10k."""
    names = f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
    images, labels = (parse_idx(contents[f"{name}.gz"], name) for name in names)
    return labelled(checked_images(images, names[0]), labels, prefix)


def _by_halves(test: LabelledImages) -> LabelledImages:
    """MNIST's test part, grouped by the population that wrote each image."""
    return replace(test, groups=np.arange(len(test)) // 5_000, group_names=HALVES)
