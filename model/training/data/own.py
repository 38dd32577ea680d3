"""Images of one's own: .npz files of fields and labels, and pictures sorted into folders by label.

An .npz file holds `images` (n,28,28) uint8, white ink on black, and `labels` (n,) of 0 to 9, or -1 for what
is no digit. It may hold `kinds` (n,) and `names`, the kind of each image. The generator writes such files.
"""

import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np

from model.files import is_image
from model.ink import InkError
from model.recognition import Recogniser
from model.training.data.idx import read_bytes
from model.training.data.images import (
    DIGITS,
    NO_DIGIT,
    DataError,
    DataSet,
    LabelledImages,
    checked_images,
    labelled,
    stratified_split,
)


def load_npz(path: Path) -> LabelledImages:
    """Load the images of an .npz file, grouped by kind. Raises `DataError` with one line."""
    content = BytesIO(read_bytes(path))
    if not zipfile.is_zipfile(content):
        raise DataError(f"{path}: not an .npz file, as `numpy.savez` writes it")
    try:
        with np.load(content, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        raise DataError(f"{path}: not a readable .npz file: damaged, or not of numbers") from None
    if not {"images", "labels"} <= arrays.keys():
        raise DataError(f"{path}: has no `images` and `labels`")
    images = checked_images(arrays["images"], str(path))
    found = labelled(images, arrays["labels"], str(path), lowest=NO_DIGIT)
    if "kinds" in arrays and "names" in arrays and arrays["kinds"].shape == found.labels.shape:
        names = tuple(map(str, arrays["names"]))
        return LabelledImages(images, found.labels, arrays["kinds"].astype(np.int64), names)
    return found


def load_folder(folder: Path, recogniser: Recogniser) -> DataSet:
    """Load images from folders named 0 to 9; a tenth of each class, by a fixed draw, is the test part.

    Raises `DataError` as `load_images` does, or if a class has no images.
    """
    for label, paths in enumerate(images_by_label(folder)):
        if not paths:
            raise DataError(f"{folder / str(label)}: no images; a folder for each digit, 0 to 9, is wanted")
    whole = load_images(folder, recogniser)
    train, test = stratified_split(whole.labels, 0.1)
    return DataSet("folder", whole.take(train), whole.take(test), DIGITS, "its owner's", verified=False)


def load_images(folder: Path, recogniser: Recogniser) -> LabelledImages:
    """Load all images in folders named 0 to 9, of which some may be empty or missing.

    Each image is read as an upload is: the recogniser chooses the field of a doubtful one. Hidden files, and
    files without an image's name, are skipped. Raises `DataError` for an image that cannot be read, or if
    there is none.
    """
    files = [(path, label) for label, paths in enumerate(images_by_label(folder)) for path in paths]
    if not files:
        raise DataError(f"{folder}: no images in folders 0 to 9")
    fields = []
    for path, _ in files:
        (answer,) = recogniser.recognise([read_bytes(path)])
        if isinstance(answer, InkError):
            raise DataError(f"{path}: {answer}")
        fields.append(answer.ink.field)
    return LabelledImages(np.stack(fields), np.array([label for _, label in files], np.int64))


def images_by_label(folder: Path) -> list[list[Path]]:
    """The files of each digit's images, in the order of their names."""
    return [sorted(filter(is_image, (folder / str(label)).glob("*"))) for label in range(10)]
