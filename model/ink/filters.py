"""The filters of PNG's rows undone (PNG specification, third edition, section 9), for one byte a pixel.

Pillow does it, given a small grey image in which nothing is compressed.
"""

import numpy as np
from deflate import adler32
from numpy.typing import NDArray

from model.ink.pillow import image_of

Plane = NDArray[np.uint8]

NONE, SUB, UP, AVERAGE, PAETH = range(5)
FILTERS = bytes((NONE, SUB, UP, AVERAGE, PAETH))

_LARGEST_BLOCK = 65_535
"""Bytes that a stored block has at the most (RFC 1951, section 3.2.4)."""


def undone(filters: bytearray, some: Plane, above: int, beside: Plane | None = None) -> Plane:
    """Filtered bytes (h, w), each row with its filter, as they were before: (h, w).

    Args:
        filters: (h,).
        some: The filtered bytes, which may be written over.
        above: The level of the row above, and of what is left of that.
        beside: (h,) filtered bytes to the left; without them nothing is there.
    """
    height, width = some.shape
    if filters.count(UP) == height:  # as Chromium writes them
        some[0] += np.uint8(above)
        return np.add.accumulate(some, axis=0, dtype=np.uint8)
    more = 0 if beside is None else 1
    rows = np.empty((height + 1, 1 + more + width), np.uint8)
    rows[0, 0], rows[0, 1:] = NONE, above
    rows[1:, 0] = np.frombuffer(filters, np.uint8)
    if beside is not None:
        rows[1:, 1] = beside
    rows[1:, 1 + more :] = some
    whole = np.empty((height + 1, more + width), np.uint8)
    # What is decoded into an image stands in the array that lends it its memory.
    image_of(whole).frombytes(_stored(rows.tobytes()), "zip", ("L", 0))
    return whole[1:, more:]


def _stored(data: bytes) -> bytes:
    """A zlib stream (RFC 1950) in which nothing is compressed."""
    parts = [b"\x78\x01"]
    for at in range(0, len(data), _LARGEST_BLOCK):
        block = data[at : at + _LARGEST_BLOCK]
        last, size = at + _LARGEST_BLOCK >= len(data), len(block)
        parts += bytes([last]), size.to_bytes(2, "little"), (size ^ 0xFFFF).to_bytes(2, "little"), block
    parts.append(adler32(data).to_bytes(4, "big"))
    return b"".join(parts)
