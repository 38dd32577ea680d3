"""A quick way through the PNGs that drawing canvases make: RGBA without colour, on a clear or a white sheet.

Such a file holds 4 bytes for each pixel and next to no information: Pillow spends most of its time on the
inflation. libdeflate inflates it ten times sooner, one plane stands for three that are equal, and the filters
(PNG specification, third edition, section 9) are undone row by row only where something is drawn. Whatever is
not plainly of this kind is left to Pillow, broken files above all.
"""

import zlib
from itertools import pairwise

import numpy as np
from deflate import DeflateError, zlib_decompress
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

LEAST_PIXELS, MOST_PIXELS = 64 * 64, 1024 * 1024
"""Smaller files are no slower with Pillow; larger ones are photographs."""

LARGEST_SEE_THROUGH = 512
"""The longer side (pixels) of a clear sheet: a larger one is averaged down before it is laid on paper."""

_MOST_EVENTS = 8_000
"""Filtered pixels that are undone one by one; a file with more is none of a drawing."""

_HARMLESS = frozenset({b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"sBIT", b"bKGD", b"tIME"})
"""Chunks that change nothing of what Pillow gives."""

_LONG = 10
"""From so many rows on a running sum is sooner than one addition a row."""

_RGBA = 6
_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)


def grey_canvas(data: bytes) -> Plane | None:
    """The (H, W) grey pixels of an 8-bit RGBA PNG without colour, laid on paper where it is see-through.

    None for every other file, also one that is broken, or drawn with more than one see-through grey.
    """
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
    return _picture(inflated, width, height) if len(inflated) == height * row else None


def _picture(inflated: bytearray, width: int, height: int) -> Plane | None:
    """The picture in filtered rows, each of which begins with its filter."""
    row = 1 + 4 * width
    filters = np.ndarray((height,), np.uint8, inflated, 0, (row,)).copy()
    if int(filters.max()) > _PAETH:
        return None
    # A filter works on each channel by itself: planes that are equal before are equal after.
    pixels = np.ndarray((height, width), "<u4", inflated, 1, (row, 4)).copy()
    if ((pixels ^ (pixels >> 8)) & 0xFFFF).any():
        return None
    alpha = (pixels >> 24).astype(np.uint8)
    grey = pixels.astype(np.uint8)
    if not _unfilter(grey, filters):
        return None
    if _is_full(alpha, filters):
        return grey
    return _laid(grey, alpha) if _unfilter(alpha, filters) else None


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


def _is_full(filtered: Plane, filters: Plane) -> bool:
    """Whether a filtered plane is 255 all over: what each filter leaves of such a row is known."""
    expected = np.zeros_like(filtered)
    expected[filters == _NONE] = 255
    expected[filters == _SUB, 0] = 255
    expected[filters == _AVERAGE, 0] = 128
    if filters[0] == _AVERAGE:
        expected[0] = 128
    elif filters[0] == _UP:
        expected[0] = 255
    if filters[0] != _NONE:
        expected[0, 0] = 255
    return np.array_equal(filtered, expected)


def _laid(grey: Plane, alpha: Plane) -> Plane | None:
    """What `tone.opaque` makes of a drawing with one pen on a sheet that is transparent for the most part."""
    if max(alpha.shape) > LARGEST_SEE_THROUGH:
        return None
    if not alpha.any() or np.count_nonzero(alpha > 127) > 0.5 * alpha.size:
        return None
    pen = int(grey.max())
    if pen and not np.array_equal(grey == pen, alpha > 0):
        return None
    if pen == 0:
        return np.subtract(255, alpha, dtype=np.uint8)
    cover = np.arange(256, dtype=np.float32) / 255.0
    paper = np.float32(0.0 if pen > 127.5 else 255.0)
    return np.rint(np.float32(pen) * cover + paper * (1.0 - cover)).astype(np.uint8)[alpha]


def _unfilter(plane: Plane, filters: Plane) -> bool:
    """Undo the filters of a (H, W) plane in place; False if that would take too long."""
    if not plane.any():
        return True
    level = filters == _SUB
    plane[level] = np.add.accumulate(plane[level], axis=1, dtype=np.uint8)
    events = 0
    # Rows that depend on the one above; a run of Up is one running sum.
    kinds = filters.tolist()
    height = len(kinds)
    above = np.zeros(plane.shape[1], np.uint8)
    row = 0
    while row < height:
        kind = kinds[row]
        if kind == _UP:
            end = row + 1
            while end < height and kinds[end] == _UP:
                end += 1
            first = max(row - 1, 0)  # above the first row all is 0
            run = plane[first:end]
            if len(run) > _LONG:
                np.add.accumulate(run, axis=0, dtype=np.uint8, out=run)
            else:
                for upper, lower in pairwise(run):
                    np.add(upper, lower, lower)
            row = end - 1
        elif kind >= _AVERAGE:
            events += _follow(plane[row], above if row == 0 else plane[row - 1], kind)
            if events > _MOST_EVENTS:
                return False
        row += 1
    return True


def _follow(row: Plane, above: Plane, kind: int) -> int:
    """Undo Average or Paeth in place; gives how many pixels were looked at.

    Both predict from the pixels to the left (a), above (b) and above left (c). Where nothing was left by the
    filter and b = c, Paeth gives a; and Average gives a if a = b besides. So the row is constant there.
    """
    busy = row != 0
    busy[1:] |= above[1:] != above[:-1]
    busy[0] = True
    if kind == _AVERAGE:
        return _follow_average(row, above)
    places = np.flatnonzero(busy)
    upper = above[places].tolist()
    corner = above[places - 1].tolist()
    corner[0] = 0
    a = 0
    values = []
    for left, b, c in zip(row[places].tolist(), upper, corner, strict=True):
        from_a, from_b = abs(b - c), abs(a - c)
        from_c = abs(a + b - c - c)
        best = a if from_a <= from_b and from_a <= from_c else b if from_b <= from_c else c
        a = (left + best) & 255
        values.append(a)
    row[:] = np.repeat(np.array(values, np.uint8), np.diff(places, append=row.size))
    return len(values)


def _follow_average(row: Plane, above: Plane) -> int:
    a = 0
    values = []
    for left, b in zip(row.tolist(), above.tolist(), strict=True):
        a = (left + ((a + b) >> 1)) & 255
        values.append(a)
    row[:] = values
    return len(values)
