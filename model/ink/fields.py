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

_INDEX = np.arange(FIELD_SIDE, dtype=np.float32)
_ONES, _NONE = np.ones_like(_INDEX), np.zeros_like(_INDEX)
_MOMENTS = np.stack([np.r_[_ONES, _NONE], np.r_[_INDEX, _NONE], np.r_[_NONE, _INDEX]], axis=1)
"""(56, 3): sums of columns and of rows to the mass, and to the mass times its centre along x and along y."""
_SUM_AND_MOMENT = np.stack([_ONES, _INDEX], axis=1)
_TWO_ROWS = 2 * FIELD_SIDE
_PAIRS = range(0, FIELD_SIDE * FIELD_SIDE, _TWO_ROWS)


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
    if len(pictures) == 1:
        return np.array([is_field(pictures[0])])
    flat = pictures.reshape(len(pictures), -1)
    # All of these sums are whole numbers below 2^24, and exact, as they are in the normaliser.
    ink = pictures.astype(np.float32)
    along = np.empty((len(pictures), 2, FIELD_SIDE), np.float32)
    np.matmul(_ONES, ink, out=along[:, 0])
    np.matmul(ink, _ONES, out=along[:, 1])
    mass, x, y = (along.reshape(-1, 2 * FIELD_SIDE) @ _MOMENTS).T
    there = along > 0
    extent = FIELD_SIDE - there[:, :, ::-1].argmax(axis=2) - there.argmax(axis=2)
    reach = np.maximum.reduce(extent, axis=1)
    found: NDArray[np.bool_] = (
        (_counts(flat != 0) < flat.shape[1] / 2)
        & (np.maximum.reduce(flat, axis=1) >= 128)
        & (reach >= 17)
        & (reach <= 22)
        & (np.abs(x - 14.0 * mass) < mass)
        & (np.abs(y - 14.0 * mass) < mass)
        # What is made of blocks of 2x2 pixels is a smaller picture, enlarged.
        & (pictures[:, 0::2] != pictures[:, 1::2]).any(axis=(1, 2))
    )
    return found


def is_field(picture: NDArray[np.uint8]) -> bool:
    """What `are_fields` says of one (28, 28) picture, for half of the price that it has there."""
    data = picture.tobytes()
    if data.isascii() or len(data) - data.count(0) >= len(data) / 2:  # ASCII ends below 128
        return False
    ink = picture.astype(np.float32)
    rows = ink.dot(_SUM_AND_MOMENT)
    columns = _SUM_AND_MOMENT.T.dot(ink)
    (mass, y), (x, _) = _SUM_AND_MOMENT.T.dot(rows).T.tolist()
    reach = max(_extent(rows[:, 0].tolist()), _extent(columns[0].tolist()))
    return (
        17 <= reach <= 22
        and abs(x - 14.0 * mass) < mass
        and abs(y - 14.0 * mass) < mass
        and any(data[at : at + FIELD_SIDE] != data[at + FIELD_SIDE : at + _TWO_ROWS] for at in _PAIRS)
    )


def _extent(sums: list[float]) -> int:
    """From the first to the last of some sums that is above 0; there is one."""
    there = bytes(map(bool, sums))
    return there.rfind(1) - there.find(1) + 1


def _counts(found: NDArray[np.bool_]) -> NDArray[np.unsignedinteger]:
    """How many are true in each row of (n, 784): eight at a time, as no byte of a sum overflows."""
    eight = np.add.reduce(found.view(np.uint64), axis=1)
    counts: NDArray[np.unsignedinteger] = np.add.reduce(eight.view(np.uint8).reshape(-1, 8), axis=1)
    return counts
