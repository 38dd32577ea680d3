"""From the contents of a data set's files, as they are published, to its parts."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.training.data.idx import DataError, decompress, parse_idx
from model.training.data.parts import HALVES, Part


def images_of(content: bytes, name: str) -> NDArray[np.uint8]:
    """The images (n,28,28) uint8 in an IDX file's content; `DataError`, with `name`, if they are no such."""
    array = parse_idx(content, name)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[1:] != (28, 28):
        raise DataError(f"{name}: {array.dtype} {array.shape} are not 28x28 images of bytes")
    return array.astype(np.uint8, copy=False)


def part_of(images: NDArray[np.uint8], labels: NDArray[np.generic], name: str) -> Part:
    """Images with their labels; `DataError`, with `name`, if they do not belong together."""
    if labels.ndim != 1 or len(labels) != len(images):
        raise DataError(f"{name}: {len(images):,} images but labels of shape {labels.shape}")
    if len(labels) == 0:
        raise DataError(f"{name}: no images")
    whole = labels.astype(np.int64)
    if whole.min() < 0 or whole.max() > 9:
        raise DataError(f"{name}: labels from {whole.min()} to {whole.max()}, where 0 to 9 are wanted")
    return Part(images, whole)


def idx_part(contents: dict[str, bytes], prefix: str) -> Part:
    """The part of the two files that MNIST and its relatives name with `prefix`, train or t10k."""
    names = f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
    images, labels = (contents[f"{name}.gz"] for name in names)
    return part_of(images_of(images, names[0]), parse_idx(labels, names[1]), prefix)


def idx_parts(contents: dict[str, bytes]) -> tuple[Part, Part]:
    """The parts of four IDX files, named as MNIST's."""
    return idx_part(contents, "train"), idx_part(contents, "t10k")


def mnist_parts(contents: dict[str, bytes]) -> tuple[Part, Part]:
    """MNIST's parts, the test part with its groups of writers."""
    train, test = idx_parts(contents)
    return train, with_halves(test)


def with_halves(test: Part) -> Part:
    """MNIST's test part (10,000 images) with the two groups of writers it is from."""
    return Part(test.images, test.labels, np.arange(len(test)) // 5_000, HALVES)


def qmnist_parts(contents: dict[str, bytes]) -> tuple[Part, Part]:
    """QMNIST's parts, with their writers: a label's first column is the digit, its third the writer."""
    parts = []
    for prefix in ("train", "test"):
        name = f"qmnist-{prefix}-labels-idx2-int"
        table = parse_idx(contents[f"{name}.gz"], name)
        if table.ndim != 2 or table.shape[1] < 3:
            raise DataError(f"{name}: {table.shape} is no QMNIST table of labels")
        images = images_of(contents[f"qmnist-{prefix}-images-idx3-ubyte.gz"], f"qmnist-{prefix}-images")
        part = part_of(images, table[:, 0], name)
        parts.append(Part(part.images, part.labels, table[:, 2].astype(np.int64)))
    return parts[0], parts[1]


def emnist_parts(contents: dict[str, bytes]) -> tuple[Part, Part]:
    """The parts of EMNIST's digits, in the one archive of all its splits."""
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
            upright = np.ascontiguousarray(images_of(images, stem).transpose(0, 2, 1))
            parts.append(part_of(upright, parse_idx(labels, stem), stem))
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataError(f"gzip.zip: not EMNIST's archive ({error})") from None
    return parts[0], parts[1]


def usps_parts(contents: dict[str, bytes]) -> tuple[Part, Part]:
    """The parts of USPS as LIBSVM writes them, brought to MNIST's size."""
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
        parts.append(part_of(in_field(np.rint(ink * 255).astype(np.uint8)), np.array(labels), name))
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
