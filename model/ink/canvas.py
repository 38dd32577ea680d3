"""PNG files of drawing canvases, read quickly: RGBA without colour, drawn on white or transparent paper.

Pillow spends most of its time inflating such a file; libdeflate is ten times as fast. As red, green and blue
are equal, only one of them is read, and only the part of it in which PNG's filters (third edition, section 9)
left anything. All other files, broken ones above all, are left to Pillow.
"""

from functools import lru_cache
from struct import Struct
from typing import NamedTuple

import numpy as np
from deflate import DeflateError, crc32, zlib_compress, zlib_decompress
from numpy.typing import NDArray

from model.ink.colour import laid
from model.ink.morphology import image_of
from model.parts import PNG

Plane = NDArray[np.uint8]

LEAST_PIXELS, LARGEST = 64 * 64, 512
"""Pillow is as fast up to this many pixels; a picture with a longer side (pixels) is averaged down first."""

_HEADER, _RGBA = PNG + b"\x00\x00\x00\x0dIHDR", bytes((8, 6, 0, 0, 0))
"""How the header begins, and how it ends after the size: 8 bits, RGBA, not interlaced."""
_CHUNK = Struct(">I4s")
"""The beginning of a chunk: its length and its kind."""
_HARMLESS = frozenset({b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"sBIT", b"bKGD", b"tIME"})
"""The kinds of chunks that do not change the pixels that Pillow gives."""
_FILTERS = _NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)
_GREY, _ALPHA, _OPAQUE = 0, 3, 255
"""The channels that are read (red stands for all three colours), and the alpha of an opaque pixel."""


class Canvas(NamedTuple):
    """A grey picture of `shape` (H, W) that is paper of one level except for a `part` (h, w)."""

    part: Plane
    left: int
    """Where the part begins in the picture (pixels)."""
    top: int
    shape: tuple[int, int]
    paper: int
    """The level outside of the part."""


def read_canvas(data: bytes) -> Canvas | None:
    """Read a canvas's PNG file, laid on paper where it is transparent; None for every other file."""
    if not data.startswith(_HEADER) or data[24:29] != _RGBA:
        return None
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if width * height <= LEAST_PIXELS or max(width, height) > LARGEST:
        return None
    row = 1 + 4 * width
    try:
        inflated = zlib_decompress(_image_data(data), height * row)
    except DeflateError:
        return None
    filters = inflated[::row]
    if len(inflated) != height * row or filters.translate(None, bytes(_FILTERS)):
        return None
    rows = np.frombuffer(inflated, np.uint8).reshape(height, row)
    if _NONE in filters and any(inflated[1:5]):  # paper in unfiltered rows is not 0: filter them by Sub
        plain = (rows[:, 0] == _NONE).nonzero()[0]
        rows[plain, 5:] -= rows[plain, 1:-4]
        filters = filters.replace(bytes([_NONE]), bytes([_SUB]))
    return _canvas(rows, filters) if _has_paper(inflated, filters, row) else None


def _image_data(data: bytes) -> bytes:
    """The compressed stream; empty if a chunk is missing, spoiled, or could change the picture."""
    at = len(PNG)
    parts: list[bytes] = []
    while at + 12 <= len(data):
        length, kind = _CHUNK.unpack_from(data, at)
        end = at + 8 + length
        if end + 4 > len(data) or crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4]):
            break
        if kind == b"IDAT":
            parts.append(data[at + 8 : end])
        elif kind == b"IEND":
            return b"".join(parts)
        elif kind not in _HARMLESS and at != len(PNG):
            break
        at = end + 4
    return b""


def _has_paper(inflated: bytearray, filters: bytearray, row: int) -> bool:
    """Whether the first row and the first column of a picture are paper of one grey.

    A filter predicts a pixel from those to the left, above and above left. From three equal ones it predicts
    the same again, so a 0 next to paper is paper too.
    """
    paper = inflated[1:5]
    if paper[0] != paper[1] or paper[0] != paper[2]:
        return False
    for channel, level in enumerate(paper):
        column = filters.translate(_left_of_paper(level))
        column[0] = level  # nothing is above
        if inflated[1 + channel :: row] != column:
            return False
    left = {_SUB: bytes(4), _PAETH: bytes(4), _AVERAGE: bytes(level - level // 2 for level in paper)}
    return inflated[5:row] == left.get(filters[0], paper) * (row // 4 - 1)


@lru_cache(maxsize=512)
def _left_of_paper(level: int) -> bytes:
    """What each filter leaves of a row's first pixel if it is paper below paper: a table for `translate`."""
    return bytes((level, level, 0, level - level // 2, 0)) + bytes(251)


def _canvas(rows: Plane, filters: bytearray) -> Canvas | None:
    """Undo the filters of (H, 1 + 4 W) rows of a picture that begins with paper.

    None if nothing is drawn, if the picture has colour, or if it does not end in paper.
    """
    height, width = len(rows), rows.shape[1] // 4
    paper = rows[0, 1:5].tolist()
    # The part where the filters left anything, with one row and one column more, which must be paper again.
    lines = np.bitwise_or.reduce(rows[1:, 5:], axis=1).nonzero()[0]
    left = np.bitwise_or.reduce(rows[1:], axis=0)[5:].view("<u4")
    columns = left.nonzero()[0]
    if columns.size == 0:
        return None
    down = slice(int(lines[0]) + 1, min(int(lines[-1]) + 3, height))
    across = slice(int(columns[0]) + 1, min(int(columns[-1]) + 3, width))
    pixels = np.ascontiguousarray(rows[down, 4 * across.start + 1 : 4 * across.stop + 1]).view("<u4")
    everything = int(np.bitwise_or.reduce(left))
    # A filter treats each channel by itself, so that equal channels stay equal.
    if everything & 0xFFFFFF and np.bitwise_or.reduce(pixels >> 8 ^ pixels, axis=None) & 0xFFFF:
        return None
    planes: list[Plane] = []
    for channel in (_GREY, _ALPHA):
        level, shift = paper[channel], 8 * channel
        if not everything >> shift & 255:
            planes.append(np.full(pixels.shape, level, np.uint8))
            continue
        plane = _undone(filters[down], (pixels >> shift).astype(np.uint8), level)
        if (across.stop < width and (plane[:, -1] != level).any()) or (
            down.stop < height and (plane[-1] != level).any()
        ):
            return None
        planes.append(plane)
    grey, alpha = planes
    place, shape = (across.start, down.start), (height, width)
    if paper[_ALPHA] == _OPAQUE:
        return Canvas(grey, *place, shape, paper[_GREY]) if int(alpha.min()) == _OPAQUE else None
    if any(paper) or not alpha.any():
        return None
    part, level = laid(grey, alpha, height * width)
    return Canvas(part, *place, shape, int(level))


def _undone(filters: bytearray, plane: Plane, level: int) -> Plane:
    """Undo the filters of a part (h, w) of a picture with paper of `level` above it and to its left.

    Pillow does the work: it decodes the part as a small grey image that is not compressed.
    """
    height, width = plane.shape
    if filters.count(_UP) == height:  # as Chromium writes them
        plane[0] += np.uint8(level)
        return np.add.accumulate(plane, axis=0, dtype=np.uint8)
    rows = np.empty((height + 1, width + 2), np.uint8)
    rows[0, 0], rows[0, 1:] = _NONE, level
    rows[1:, 0] = np.frombuffer(filters, np.uint8)
    rows[1:, 1] = np.frombuffer(filters.translate(_left_of_paper(level)), np.uint8)
    rows[1:, 2:] = plane
    whole = np.empty((height + 1, width + 1), np.uint8)
    # The image shares the array's memory.
    image_of(whole).frombytes(bytes(zlib_compress(rows.tobytes(), 0)), "zip", ("L", 0))
    return whole[1:, 1:]
