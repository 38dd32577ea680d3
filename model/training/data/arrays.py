"""Further images to learn from or to watch: .npz files of fields and labels.

Such a file holds `images` (n,28,28) uint8, white ink on black, and `labels` (n,) of 0 to 9, or -1 for what
is no digit; it may hold `kinds` (n,) and `names`, what sort of image each is. The generator writes them,
and corrections of one's own can come as one.
"""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np

from model.training.data.datasets import Part
from model.training.data.idx import DataError, read_bytes
from model.training.data.sources import NO_DIGIT, Source


def load_part(path: Path) -> Part:
    """The images of an .npz file, their kinds in place of writers. Raises `DataError` with one line."""
    content = BytesIO(read_bytes(path))
    if not zipfile.is_zipfile(content):
        raise DataError(f"{path}: not an .npz file, as `numpy.savez` writes it")
    try:
        with np.load(content, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        raise DataError(f"{path}: not an .npz file that can be read: damaged, or not of numbers") from None
    if not {"images", "labels"} <= arrays.keys():
        raise DataError(f"{path}: has no `images` and `labels`")
    images, labels = arrays["images"], arrays["labels"]
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise DataError(f"{path}: {images.dtype} {images.shape} are not 28x28 images of bytes")
    if labels.shape != (len(images),) or len(labels) == 0 or labels.dtype.kind not in "iu":
        raise DataError(f"{path}: {len(images):,} images but labels {labels.dtype} {labels.shape}")
    labels = labels.astype(np.int64)
    if labels.min() < NO_DIGIT or labels.max() > 9:
        raise DataError(f"{path}: labels from {labels.min()} to {labels.max()}, where -1 to 9 are wanted")
    if "kinds" in arrays and "names" in arrays and arrays["kinds"].shape == labels.shape:
        return Part(images, labels, arrays["kinds"].astype(np.int64), tuple(map(str, arrays["names"])))
    return Part(images, labels)


def load_source(asked: str, *, distort: bool) -> Source:
    """The source that `--mix PATH` or `--mix PATH=WEIGHT` asks for; `DataError` with one line."""
    name, _, weight = asked.partition("=")
    try:
        share = float(weight) if weight else 1.0
    except ValueError:
        share = 0.0
    if not share > 0:
        raise DataError(f"--mix {asked}: '{weight}' is not a weight above 0")
    part = load_part(Path(name))
    return Source(Path(name).stem, part.images[None], part.labels, share, distort)
