"""A quick way for images that are fields already: the 28x28 grey PNGs of MNIST's digits, many at a time.

Opening such a file costs Pillow ten times what its pixels do. Here its bytes are compared with the only
header that it can have, the pixels are decoded straight into their place in one array, and whether they are
fields is asked of all of them together.
"""

import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.ink.frame import FIELD_SIDE

_SIDE = FIELD_SIDE.to_bytes(4, "big")
_IHDR = b"IHDR" + _SIDE + _SIDE + bytes((8, 0, 0, 0, 0))
_BEGIN = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + _IHDR + zlib.crc32(_IHDR).to_bytes(4, "big")
_END = bytes(4) + b"IEND" + zlib.crc32(b"IEND").to_bytes(4, "big")
_DATA = len(_BEGIN) + 8
"""Where the image data begins, behind the length and the name of its chunk."""
_FRAME = _DATA + 4 + len(_END)
"""Bytes of a file beside the image data."""

_ONES = np.ones(FIELD_SIDE, dtype=np.float32)
_INDEX = np.arange(FIELD_SIDE, dtype=np.float32)


class FieldReader:
    """Room for `most` pictures, read one by one and looked at together; for one thread at a time."""

    def __init__(self, most: int) -> None:
        self.pictures: NDArray[np.uint8] = np.zeros((most, FIELD_SIDE, FIELD_SIDE), np.uint8)
        """What was read, (most, 28, 28)."""
        # Images over the memory of the array: what is decoded into one stands in the other.
        self._images = [
            Image.frombuffer("L", picture.shape, picture, "raw", "L", 0, 1) for picture in self.pictures
        ]

    def read(self, place: int, data: bytes) -> bool:
        """Read a PNG into `pictures[place]`; False if it is not one of these, whatever stands there then.

        These are 28x28, 8 bits of grey, not interlaced, with one chunk of image data and no others.
        """
        if not data.startswith(_BEGIN) or not data.endswith(_END):
            return False
        chunk = data[_DATA - 4 : -len(_END) - 4]
        if data[_DATA - 8 : _DATA - 4] != (len(data) - _FRAME).to_bytes(4, "big") or chunk[:4] != b"IDAT":
            return False
        if zlib.crc32(chunk).to_bytes(4, "big") != data[-len(_END) - 4 : -len(_END)]:
            return False
        self.pictures[place] = 0  # image data may end early: what was there before is not to be seen
        try:
            self._images[place].frombytes(chunk[4:], "zip", ("L", 0))
        except (ValueError, OSError):
            return False
        return True


def are_fields(pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of (n, 28, 28) pictures are fields, to be taken as they are, (n,).

    True only where `normalise_pixels` gives the very pixels; where it is False, that is to be asked.
    """
    ink = pictures.astype(np.float32)
    along_x, along_y = _ONES @ ink, ink @ _ONES
    mass = along_x @ _ONES
    # A pixel's width as a share of what there is: an empty picture is none in any case.
    whole = np.maximum(mass, 1)
    x, y = along_x @ _INDEX / whole, along_y @ _INDEX / whole
    reach = np.maximum(_extent(along_x), _extent(along_y))
    flat = pictures.reshape(len(pictures), -1)
    found: NDArray[np.bool_] = (
        (np.count_nonzero(flat, axis=1) < flat.shape[1] / 2)
        & (flat.max(axis=1) >= 128)
        & (reach >= 17)
        & (reach <= 22)
        & (np.abs(x - 14.0) < 1.0)
        & (np.abs(y - 14.0) < 1.0)
        # What is made of blocks of 2x2 pixels is a smaller picture, enlarged.
        & (pictures[:, 0::2] != pictures[:, 1::2]).any(axis=(1, 2))
    )
    return found


def _extent(along: NDArray[np.float32]) -> NDArray[np.int64]:
    """From the first to the last place of (n, 28) where there is ink, (n,)."""
    there = along > 0
    extent: NDArray[np.int64] = FIELD_SIDE - there[:, ::-1].argmax(axis=1) - there.argmax(axis=1)
    return extent
