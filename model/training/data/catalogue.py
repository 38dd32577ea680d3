"""The files of the data sets that can be downloaded: their names, mirrors, and published checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from model.training.data.assembly import emnist_parts, idx_parts, mnist_parts, qmnist_parts, usps_parts
from model.training.data.parts import CLOTHING, DIGITS, Part


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


def _gz(name: str, algorithm: str, checksum: str, *mirrors: str, unpacked: bool = False) -> File:
    return File(
        f"{name}.gz", algorithm, checksum, unpacked, tuple(f"{mirror}{name}.gz" for mirror in mirrors)
    )


_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
_FASHION = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_QMNIST = "https://raw.githubusercontent.com/facebookresearch/qmnist/master/"
_EMNIST = (
    "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip",
)
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
    "mnist": Published("mnist", MNIST_FILES, mnist_parts, DIGITS, "CC BY-SA 3.0, Y. LeCun, C. Cortes"),
    "fashion-mnist": Published("fashion-mnist", (
        _gz(_TRAIN, "md5", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", _FASHION),
        _gz(_TRAIN_L, "md5", "25c81989df183df01b3e8a0aad5dffbe", _FASHION),
        _gz(_TEST, "md5", "bef4ecab320f06d8554ea6380940ec79", _FASHION),
        _gz(_TEST_L, "md5", "bb300cfdad3c16e7a12a480ee83cd310", _FASHION),
    ), idx_parts, CLOTHING, "MIT, Zalando SE"),
    "qmnist": Published("qmnist", (
        _gz("qmnist-train-images-idx3-ubyte", "md5", "ed72d4157d28c017586c42bc6afe6370", _QMNIST),
        _gz("qmnist-train-labels-idx2-int", "md5", "0058f8dd561b90ffdd0f734c6a30e5e4", _QMNIST),
        _gz("qmnist-test-images-idx3-ubyte", "md5", "1394631089c404de565df7b7aeaf9412", _QMNIST),
        _gz("qmnist-test-labels-idx2-int", "md5", "5b5b05890a5e13444e108efe57b788aa", _QMNIST),
    ), qmnist_parts, DIGITS, "BSD-style, Facebook AI Research (C. Yadav, L. Bottou)"),
    "emnist-digits": Published("emnist-digits", (
        File("gzip.zip", "md5", "58c8d27c78d21e728a6bc7b3cc06412e", mirrors=_EMNIST),
    ), emnist_parts, DIGITS, "public domain (NIST); G. Cohen, S. Afshar, J. Tapson, A. van Schaik"),
    "usps": Published("usps", (
        File("usps.bz2", "md5", "ec16c51db3855ca6c91edd34d0e9b197", mirrors=(f"{_USPS}usps.bz2",)),
        File("usps.t.bz2", "md5", "8ea070ee2aca1ac39742fdd1ef5ed118", mirrors=(f"{_USPS}usps.t.bz2",)),
    ), usps_parts, DIGITS, "no licence stated; J. Hull 1994, from the LIBSVM collection"),
}
# fmt: on
