"""Load a data set from its files, checked against their published checksums.

Beside the published data sets (`model.training.data.published`) there are two for data of one's own:
`idx`, four IDX files named as MNIST's, and `folder`, images sorted into folders 0 to 9.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from model.training.data.idx import decompress, read_bytes
from model.training.data.images import DataError, DataSet, LabelledImages
from model.training.data.own import load_folder
from model.training.data.published import OWN_IDX, PUBLISHED, Published, parse_mnist_test

DATA_SETS = (*PUBLISHED, "idx", "folder")
"""The names that `load_data_set` takes."""
MNIST_TEST = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def load_data_set(name: str, folder: Path, *, unverified: bool = False) -> DataSet:
    """Load the data set `name` from `folder`, which holds its files, or a sub-folder of that name with them.

    A file may be compressed as published, or unpacked. Each is checked against its published checksum;
    `unverified` accepts files that have another one, as long as they are sound, and the data set then says
    so. Raises `DataError`, with one line that names the file and the reason.
    """
    if name == "folder":
        return load_folder(folder)
    if name not in DATA_SETS:
        raise DataError(f"there is no data set '{name}': choose from {', '.join(DATA_SETS)}")
    published = PUBLISHED.get(name, OWN_IDX)
    contents, verified = read_files(
        published, published.checksums, name, folder, unverified=unverified or published is OWN_IDX
    )
    train, test = published.parse(contents)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    return DataSet(name, train, test, published.classes, published.licence, verified, sums)


def load_mnist_test(folder: Path) -> LabelledImages:
    """Load MNIST's test part alone, from a folder with its two files; checked as in `load_data_set`."""
    contents, _ = read_files(PUBLISHED["mnist"], MNIST_TEST, "mnist", folder)
    return parse_mnist_test(contents)


def read_files(
    published: Published, names: Iterable[str], name: str, folder: Path, *, unverified: bool = False
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
        suffix = path.suffix if path.suffix in (".gz", ".bz2") else ""
        contents[file] = decompress(archive, suffix, str(path))
        if not published.matches(file, archive, contents[file]):
            verified = False
            if not unverified:
                raise DataError(
                    f"{path}: the {published.algorithm.upper()} sum is not the published "
                    f"{published.checksums[file]}; use --unverified if you know why"
                )
    return contents, verified


def find(file: str, name: str, folder: Path) -> Path | None:
    """The path of a data set's file, packed or unpacked, in `folder`/`name` or in `folder`."""
    for place in _places(name, folder):
        for candidate in (place / file, place / Path(file).stem):
            if candidate.is_file():
                return candidate
    return None


def _places(name: str, folder: Path) -> list[Path]:
    return [place for place in (folder / name, folder) if place.is_dir()]
