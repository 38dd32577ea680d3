"""Labelled images, the data sets made of them, and the split into training and validation images."""

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

DIGITS = tuple("0123456789")
NO_DIGIT = -1
"""The label of an image that is no digit: it teaches the digit head alone."""
SPLIT_SEED = 1998
VALIDATION_SHARE = 5_000 / 60_000


class DataError(ValueError):
    """Data that must not be used: missing, damaged, incomplete, or not what it should be."""


@dataclass(frozen=True, slots=True)
class LabelledImages:
    """Images (n,28,28) uint8, white ink (255) on black (0); labels (n,) int64, 0 to 9 or `NO_DIGIT`.

    `groups` (n,) int64, if given, has the number of each image's writer, or of its kind in the generator.
    `group_names` names these numbers, where they have names.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64] | None = None
    group_names: tuple[str, ...] | None = None

    def __len__(self) -> int:
        """The number of images."""
        return len(self.labels)

    def take(self, index: NDArray[np.integer]) -> Self:
        """The images of `index`, in its order."""
        groups = None if self.groups is None else self.groups[index]
        return replace(self, images=self.images[index], labels=self.labels[index], groups=groups)

    def first(self, n: int) -> Self:
        """The first `n` images, or all where there are fewer."""
        return self.take(np.arange(min(n, len(self))))


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set: its training part and its test part.

    `verified` says that every file had the published checksum. `files` are the SHA-256 sums of the
    files' unpacked content, for the record.
    """

    name: str
    train: LabelledImages
    test: LabelledImages
    classes: tuple[str, ...]
    licence: str
    verified: bool
    files: dict[str, str] = field(default_factory=dict)

    def split(self) -> tuple[LabelledImages, LabelledImages]:
        """The images of the training part to learn from, and those to choose by: see `stratified_split`."""
        training, validation = stratified_split(self.train.labels)
        return self.train.take(training), self.train.take(validation)


def checked_images(array: NDArray[np.generic], name: str) -> NDArray[np.uint8]:
    """`array` as images (n,28,28) uint8; `DataError`, with `name`, if it is something else."""
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[1:] != (28, 28):
        raise DataError(f"{name}: {array.dtype} {array.shape} are not 28x28 images of bytes")
    return array.astype(np.uint8, copy=False)


def labelled(
    images: NDArray[np.uint8], labels: NDArray[np.generic], name: str, *, lowest: int = 0
) -> LabelledImages:
    """Images with their labels, from `lowest` to 9; `DataError`, with `name`, if they do not fit together."""
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise DataError(f"{name}: {len(images):,} images but labels {labels.dtype} {labels.shape}")
    if len(labels) == 0:
        raise DataError(f"{name}: no images")
    whole = labels.astype(np.int64)
    if whole.min() < lowest or whole.max() > 9:
        raise DataError(f"{name}: labels from {whole.min()} to {whole.max()}, where {lowest} to 9 are wanted")
    return LabelledImages(images, whole)


def stratified_split(
    labels: NDArray[np.integer], share: float = VALIDATION_SHARE, seed: int = SPLIT_SEED
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sorted indices (training, validation) of `labels` (n,), with `share` of each class held out.

    The split does not depend on a run's seed, so that every run chooses on the same images. Where
    rounding falls short, the classes with the largest remainders give one more: 5,000 of 60,000 labels.
    """
    classes, counts = np.unique(labels, return_counts=True)
    taken = largest_remainders(counts * share, round(len(labels) * share))
    random = np.random.default_rng(seed)
    chosen = [
        random.permutation(np.flatnonzero(labels == label))[:n]
        for label, n in zip(classes, taken, strict=True)
    ]
    validation = np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, np.int64)
    training = np.setdiff1d(np.arange(len(labels)), validation)
    return training, validation


def largest_remainders(exact: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Round shares (n,) to whole numbers with the sum `total`: down, but up for the largest remainders."""
    whole = np.floor(exact).astype(np.int64)
    for i in np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]:
        whole[i] += 1
    return whole
