"""A quick way through the PNGs that drawing canvases make: RGBA without colour, on a clear or a white sheet.

Such a file holds 4 bytes for each pixel and next to no information: Pillow spends most of its time on the
inflation. libdeflate inflates it ten times sooner. One plane stands for three that are equal, and of that
only the part in which the filters (PNG specification, third edition, section 9) left anything has to be
undone: Pillow does that, of a small grey image in which nothing is compressed. Whatever is not plainly of
this kind is left to Pillow altogether, broken files above all.
"""

from functools import lru_cache
from struct import Struct
from typing import NamedTuple

import numpy as np
from deflate import DeflateError, crc32, zlib_decompress
from numpy.typing import NDArray

from model.ink.clear import LARGEST, laid
from model.ink.filters import FILTERS, NONE, SUB, undone
from model.ink.sheet import Sheet

Plane = NDArray[np.uint8]
Pixels = NDArray[np.uint32]

LEAST_PIXELS, MOST_PIXELS = 64 * 64, 1024 * 1024
"""Smaller files are no slower with Pillow; larger ones are photographs."""

_HARMLESS = frozenset({b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"sBIT", b"bKGD", b"tIME"})
"""Chunks that change nothing of what Pillow gives."""

_RGBA = 6
_CHUNK = Struct(">I4s")
"""What a chunk begins with: its length and its kind."""
_GREY, _ALPHA = 0, 3
"""Channels; of equal ones red stands for all."""
_GROUP = 16
"""Rows that are looked at together first."""
_ANYTHING = 0xFFFFFFFF


class _Part(NamedTuple):
    """The part of filtered pixels in which a picture is drawn."""

    rows: slice
    columns: slice
    paper: bytes | None
    """A pixel of what is outside, there is some to the left and above; None where the part is everything."""
    left: int
    """The bits that are set in any of the part's pixels, as the filters left them."""

    def level(self, channel: int) -> int:
        """The paper's level in a channel."""
        return 0 if self.paper is None else self.paper[channel]


def grey_canvas(data: bytes) -> Plane | None:
    """The (H, W) grey pixels of an 8-bit RGBA PNG without colour, laid on paper where it is see-through.

    None for every other file, also one that is broken, or a large one that is see-through.
    """
    sheet = canvas_sheet(data)
    return sheet.whole() if sheet is not None and sheet.final else None


def canvas_sheet(data: bytes) -> Sheet | None:
    """What `grey_canvas` gives; only the part that is not paper is decoded, where that can be told."""
    size = _size(data)
    stream = None if size is None else _image_data(data)
    if size is None or stream is None:
        return None
    width, height = size
    row = 1 + 4 * width
    try:
        inflated = zlib_decompress(stream, height * row)
    except DeflateError:
        return None
    return _picture(inflated, height, row) if len(inflated) == height * row else None


def _picture(inflated: bytearray, height: int, row: int) -> Sheet | None:
    """The picture in so many filtered rows of so many bytes, each of which begins with its filter."""
    filters = inflated[::row]
    if filters.translate(None, FILTERS):
        return None
    rows = np.frombuffer(inflated, np.uint8).reshape(height, row)
    if NONE in filters and any(inflated[1:5]):
        # Without a filter paper is not predicted either. What Sub would leave of such a row says as much.
        plain = (np.frombuffer(filters, np.uint8) == NONE).nonzero()[0]
        rows[plain, 5:] -= rows[plain, 1:-4]
        filters = filters.replace(bytes([NONE]), bytes([SUB]))
    part = _part(inflated, rows, filters)
    if part is not None:
        sheet, known = _decoded(rows, filters, part)
        if known:
            return sheet
    everything = _Part(slice(0, height), slice(0, row // 4), None, _ANYTHING)
    return _decoded(rows, filters, everything)[0]


def _decoded(rows: Plane, filters: bytearray, part: _Part) -> tuple[Sheet | None, bool]:
    """The picture if it is one of these, and whether that is known: False if the part is not all of it."""
    shape = len(rows), rows.shape[1] // 4
    some = _pixels(rows, part)
    # A filter works on each channel by itself: planes that are equal before are equal after.
    if part.left & 0xFFFFFF and _has_colour(some):
        return None, True
    grey, alpha = _plane(some, filters, part, _GREY), _plane(some, filters, part, _ALPHA)
    if not (_ends(grey, part, shape, _GREY) and _ends(alpha, part, shape, _ALPHA)):
        return None, False
    return _laid(grey, alpha, part, shape), True


def _part(inflated: bytearray, rows: Plane, filters: bytearray) -> _Part | None:
    """Where something is drawn on paper of one grey, if that can be told from what the filters left.

    They predict from the pixels to the left, above and above left, and of three that are equal they predict
    the same again: 0 beside paper is paper. A row and a column of paper more are in the part, so that it can
    be seen to end.
    """
    row = rows.shape[1]
    paper = bytes(inflated[1:5])
    grey, alpha = paper[_GREY], paper[_ALPHA]
    if inflated[2:4] != inflated[1:2] * 2:
        return None
    first = filters.translate(_left_of_paper(grey))
    first[0] = grey  # nothing is above
    if not inflated[1::row] == inflated[2::row] == inflated[3::row] == first:
        return None
    first = filters.translate(_left_of_paper(alpha))
    first[0] = alpha
    if inflated[4::row] != first:
        return None
    tops = (_left_of_paper(level, above=False)[filters[0]] for level in (grey, grey, grey, alpha))
    if inflated[5:row] != bytes(tops) * (row // 4 - 1):
        return None
    return _drawn_part(rows, paper)


def _drawn_part(rows: Plane, paper: bytes) -> _Part:
    """The part of (H, 1 + 4 W) rows in which the filters left anything, below and right of paper."""
    height, row = rows.shape
    groups = _by_groups(rows)
    # Whole rows of bytes: numpy takes several times as long for numbers that stand at odd places.
    left = np.bitwise_or.reduce(groups, axis=0)[5:].view("<u4")
    columns = left.nonzero()[0]
    if columns.size == 0:
        return _Part(slice(0, 1), slice(0, 1), paper, 0)
    across = slice(int(columns[0]) + 1, min(int(columns[-1]) + 3, row // 4))
    there = slice(4 * across.start + 1, 4 * across.stop + 1)
    drawn = np.bitwise_or.reduce(groups[:, there], axis=1).nonzero()[0]
    begin, end = 1 + _GROUP * int(drawn[0]), 1 + _GROUP * int(drawn[-1])
    first = np.bitwise_or.reduce(rows[begin : begin + _GROUP, there], axis=1).nonzero()[0]
    last = np.bitwise_or.reduce(rows[end : end + _GROUP, there], axis=1).nonzero()[0]
    down = slice(begin + int(first[0]), min(end + int(last[-1]) + 2, height))
    return _Part(down, across, paper, int(np.bitwise_or.reduce(left)))


def _by_groups(rows: Plane) -> Plane:
    """The bits set in any of so many rows, the first row apart: it is done once, for rows and for columns."""
    whole, rest = divmod(len(rows) - 1, _GROUP)
    groups = np.zeros((whole + 1, rows.shape[1]), np.uint8)
    end = 1 + whole * _GROUP
    np.bitwise_or.reduce(rows[1:end].reshape(whole, _GROUP, rows.shape[1]), axis=1, out=groups[:-1])
    if rest:
        np.bitwise_or.reduce(rows[end:], axis=0, out=groups[-1])
    return groups


@lru_cache(maxsize=512)
def _left_of_paper(level: int, *, above: bool = True) -> bytes:
    """Of each filter, what it leaves of paper below nothing but paper, or (not `above`) right of it."""
    half = level - level // 2
    return bytes((level, level, 0, half, 0) if above else (level, 0, level, half, 0)) + bytes(251)


def _pixels(rows: Plane, part: _Part) -> Pixels:
    """Filtered pixels (h, w): red, green, blue and alpha from the lowest byte to the highest."""
    columns = part.columns
    some = np.ascontiguousarray(rows[part.rows, 4 * columns.start + 1 : 4 * columns.stop + 1])
    return some.view("<u4").astype(np.uint32, copy=False)


def _has_colour(pixels: Pixels) -> bool:
    """Whether red, green and blue of some pixel differ."""
    differs = pixels >> 8
    differs ^= pixels
    return bool(np.bitwise_or.reduce(differs, axis=None) & 0xFFFF)


def _plane(some: Pixels, filters: bytearray, part: _Part, channel: int) -> Plane | None:
    """One channel of the part, its filters undone: (h, w); None where it is paper all over."""
    shift = 8 * channel
    if not part.left >> shift & 255:
        return None
    level, kinds = part.level(channel), filters[part.rows]
    plane = (some >> shift if shift else some).astype(np.uint8)
    if part.paper is None:
        return undone(kinds, plane, 0)
    beside = np.frombuffer(kinds.translate(_left_of_paper(level)), np.uint8)
    return undone(kinds, plane, level, beside)


def _ends(plane: Plane | None, part: _Part, shape: tuple[int, int], channel: int) -> bool:
    """Whether the part of the picture of a `shape` ends in paper, if it does not end with the picture."""
    if part.paper is None or plane is None:
        return True
    level = bytes([part.paper[channel]])
    if part.columns.stop < shape[1] and plane[:, -1].tobytes().strip(level):
        return False
    return part.rows.stop == shape[0] or not plane[-1].tobytes().strip(level)


def _size(data: bytes) -> tuple[int, int] | None:
    """Width and height when the header is that of a canvas."""
    if data[:16] != b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" or data[24:29] != bytes((8, _RGBA, 0, 0, 0)):
        return None
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    return (width, height) if LEAST_PIXELS < width * height <= MOST_PIXELS else None


def _image_data(data: bytes) -> bytes | None:
    """The compressed stream; None if a chunk is missing, spoiled, or could change the picture."""
    at = 8
    parts: list[bytes] = []
    while at + 12 <= len(data):
        length, kind = _CHUNK.unpack_from(data, at)
        end = at + 8 + length
        if end + 4 > len(data) or crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return None
        if kind == b"IDAT":
            parts.append(data[at + 8 : end])
        elif kind == b"IEND":
            return b"".join(parts)
        elif kind not in _HARMLESS and at != 8:
            return None
        at = end + 4
    return None


def _laid(grey: Plane | None, alpha: Plane | None, part: _Part, shape: tuple[int, int]) -> Sheet | None:
    """The planes of a part (None: the paper's) of a picture of a `shape`, laid on paper."""
    left, top = part.columns.start, part.rows.start
    opaque = part.paper is None or part.level(_ALPHA) == 255
    if opaque and (alpha is None or int(np.minimum.reduce(alpha, axis=None)) == 255):
        paper = part.level(_GREY)
        if grey is None:
            grey = np.full((part.rows.stop - top, part.columns.stop - left), paper, np.uint8)
        return Sheet(grey, left, top, shape, paper)
    if alpha is None or (part.paper is not None and any(part.paper)):
        return None
    found = laid(grey, alpha, shape)
    if found is None:
        return None
    picture, paper = found
    return Sheet(picture, left, top, shape, paper, max(shape) <= LARGEST)
