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
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.training.idx import DataError, decompress, parse_idx, read_bytes

DIGITS = tuple("0123456789")
CLOTHING = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
HALVES = ("writers of the first 5,000", "writers of the last 5,000")
"""MNIST's test images are from two populations, census employees and high-school students, half each.

They are named by place alone: the data set's page says that the first half is the employees' and the
easier one, which the error rates of networks contradict.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Images (n,28,28) uint8, white ink (255) on black (0); labels (n,) int64, 0 to 9.

    `writers` (n,) int64 numbers the writer, or the group of writers, of each image, if known; `groups`
    names the numbers, where they have names.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    writers: NDArray[np.int64] | None = None
    groups: tuple[str, ...] | None = None

    def __len__(self) -> int:
        """The number of images."""
        return len(self.labels)

    def take(self, index: NDArray[np.integer]) -> Part:
        """The images of `index`, in its order."""
        writers = None if self.writers is None else self.writers[index]
        return Part(self.images[index], self.labels[index], writers, self.groups)


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set, its training and its test part.

    `verified` says that every file had the published checksum. `files` are the SHA-256 sums of the
    files' unpacked content, for the record.
    """

    name: str
    train: Part
    test: Part
    classes: tuple[str, ...]
    licence: str
    verified: bool
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a data set as it is published: `checksum` is of the archive, or of its content."""

    name: str
    algorithm: str
    checksum: str
    unpacked: bool = False
    mirrors: tuple[str, ...] = ()

    def fits(self, archive: bytes, content: bytes) -> bool:
        """Whether the bytes have the published checksum."""
        data = content if self.unpacked else archive
        return hashlib.new(self.algorithm, data, usedforsecurity=False).hexdigest() == self.checksum


@dataclass(frozen=True, slots=True)
class Published:
    """A data set that can be downloaded and checked; `assemble` turns its files' contents into parts."""

    name: str
    files: tuple[File, ...]
    assemble: Callable[[dict[str, bytes]], tuple[Part, Part]]
    classes: tuple[str, ...]
    licence: str


def _images(content: bytes, name: str) -> NDArray[np.uint8]:
    array = parse_idx(content, name)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[1:] != (28, 28):
        raise DataError(f"{name}: {array.dtype} {array.shape} are not 28x28 images of bytes")
    return array.astype(np.uint8, copy=False)


def _part(images: NDArray[np.uint8], labels: NDArray[np.generic], name: str) -> Part:
    if labels.ndim != 1 or len(labels) != len(images):
        raise DataError(f"{name}: {len(images):,} images but labels of shape {labels.shape}")
    if len(labels) == 0:
        raise DataError(f"{name}: no images")
    whole = labels.astype(np.int64)
    if whole.min() < 0 or whole.max() > 9:
        raise DataError(f"{name}: labels from {whole.min()} to {whole.max()}, where 0 to 9 are wanted")
    return Part(images, whole)


def _idx_parts(contents: dict[str, bytes]) -> tuple[Part, Part]:
    parts = []
    for prefix in ("train", "t10k"):
        names = f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
        images, labels = (contents[f"{name}.gz"] for name in names)
        parts.append(_part(_images(images, names[0]), parse_idx(labels, names[1]), prefix))
    return parts[0], parts[1]


def _mnist(contents: dict[str, bytes]) -> tuple[Part, Part]:
    train, test = _idx_parts(contents)
    return train, with_halves(test)


def with_halves(test: Part) -> Part:
    """MNIST's test part (10,000 images) with the two groups of writers it is from."""
    return Part(test.images, test.labels, np.arange(len(test)) // 5_000, HALVES)


def _qmnist(contents: dict[str, bytes]) -> tuple[Part, Part]:
    parts = []
    for prefix in ("train", "test"):
        name = f"qmnist-{prefix}-labels-idx2-int"
        table = parse_idx(contents[f"{name}.gz"], name)
        if table.ndim != 2 or table.shape[1] < 3:
            raise DataError(f"{name}: {table.shape} is no QMNIST table of labels")
        images = _images(contents[f"qmnist-{prefix}-images-idx3-ubyte.gz"], f"qmnist-{prefix}-images")
        part = _part(images, table[:, 0], name)
        parts.append(Part(part.images, part.labels, table[:, 2].astype(np.int64)))
    return parts[0], parts[1]


def _emnist(contents: dict[str, bytes]) -> tuple[Part, Part]:
    parts = []
    try:
        archive = zipfile.ZipFile(io.BytesIO(contents["gzip.zip"]))
        for prefix in ("train", "test"):
            stem = f"gzip/emnist-digits-{prefix}"
            images, labels = (
                decompress(archive.read(f"{stem}-{kind}-ubyte.gz"), ".gz", stem)
                for kind in ("images-idx3", "labels-idx1")
            )
            # EMNIST stores its images column by column.
            upright = np.ascontiguousarray(_images(images, stem).transpose(0, 2, 1))
            parts.append(_part(upright, parse_idx(labels, stem), stem))
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataError(f"gzip.zip: not EMNIST's archive ({error})") from None
    return parts[0], parts[1]


def _usps(contents: dict[str, bytes]) -> tuple[Part, Part]:
    parts = []
    for name in ("usps.bz2", "usps.t.bz2"):
        labels, images = [], []
        for line in contents[name].splitlines():
            label, *pairs = line.split()
            labels.append(int(label) - 1)  # LIBSVM numbers the classes from 1
            images.append([float(pair.split(b":")[1]) for pair in pairs])
        if not images or any(len(values) != 256 for values in images):
            raise DataError(f"{name}: not USPS's 16x16 images")
        ink = np.clip((np.array(images).reshape(-1, 16, 16) + 1) / 2, 0, 1)
        parts.append(_part(in_field(np.rint(ink * 255).astype(np.uint8)), np.array(labels), name))
    return parts[0], parts[1]


def in_field(digits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Digits (n,h,w) that fill their images, fitted to 20x20 and centred by mass in (n,28,28), as MNIST's."""
    out = np.zeros((len(digits), 28, 28), np.uint8)
    rows, columns = np.mgrid[:20, :20]
    for field_, digit in zip(out, digits, strict=True):
        small = np.asarray(Image.fromarray(digit).resize((20, 20), Image.Resampling.BICUBIC))
        mass = max(float(small.sum()), 1.0)
        top, left = (
            int(np.clip(round(13.5 - float((axis * small).sum()) / mass), 0, 8)) for axis in (rows, columns)
        )
        field_[top : top + 20, left : left + 20] = small
    return out


def _gz(name: str, algorithm: str, checksum: str, *mirrors: str, unpacked: bool = False) -> File:
    return File(
        f"{name}.gz", algorithm, checksum, unpacked, tuple(f"{mirror}{name}.gz" for mirror in mirrors)
    )


_MNIST_MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
_FASHION = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_QMNIST = "https://raw.githubusercontent.com/facebookresearch/qmnist/master/"
_EMNIST = "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip"
_USPS = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/"
_TRAIN, _TRAIN_L = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
_TEST, _TEST_L = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
# fmt: off
MNIST_FILES = tuple(
    _gz(name, "sha256", checksum, *_MNIST_MIRRORS, unpacked=True)
    for name, checksum in (
        (_TRAIN, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        (_TRAIN_L, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        (_TEST, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        (_TEST_L, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    )
)
PUBLISHED: dict[str, Published] = {
    "mnist": Published("mnist", MNIST_FILES, _mnist, DIGITS, "CC BY-SA 3.0, Y. LeCun, C. Cortes"),
    "fashion-mnist": Published("fashion-mnist", (
        _gz(_TRAIN, "md5", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", _FASHION),
        _gz(_TRAIN_L, "md5", "25c81989df183df01b3e8a0aad5dffbe", _FASHION),
        _gz(_TEST, "md5", "bef4ecab320f06d8554ea6380940ec79", _FASHION),
        _gz(_TEST_L, "md5", "bb300cfdad3c16e7a12a480ee83cd310", _FASHION),
    ), _idx_parts, CLOTHING, "MIT, Zalando SE"),
    "qmnist": Published("qmnist", (
        _gz("qmnist-train-images-idx3-ubyte", "md5", "ed72d4157d28c017586c42bc6afe6370", _QMNIST),
        _gz("qmnist-train-labels-idx2-int", "md5", "0058f8dd561b90ffdd0f734c6a30e5e4", _QMNIST),
        _gz("qmnist-test-images-idx3-ubyte", "md5", "1394631089c404de565df7b7aeaf9412", _QMNIST),
        _gz("qmnist-test-labels-idx2-int", "md5", "5b5b05890a5e13444e108efe57b788aa", _QMNIST),
    ), _qmnist, DIGITS, "BSD-style, Facebook AI Research (C. Yadav, L. Bottou)"),
    "emnist-digits": Published("emnist-digits", (
        File("gzip.zip", "md5", "58c8d27c78d21e728a6bc7b3cc06412e", mirrors=(_EMNIST,)),
    ), _emnist, DIGITS, "public domain (NIST); G. Cohen, S. Afshar, J. Tapson, A. van Schaik"),
    "usps": Published("usps", (
        File("usps.bz2", "md5", "ec16c51db3855ca6c91edd34d0e9b197", mirrors=(f"{_USPS}usps.bz2",)),
        File("usps.t.bz2", "md5", "8ea070ee2aca1ac39742fdd1ef5ed118", mirrors=(f"{_USPS}usps.t.bz2",)),
    ), _usps, DIGITS, "no licence stated; J. Hull 1994, from the LIBSVM collection"),
}
# fmt: on
NAMES = (*PUBLISHED, "idx", "folder")


def load(name: str, folder: Path, *, unverified: bool = False) -> DataSet:
    """The data set `name` from `folder`, which holds its files, or a sub-folder of that name with them.

    Images in folders by label have a loader of their own: `model.training.folders.load_folder`.
    A file may be compressed as published, or unpacked. Every file is checked against its published
    checksum; `unverified` accepts files that have another one, as long as they are sound, and the data
    set then says so. Raises `DataError`, with one line that names the file and the reason.
    """
    if name == "idx":
        files = tuple(File(file.name, "sha256", "") for file in MNIST_FILES)
        published = Published("idx", files, _idx_parts, DIGITS, "its owner's")
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
    contents, _ = read_files(MNIST_FILES[2:], "mnist", folder, unverified=False)
    images, labels = (contents[file.name] for file in MNIST_FILES[2:])
    return with_halves(_part(_images(images, _TEST), parse_idx(labels, _TEST_L), "t10k"))


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
    raise DataError(f"{file.name} is not in {' or '.join(map(str, places))}; `--download` fetches it")
