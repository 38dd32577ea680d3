"""The data sets that can be downloaded: files, mirrors, published checksums, and how to read them.

| name | what | checksum, and where it was published |
|---|---|---|
| mnist | 60,000 + 10,000 digits (LeCun, Cortes, Burges) | SHA-256 of the unpacked IDX files |
| fashion-mnist | 60,000 + 10,000 articles of clothing (Zalando) | MD5 of the archives, its own page |
| qmnist | MNIST's training set and 60,000 test digits, with writers | MD5 of the archives, torchvision |
| emnist-digits | 240,000 + 40,000 digits (Cohen et al. 2017) | MD5 of the archive, torchvision |
| usps | 7,291 + 2,007 digits on envelopes, 16x16 | MD5 of the archives, torchvision |
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.training.data.idx import decompress, parse_idx
from model.training.data.images import DIGITS, DataError, LabelledImages, checked_images, labelled

CLOTHING = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
HALVES = ("writers of the first 5,000", "writers of the last 5,000")
"""MNIST's test images are from two populations, census employees and high-school students, half each.

They are named by place alone: the data set's page says that the first half is the employees' and the
easier one, which the error rates of networks contradict.
"""

Parts = tuple[LabelledImages, LabelledImages]
"""The training part and the test part."""


@dataclass(frozen=True, slots=True)
class Published:
    """A data set that can be downloaded and checked.

    `checksums` has every file's published checksum, of the archive or (`unpacked`) of its content. Each of
    `mirrors`, followed by a file's name, is its address. `parse` turns the files' unpacked contents, by
    name, into the data set's parts, and raises `DataError`.
    """

    checksums: Mapping[str, str]
    mirrors: tuple[str, ...]
    parse: Callable[[Mapping[str, bytes]], Parts]
    licence: str
    classes: tuple[str, ...] = DIGITS
    algorithm: str = "md5"
    unpacked: bool = False

    def matches(self, name: str, archive: bytes, content: bytes) -> bool:
        """Whether the bytes of the file `name` have its published checksum."""
        data = content if self.unpacked else archive
        return hashlib.new(self.algorithm, data, usedforsecurity=False).hexdigest() == self.checksums[name]


def parse_idx_part(contents: Mapping[str, bytes], prefix: str) -> LabelledImages:
    """Parse the two files that MNIST and its relatives name with `prefix`, train or t10k."""
    names = f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
    images, labels = (parse_idx(contents[f"{name}.gz"], name) for name in names)
    return labelled(checked_images(images, names[0]), labels, prefix)


def parse_idx_parts(contents: Mapping[str, bytes]) -> Parts:
    """Parse four IDX files, named as MNIST's."""
    return parse_idx_part(contents, "train"), parse_idx_part(contents, "t10k")


def parse_mnist(contents: Mapping[str, bytes]) -> Parts:
    """Parse MNIST, the test part with its two groups of writers."""
    return parse_idx_part(contents, "train"), parse_mnist_test(contents)


def parse_mnist_test(contents: Mapping[str, bytes]) -> LabelledImages:
    """Parse MNIST's test part (10,000 images) with the two groups of writers it is from."""
    test = parse_idx_part(contents, "t10k")
    return LabelledImages(test.images, test.labels, np.arange(len(test)) // 5_000, HALVES)


def parse_qmnist(contents: Mapping[str, bytes]) -> Parts:
    """Parse QMNIST with its writers: a label's first column is the digit, its third the writer."""
    parts = []
    for prefix in ("train", "test"):
        name = f"qmnist-{prefix}-labels-idx2-int"
        table = parse_idx(contents[f"{name}.gz"], name)
        if table.ndim != 2 or table.shape[1] < 3:
            raise DataError(f"{name}: {table.shape} is not a QMNIST table of labels")
        name = f"qmnist-{prefix}-images-idx3-ubyte"
        images = checked_images(parse_idx(contents[f"{name}.gz"], name), name)
        part = labelled(images, table[:, 0], name)
        parts.append(LabelledImages(part.images, part.labels, table[:, 2].astype(np.int64)))
    return parts[0], parts[1]


def parse_emnist(contents: Mapping[str, bytes]) -> Parts:
    """Parse EMNIST's digits out of the one archive of all its splits."""
    parts = []
    try:
        archive = zipfile.ZipFile(io.BytesIO(contents["gzip.zip"]))
        for prefix in ("train", "test"):
            stem = f"gzip/emnist-digits-{prefix}"
            images, labels = (
                parse_idx(decompress(archive.read(f"{stem}-{kind}-ubyte.gz"), ".gz", stem), stem)
                for kind in ("images-idx3", "labels-idx1")
            )
            # EMNIST stores its images column by column.
            upright = np.ascontiguousarray(checked_images(images, stem).transpose(0, 2, 1))
            parts.append(labelled(upright, labels, stem))
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataError(f"gzip.zip: not EMNIST's archive ({error})") from None
    return parts[0], parts[1]


def parse_usps(contents: Mapping[str, bytes]) -> Parts:
    """Parse USPS as LIBSVM writes it, and bring its 16x16 images to MNIST's size."""
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
        parts.append(labelled(centred(np.rint(ink * 255).astype(np.uint8)), np.array(labels), name))
    return parts[0], parts[1]


def centred(digits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Fit digits (n,h,w) that fill their images to 20x20, centred by mass in (n,28,28), as MNIST's are."""
    fields = np.zeros((len(digits), 28, 28), np.uint8)
    rows, columns = np.mgrid[:20, :20]
    for field, digit in zip(fields, digits, strict=True):
        small = np.asarray(Image.fromarray(digit).resize((20, 20), Image.Resampling.BICUBIC))
        mass = max(float(small.sum()), 1.0)
        top, left = (
            int(np.clip(round(13.5 - float((axis * small).sum()) / mass), 0, 8)) for axis in (rows, columns)
        )
        field[top : top + 20, left : left + 20] = small
    return fields


def _named_as_mnist(*checksums: str) -> dict[str, str]:
    """The files of MNIST, and of what is published in its form, with their checksums."""
    names = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )
    return dict(zip(names, checksums, strict=True))


PUBLISHED = {
    "mnist": Published(
        _named_as_mnist(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ),
        parse_mnist,
        "CC BY-SA 3.0, Y. LeCun, C. Cortes",
        algorithm="sha256",
        unpacked=True,
    ),
    "fashion-mnist": Published(
        _named_as_mnist(
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        parse_idx_parts,
        "MIT, Zalando SE",
        classes=CLOTHING,
    ),
    "qmnist": Published(
        {
            "qmnist-train-images-idx3-ubyte.gz": "ed72d4157d28c017586c42bc6afe6370",
            "qmnist-train-labels-idx2-int.gz": "0058f8dd561b90ffdd0f734c6a30e5e4",
            "qmnist-test-images-idx3-ubyte.gz": "1394631089c404de565df7b7aeaf9412",
            "qmnist-test-labels-idx2-int.gz": "5b5b05890a5e13444e108efe57b788aa",
        },
        ("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
        parse_qmnist,
        "BSD-style, Facebook AI Research (C. Yadav, L. Bottou)",
    ),
    "emnist-digits": Published(
        {"gzip.zip": "58c8d27c78d21e728a6bc7b3cc06412e"},
        (
            "https://biometrics.nist.gov/cs_links/EMNIST/",
            "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
        ),
        parse_emnist,
        "public domain (NIST); G. Cohen, S. Afshar, J. Tapson, A. van Schaik",
    ),
    "usps": Published(
        {"usps.bz2": "ec16c51db3855ca6c91edd34d0e9b197", "usps.t.bz2": "8ea070ee2aca1ac39742fdd1ef5ed118"},
        ("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",),
        parse_usps,
        "no licence stated; J. Hull 1994, from the LIBSVM collection",
    ),
}
"""By the name that `--data-set` gives them."""
OWN_IDX = replace(
    PUBLISHED["mnist"], checksums=_named_as_mnist("", "", "", ""), mirrors=(), parse=parse_idx_parts,
    licence="its owner's",
)  # fmt: skip
"""Four IDX files of one's own, named as MNIST's."""
