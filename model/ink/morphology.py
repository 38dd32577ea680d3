"""Boxes and borders of (H, W) masks, which `scipy.ndimage` lacks; arrays to Pillow's images and back."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

EIGHT: Mask = ndimage.generate_binary_structure(2, 2)
"""The structure of level, upright and diagonal neighbours (8-connectivity)."""


def image_of(grey: Bytes) -> Image.Image:
    """An image that shares the memory of a (H, W) array if that is contiguous, or else of a copy.

    It takes half the time of `Image.fromarray`.
    """
    height, width = grey.shape
    return Image.frombuffer("L", (width, height), np.ascontiguousarray(grey), "raw", "L", 0, 1)


def grey_of(image: Image.Image) -> Bytes:
    """The (H, W) pixels of an image of mode L, not to be written to."""
    return np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, image.width)


def bounding_box(mask: Mask) -> tuple[slice, slice] | None:
    """The rows and columns from the first to the last with a pixel that is set; None if no pixel is."""
    # Searching the bytes from either end stops at the first hit, so that no row is read needlessly.
    everything, width = mask.tobytes(), mask.shape[1]
    first = everything.find(1)
    if first < 0:
        return None
    rows = slice(first // width, everything.rfind(1) // width + 1)
    columns = np.logical_or.reduce(mask[rows], axis=0).tobytes()
    return rows, slice(columns.find(1), columns.rfind(1) + 1)


def border(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """The outermost pixels (n,); those of a single row or column are given twice."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def widened(mask: Mask) -> Mask:
    """A (H, W) mask grown by a pixel in all eight directions."""
    wide = np.pad(mask, 1)
    rows = wide[:, :-2] | wide[:, 1:-1] | wide[:, 2:]
    return np.asarray(rows[:-2] | rows[1:-1] | rows[2:])
