"""Images that are fields already, the 28x28 grey PNGs of MNIST's digits among them, many at a time.

Opening such a file costs Pillow ten times as much as decoding its pixels. Here its bytes are compared with
the only header that it can have.
"""

import threading
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.ink.frame import FIELD_SIDE, Field
from model.ink.morphology import image_of
from model.parts import PNG

Box = tuple[float, float, float, float]
"""x, y, width and height."""

_SIDE = FIELD_SIDE.to_bytes(4)
_IHDR = b"IHDR" + _SIDE + _SIDE + bytes((8, 0, 0, 0, 0))
_BEGIN = PNG + (13).to_bytes(4) + _IHDR + zlib.crc32(_IHDR).to_bytes(4)
_END = bytes(4) + b"IEND" + zlib.crc32(b"IEND").to_bytes(4)
_DATA = len(_BEGIN) + 8
"""Where the image data begins, behind the length and the name of its chunk."""

_Y, _X = np.mgrid[:FIELD_SIDE, :FIELD_SIDE].reshape(2, -1, 1)
_LINES = np.arange(FIELD_SIDE)
_SUMS = np.hstack([_X == _LINES, _Y == _LINES, _X >= 0, _X - 14, _Y - 14]).astype(np.float32)
"""(784, 59): maps pixels to the sums of columns and of rows, to the mass, and to the mass times the offset
(x, y) of its centre from (14, 14)."""
_own = threading.local()
"""The image that each thread decodes into: making one takes as long as decoding one."""


def read_png(data: bytes) -> Field | None:
    """Read a PNG file of 28x28 pixels, 8 bits of grey, with one chunk of image data and no others.

    None for every other file, also one that is broken.
    """
    if not data.startswith(_BEGIN) or not data.endswith(_END):
        return None
    chunk = data[_DATA - 4 : -len(_END) - 4]
    if chunk[:4] != b"IDAT" or data[_DATA - 8 : _DATA - 4] != (len(chunk) - 4).to_bytes(4):
        return None
    if zlib.crc32(chunk).to_bytes(4) != data[-len(_END) - 4 : -len(_END)]:
        return None
    try:
        return _decoded(chunk[4:])
    except (ValueError, OSError):
        return None


def _decoded(data: bytes) -> Field:
    """Decode a zlib stream of filtered rows; pixels that are missing are black."""
    if not hasattr(_own, "image"):
        _own.pixels = np.zeros((FIELD_SIDE, FIELD_SIDE), np.uint8)
        _own.image = image_of(_own.pixels)  # it shares the array's memory
    _own.pixels[:] = 0
    _own.image.frombytes(data, "zip", ("L", 0))
    return np.array(_own.pixels)


def boxes_of_fields(pictures: Sequence[NDArray[np.uint8]]) -> list[Box | None]:
    """The box of the ink of each (28, 28) picture that is a field already; None for the others.

    A field has a black background and a digit framed as MNIST's are.
    """
    data = [picture.tobytes() for picture in pictures]
    pixels = np.frombuffer(b"".join(data), np.uint8).reshape(-1, FIELD_SIDE * FIELD_SIDE)
    sums = pixels.astype(np.float32) @ _SUMS  # whole numbers below 2^24, and exact
    there = [lines.tobytes() for lines in sums[:, : 2 * FIELD_SIDE] > 0]
    moments = sums[:, 2 * FIELD_SIDE :].tolist()
    return [_box(*each, *three) for *each, three in zip(data, there, moments, strict=True)]


def _box(pixels: bytes, there: bytes, mass: float, x: float, y: float) -> Box | None:
    """The box of a field's ink; None if it is not a field.

    The bytes of `there` say for each column, and then for each row, whether it has ink; x and y are the mass
    times how far its centre lies right of and below (14, 14).
    """
    # Half of a field is black, which rules out inverted images; grey paper and noise have no pure black.
    if pixels.isascii() or pixels.count(0) <= len(pixels) / 2:  # ASCII ends below 128
        return None
    columns, rows = there[:FIELD_SIDE], there[FIELD_SIDE : 2 * FIELD_SIDE]
    left, top = columns.find(1), rows.find(1)
    width, height = columns.rfind(1) + 1 - left, rows.rfind(1) + 1 - top
    if not 17 <= max(width, height) <= 22 or abs(x) >= mass or abs(y) >= mass:
        return None
    return float(left), float(top), float(width), float(height)
