"""What a data set is: images with their labels, in a training and a test part."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

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
