"""A data set of one's own: images sorted into folders by their label."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model.ink import InkError, normalise_image
from model.recognition.files import is_image
from model.training.data.datasets import DIGITS, DataSet, Part
from model.training.data.idx import DataError, read_bytes
from model.training.data.split import stratified_split


def load_folder(folder: Path) -> DataSet:
    """Images of one's own, in folders named 0 to 9; a tenth of each class, by a fixed draw, is the test part.

    Raises `DataError` as `load_images` does, or if a class has no images.
    """
    for label, paths in enumerate(images_by_label(folder)):
        if not paths:
            raise DataError(f"{folder / str(label)}: no images; a folder for each digit, 0 to 9, is wanted")
    whole = load_images(folder)
    train, test = stratified_split(whole.labels, 0.1)
    return DataSet("folder", whole.take(train), whole.take(test), DIGITS, "its owner's", verified=False)


def load_images(folder: Path) -> Part:
    """All images in folders named 0 to 9, of which some may be empty or missing.

    Every image goes through the same normaliser as an upload. What is hidden, or has no image's name, is
    passed over. Raises `DataError` for an image that cannot be read, or if there is none.
    """
    images, labels = [], []
    for label, paths in enumerate(images_by_label(folder)):
        for path in paths:
            try:
                images.append(normalise_image(read_bytes(path)).field)
            except InkError as error:
                raise DataError(f"{path}: {error}") from None
            labels.append(label)
    if not images:
        raise DataError(f"{folder}: no images in folders 0 to 9")
    return Part(np.stack(images), np.array(labels, np.int64))


def images_by_label(folder: Path) -> list[list[Path]]:
    """The files of each digit's images, in the order of their names."""
    return [sorted(filter(is_image, (folder / str(label)).glob("*"))) for label in range(10)]
