"""A quick way through the PNGs that drawing canvases make: RGBA without colour, on a clear or a white sheet.

Such a file holds 4 bytes for each pixel and next to no information: Pillow spends most of its time on the
inflation. libdeflate inflates it ten times sooner. One plane stands for three that are equal, and of that
only the part in which the filters (PNG specification, third edition, section 9) left anything has to be
undone: Pillow does that, of a small grey image in which nothing is compressed. Whatever is not plainly of
this kind is left to Pillow altogether, broken files above all.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from deflate import DeflateError, zlib_decompress
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.uint8]

LEAST_PIXELS, MOST_PIXELS = 64 * 64, 1024 * 1024
"""Smaller files are no slower with Pillow; larger ones are photographs."""

LARGEST_SEE_THROUGH = 512
"""The longer side (pixels) of a clear sheet: a larger one is averaged down before it is laid on paper."""

_HARMLESS = frozenset({b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"sBIT", b"bKGD", b"tIME"})
"""Chunks that change nothing of what Pillow gives."""

_RGBA = 6
_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)
_FIRST_OF_ROW = np.array([1, 1, 0, 0, 0], np.uint32)
"""Whether each filter leaves a row's first pixel as it is, or 0 where the one above is its equal."""


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
    filters = np.ndarray((height,), np.uint8, inflated, 0, (row,))
    if int(filters.max()) > _PAETH:
        return None
    # A filter works on each channel by itself: planes that are equal before are equal after.
    pixels = np.ndarray((height, width), "<u4", inflated, 1, (row, 4))
    everything = _Part(slice(0, height), slice(1, width), None)
    for part in (_part(pixels, filters), everything):
        if part is None:
            continue
        some = pixels[part.rows, part.columns]
        if _has_colour(some) or _has_colour(pixels[:, 0]):
            return None
        grey = _plane(pixels, filters, part, 0)
        alpha = None if grey is None else _plane(pixels, filters, part, 24)
        if grey is not None and alpha is not None:
            return grey if int(alpha.min()) == 255 else _laid(grey, alpha)
    return None


def _has_colour(pixels: NDArray[np.uint32]) -> bool:
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
    """A pixel of what is outside; None where the part is everything."""


def _part(pixels: NDArray[np.uint32], filters: Plane) -> _Part | None:
    """Where something is drawn on paper of one level, if that can be told from what the filters left.

    Sub, Up and Paeth predict from the pixels to the left, above and above left, and of three that are equal
    they predict the same again: 0 beside paper is paper. A row and a column of paper more are in the part,
    so that it can be seen to end.
    """
    height, width = pixels.shape
    paper = int(pixels[0, 0])
    begins = _FIRST_OF_ROW[filters] * pixels[0, 0]
    begins[0] = paper
    if (filters == _AVERAGE).any() or not np.array_equal(pixels[:, 0], begins):
        return None
    if paper and (filters[1:] == _NONE).any():  # it predicts 0
        return None
    # Above the first row all is 0, which is what Up predicts for it.
    if (pixels[0, 1:] != (paper if filters[0] in (_NONE, _UP) else 0)).any():
        return None
    columns = np.flatnonzero(np.bitwise_or.reduce(pixels[1:, 1:], axis=0))
    if columns.size == 0:
        return _Part(slice(1, 2), slice(1, 2), paper)
    left, right = int(columns[0]) + 1, min(int(columns[-1]) + 3, width)
    rows = np.flatnonzero(np.bitwise_or.reduce(pixels[1:, left:right], axis=1))
    return _Part(slice(int(rows[0]) + 1, min(int(rows[-1]) + 3, height)), slice(left, right), paper)


def _plane(pixels: NDArray[np.uint32], filters: Plane, part: _Part, shift: int) -> Plane | None:
    """One channel of all the picture, its filters undone; None where the part does not end in paper."""
    height, width = pixels.shape
    paper = 0 if part.paper is None else part.paper >> shift & 255
    some = (pixels[part.rows, part.columns] >> shift).astype(np.uint8)
    beside = (pixels[part.rows, 0] >> shift).astype(np.uint8)
    if part.paper is not None and not some.any():
        return np.full((height, width), paper, np.uint8)
    undone = _undone(filters[part.rows], beside, some, paper)
    plane = np.full((height, width), paper, np.uint8)
    plane[part.rows, part.columns] = undone[:, 1:]
    if part.paper is None:
        plane[:, 0] = undone[:, 0]
        return plane
    ends_right = part.columns.stop == width or (undone[:, -1] == paper).all()
    ends_below = part.rows.stop == height or (undone[-1] == paper).all()
    return plane if ends_right and ends_below else None


def _undone(filters: Plane, beside: Plane, some: Plane, paper: int) -> Plane:
    """Filtered bytes (h, w) with (h,) to their left and a row of paper above: (h, w + 1), not filtered."""
    height, width = some.shape
    if (filters == _UP).all():  # as Chromium writes them
        whole = np.empty((height, width + 1), np.uint8)
        whole[:, 0], whole[:, 1:] = beside, some
        whole[0] += np.uint8(paper)
        return np.add.accumulate(whole, axis=0, dtype=np.uint8)
    image = np.zeros((height + 1, width + 2), np.uint8)
    image[0, 1:] = paper
    image[1:, 0], image[1:, 1], image[1:, 2:] = filters, beside, some
    stored = zlib.compress(image.tobytes(), 0)
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
