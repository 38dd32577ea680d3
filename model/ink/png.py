"""A quick way through the PNGs that drawing canvases make: RGBA without colour, on a clear or a white sheet.

Such a file holds 4 bytes for each pixel and next to no information: Pillow spends most of its time on the
inflation. libdeflate inflates it ten times sooner. One plane stands for three that are equal, and of that
only the part in which the filters (PNG specification, third edition, section 9) left anything has to be
undone: Pillow does that, of a small grey image in which nothing is compressed. Whatever is not plainly of
this kind is left to Pillow altogether, broken files above all.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from deflate import DeflateError, zlib_compress, zlib_decompress
from numpy.typing import NDArray
from PIL import Image

from model.ink.sheet import Sheet

Plane = NDArray[np.uint8]
Pixels = NDArray[np.uint32]

LEAST_PIXELS, MOST_PIXELS = 64 * 64, 1024 * 1024
"""Smaller files are no slower with Pillow; larger ones are photographs."""

LARGEST_SEE_THROUGH = 512
"""The longer side (pixels) of a clear sheet: a larger one is averaged down before it is laid on paper."""

_HARMLESS = frozenset({b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"sBIT", b"bKGD", b"tIME"})
"""Chunks that change nothing of what Pillow gives."""

_RGBA = 6
_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)


def grey_canvas(data: bytes) -> Plane | None:
    """The (H, W) grey pixels of an 8-bit RGBA PNG without colour, laid on paper where it is see-through.

    None for every other file, also one that is broken, or drawn with more than one see-through grey.
    """
    sheet = canvas_sheet(data)
    return None if sheet is None else sheet.whole()


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
    if len(inflated) != height * row:
        return None
    return _picture(np.frombuffer(inflated, np.uint8).reshape(height, row))


def _picture(rows: Plane) -> Sheet | None:
    """The picture in filtered rows (H, 1 + 4 W), each of which begins with its filter."""
    filters = rows[:, 0].copy()
    if int(filters.max()) > _PAETH:
        return None
    paper = int.from_bytes(rows[0, 1:5].tobytes(), "little")
    if paper:
        # Without a filter paper is not predicted either. What Sub would leave of such a row says as much.
        plain = (filters == _NONE).nonzero()[0]
        rows[plain, 5:] -= rows[plain, 1:-4]
        filters[plain] = _SUB
    everything = _Part(slice(0, len(rows)), slice(1, rows.shape[1] // 4), None)
    for part in (_part(rows, filters, paper), everything):
        if part is None:
            continue
        some = _pixels(rows, part.rows, part.columns)
        beside = _pixels(rows, part.rows, slice(0, 1))
        # A filter works on each channel by itself: planes that are equal before are equal after.
        if _has_colour(some) or _has_colour(beside):
            return None
        grey, alpha = (_plane(some, beside, filters, part, shift) for shift in (0, 24))
        shape = len(rows), rows.shape[1] // 4
        if _ends((grey, alpha), part, shape):
            return _laid(grey, alpha, part, shape)
    return None


def _pixels(rows: Plane, which: slice, columns: slice) -> Pixels:
    """Filtered pixels (h, w): red, green, blue and alpha from the lowest byte to the highest."""
    some = np.ascontiguousarray(rows[which, 4 * columns.start + 1 : 4 * columns.stop + 1])
    return some.view("<u4").astype(np.uint32, copy=False)


def _has_colour(pixels: Pixels) -> bool:
    """Whether red, green and blue of some pixel differ."""
    differs = pixels >> 8
    differs ^= pixels
    return bool(np.bitwise_or.reduce(differs, axis=None) & 0xFFFF)


@dataclass(frozen=True, slots=True)
class _Part:
    """The part of filtered pixels in which a picture is drawn."""

    rows: slice
    columns: slice
    """Never the first, which each row begins with."""
    paper: int | None
    """A pixel of what is outside; None where the part, and the first column, are everything."""


def _part(rows: Plane, filters: Plane, paper: int) -> _Part | None:
    """Where something is drawn on paper of one level, if that can be told from what the filters left.

    They predict from the pixels to the left, above and above left, and of three that are equal they predict
    the same again: 0 beside paper is paper. A row and a column of paper more are in the part, so that it can
    be seen to end.
    """
    height, width = len(rows), rows.shape[1] // 4
    half = int.from_bytes(bytes(level - level // 2 for level in paper.to_bytes(4, "little")), "little")
    # What each filter leaves of paper to the left of which, or above which, all is 0.
    at_the_left = np.array([paper, paper, 0, half, 0], np.uint32)[filters]
    at_the_left[0] = paper
    at_the_top = (paper, 0, paper, half, 0)[filters[0]]
    everywhere = slice(0, height)
    if not np.array_equal(_pixels(rows, everywhere, slice(0, 1))[:, 0], at_the_left):
        return None
    if (_pixels(rows, slice(0, 1), slice(1, width)) != at_the_top).any():
        return None
    # Whole rows of bytes: numpy takes several times as long for numbers that stand at odd places.
    columns = np.bitwise_or.reduce(rows[1:], axis=0)[5:].nonzero()[0]
    if columns.size == 0:
        return _Part(slice(1, 2), slice(1, 2), paper)
    left, right = int(columns[0]) // 4 + 1, min(int(columns[-1]) // 4 + 3, width)
    drawn = np.bitwise_or.reduce(rows[1:, 4 * left + 1 : 4 * right + 1], axis=1).nonzero()[0]
    return _Part(slice(int(drawn[0]) + 1, min(int(drawn[-1]) + 3, height)), slice(left, right), paper)


def _plane(some: Pixels, beside: Pixels, filters: Plane, part: _Part, shift: int) -> Plane:
    """One channel of the part, with the column to its left, its filters undone: (h, w + 1)."""
    channel, first = (some >> shift).astype(np.uint8), (beside >> shift).astype(np.uint8)
    paper = 0 if part.paper is None else part.paper >> shift & 255
    if part.paper is not None and not np.bitwise_or.reduce(channel, axis=None):
        return np.full((len(channel), channel.shape[1] + 1), paper, np.uint8)
    return _undone(filters[part.rows], first[:, 0], channel, paper)


def _ends(planes: Sequence[Plane], part: _Part, shape: tuple[int, int]) -> bool:
    """Whether the part of the picture of a `shape` ends in paper, if it does not end with the picture."""
    if part.paper is None:
        return True
    for plane, shift in zip(planes, (0, 24), strict=True):
        level = part.paper >> shift & 255
        if part.columns.stop < shape[1] and (plane[:, -1] != level).any():
            return False
        if part.rows.stop < shape[0] and (plane[-1] != level).any():
            return False
    return True


def _undone(filters: Plane, beside: Plane, some: Plane, paper: int) -> Plane:
    """Filtered bytes (h, w) with (h,) to their left and a row of paper above: (h, w + 1), not filtered."""
    height, width = some.shape
    if (filters == _UP).all():  # as Chromium writes them
        whole = np.empty((height, width + 1), np.uint8)
        whole[:, 0], whole[:, 1:] = beside, some
        whole[0] += np.uint8(paper)
        return np.add.accumulate(whole, axis=0, dtype=np.uint8)
    image = np.empty((height + 1, width + 2), np.uint8)
    image[0, 0], image[0, 1:] = _NONE, paper
    image[1:, 0], image[1:, 1], image[1:, 2:] = filters, beside, some
    stored = bytes(zlib_compress(image.tobytes(), 0))
    return np.asarray(Image.frombytes("L", (width + 1, height + 1), stored, "zip", ("L", 0)))[1:]


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
    while True:
        length = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 8 + length
        if end + 4 > len(data) or zlib.crc32(data[at + 4 : end]) != int.from_bytes(
            data[end : end + 4], "big"
        ):
            return None
        if kind == b"IDAT":
            parts.append(data[at + 8 : end])
        elif kind == b"IEND":
            return b"".join(parts)
        elif kind not in _HARMLESS and at != 8:
            return None
        at = end + 4


def _laid(grey: Plane, alpha: Plane, part: _Part, shape: tuple[int, int]) -> Sheet | None:
    """The planes of a part, with the column to its left, of a picture of a `shape`, laid on paper.

    As `colour.opaque` does it for a drawing with one pen on a sheet that is transparent for the most part.
    """
    if part.paper is not None:
        grey, alpha = grey[:, 1:], alpha[:, 1:]
    opaque = part.paper is None or part.paper >> 24 == 255
    if opaque and int(alpha.min()) == 255:
        return _on_sheet(grey, part, shape, 0 if part.paper is None else part.paper & 255)
    clear = part.paper is None or part.paper == 0
    if not clear or max(shape) > LARGEST_SEE_THROUGH:
        return None
    if not alpha.any() or np.count_nonzero(alpha > 127) > 0.5 * shape[0] * shape[1]:
        return None
    pen = int(grey.max())
    if pen and not np.array_equal(grey == pen, alpha > 0):
        return None
    if pen == 0:
        return _on_sheet(np.subtract(255, alpha, dtype=np.uint8), part, shape, 255)
    cover = np.arange(256, dtype=np.float32) / 255.0
    paper = np.float32(0.0 if pen > 127.5 else 255.0)
    levels = np.rint(np.float32(pen) * cover + paper * (1.0 - cover)).astype(np.uint8)
    return _on_sheet(levels[alpha], part, shape, int(paper))


def _on_sheet(picture: Plane, part: _Part, shape: tuple[int, int], paper: int) -> Sheet:
    if part.paper is None:
        return Sheet(picture, 0, 0, shape, paper)
    return Sheet(picture, part.columns.start, part.rows.start, shape, paper)
