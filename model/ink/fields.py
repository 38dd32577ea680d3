"""Images that are fields already, the 28x28 grey PNGs of MNIST's digits among them, many at a time.

Opening such a file costs Pillow ten times what its pixels do. Here its bytes are compared with the only
header that it can have, and the pixels are decoded straight into an array.
"""

import threading
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.ink.frame import FIELD_SIDE, Field
from model.ink.parts import PNG
from model.ink.pillow import image_of

Box = tuple[float, float, float, float]
"""x, y, width and height."""

_SIDE = FIELD_SIDE.to_bytes(4)
_IHDR = b"IHDR" + _SIDE + _SIDE + bytes((8, 0, 0, 0, 0))
_BEGIN = PNG + (13).to_bytes(4) + _IHDR + zlib.crc32(_IHDR).to_bytes(4)
_END = bytes(4) + b"IEND" + zlib.crc32(b"IEND").to_bytes(4)
_DATA = len(_BEGIN) + 8
"""Where the image data begins, behind the length and the name of its chunk."""
_FRAME = _DATA + 4 + len(_END)
"""Bytes of a file beside the image data."""

_MOMENTS = np.stack([np.ones(FIELD_SIDE), np.arange(FIELD_SIDE) - 14.0], axis=1).astype(np.float32)
"""(28, 2): amounts along an axis to their sum, and to that sum times how far from 14 their centre lies."""


class _Slot(threading.local):
    """An image that each thread decodes into: to make one takes as long as to decode one."""

    def __init__(self) -> None:
        self._pixels = np.zeros((FIELD_SIDE, FIELD_SIDE), np.uint8)
        self._image = image_of(self._pixels)  # it stands in the memory of the array

    def decoded(self, data: bytes) -> Field:
        """The pixels in a zlib stream of filtered rows; those that are missing are black."""
        self._pixels[:] = 0
        self._image.frombytes(data, "zip", ("L", 0))
        return self._pixels.copy()


_slot = _Slot()


def read_png(data: bytes) -> Field | None:
    """Read a PNG file of 28x28 pixels, 8 bits of grey, with one chunk of image data and no others.

    None for every other file, also one that is broken.
    """
    if not data.startswith(_BEGIN) or not data.endswith(_END):
        return None
    chunk = data[_DATA - 4 : -len(_END) - 4]
    if data[_DATA - 8 : _DATA - 4] != (len(data) - _FRAME).to_bytes(4) or chunk[:4] != b"IDAT":
        return None
    if zlib.crc32(chunk).to_bytes(4) != data[-len(_END) - 4 : -len(_END)]:
        return None
    try:
        return _slot.decoded(chunk[4:])
    except (ValueError, OSError):
        return None


def boxes_of_fields(pictures: Sequence[NDArray[np.uint8]]) -> list[Box | None]:
    """The box of the ink of each (28, 28) picture that is a field already: None for the others.

    A field has a black background and a digit framed as MNIST's are. What is made of blocks of 2x2 pixels is
    a smaller picture, enlarged.
    """
    if not pictures:
        return []
    several = np.stack(pictures)
    # All of these sums are whole numbers below 2^24, and exact.
    ink = several.astype(np.float32)
    along = np.empty((len(several), 2, FIELD_SIDE), np.float32)
    np.matmul(_MOMENTS[:, 0], ink, out=along[:, 0])
    np.matmul(ink, _MOMENTS[:, 0], out=along[:, 1])
    there = along > 0
    first = there.argmax(axis=2)
    length = FIELD_SIDE - there[:, :, ::-1].argmax(axis=2) - first
    longer = np.maximum.reduce(length, axis=1)
    sums = along @ _MOMENTS
    flat = several.reshape(len(several), -1)
    fields = (
        # Half of it is black, which rules out what is inverted; grey paper or noise has no pure black.
        ((flat > 0).sum(axis=1, dtype=np.uint16) < flat.shape[1] / 2)
        & (np.maximum.reduce(flat, axis=1) >= 128)
        & (longer >= 17)
        & (longer <= 22)
        & (np.abs(sums[:, :, 1]) < sums[:, :, 0]).all(axis=1)
        & (several[:, 0::2] != several[:, 1::2]).any(axis=(1, 2))
    )
    boxes = np.concatenate([first, length], axis=1).astype(np.float64).tolist()
    return [tuple(box) if field else None for box, field in zip(boxes, fields.tolist(), strict=True)]
