"""The grounds on which a picture may show writing: all of it, its paper in shade, and sheets in it.

A desk around a note, a ring around a number and a shadow are not ink. As code cannot read, it only proposes.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink.colour import opaque, to_grey
from model.ink.components import WEAK
from model.ink.morphology import EIGHT, Mask, bounding_box
from model.ink.paper import InkMap, ink_map, likely_ink
from model.ink.polarity import Grey, odds_of_dark_ink

WORKING_SIDE = 1200
"""A picture, or a sheet in it, is averaged down to this longer side (pixels) before ink is looked for."""
NARROW = 0.12
"""A number's strokes are no wider than this share of the longer side: anything wider may be a shadow."""
SHEET_SIDE, RIM, ALIKE, MOST_SHEETS = 300, 2, 16, 3
"""The longer side (pixels) of the picture in which sheets are looked for, the rim left out along their edges
(pixels), how far the edges of equal sheets may differ (pixels), and the most sheets used, largest first."""
LEAST_SIDE, LEAST_FILLED, LEVEL, LEAST_SHARE, MOST_SHARE = 28, 0.5, 0.3, 0.05, 0.85
"""A sheet's least side (pixels); the least share of its box that it fills; how far the ends of sheets in one
row may differ (heights); the least share of the picture that a box takes up, and on a canvas the most."""
WIDEST_BAY = 0.5
"""A bay of a sheet's edge no wider than this (a share of the picture's width) is part of the sheet."""


class Ground(NamedTuple):
    """The ink on one ground."""

    ink: Grey
    """(H, W), 0 paper to 255 full ink."""
    factor: int
    """How many of the picture's pixels a pixel of `ink` spans."""
    origin: tuple[int, int] = (0, 0)
    """Where the ground begins in the picture (x, y; pixels of the picture)."""


def grounds(pixels: NDArray[np.uint8]) -> Iterator[Ground]:
    """The grounds in (H, W), (H, W, 3) or (H, W, 4) pixels, the likeliest first; none where all is blank."""
    pixels = opaque(pixels)
    small, factor = reduced(pixels)
    if (likely := likely_ink(small)) is not None:
        yield Ground(likely.ink, factor)
    canvas = likely is not None and not likely.noise
    if (shaded := None if canvas else _in_shade(small)) is not None:
        yield Ground(shaded.ink, factor)
    inks = [seen.ink for seen in (likely, shaded) if seen is not None]
    for rows, columns, mask in _sheets(inks, factor, MOST_SHARE if canvas else 1.0):
        part, factor = reduced(pixels[rows, columns])
        on = np.asarray(Image.fromarray(mask).resize(part.shape[::-1]))
        if (seen := _in_shade(np.where(on, part, np.uint8(np.median(part[on]))))) is not None:
            yield Ground(seen.ink, factor, (columns.start, rows.start))


def reduced(pixels: NDArray[np.uint8]) -> tuple[Grey, int]:
    """Turn pixels to grey and average them down to `WORKING_SIDE` at most; also gives the factor."""
    factor = -(-max(pixels.shape[:2]) // WORKING_SIDE)
    return to_grey(opaque(np.asarray(Image.fromarray(pixels).reduce(factor)))), factor


def _in_shade(grey: Grey) -> InkMap | None:
    return ink_map(grey, dark=odds_of_dark_ink(grey) >= 0, surface=True, widest=NARROW)


def _sheets(inks: Sequence[Grey], factor: int, most: float) -> list[tuple[slice, slice, Mask]]:
    """The largest sheets in a picture: the rows and columns of each, and a mask (h, w) of what is on it.

    A sheet is all ink or all paper in one of `inks` (H, W), which are `factor` times smaller than the
    picture; its box takes up at most the share `most` of the picture.
    """
    found = dict[tuple[int, ...], tuple[slice, slice, Mask]]()
    for ink in inks:
        step = -(-max(ink.shape) // SHEET_SIDE)
        lines = ndimage.maximum_filter(ink, step)[step // 2 :: step, step // 2 :: step] >= WEAK
        scale = factor * step
        for box, mask in (*_solid(lines, scale), *_solid(~lines, scale)) if lines.size else ():
            if LEAST_SHARE < mask.size / lines.size <= most:
                rows, columns = (slice(scale * side.start, scale * side.stop) for side in box)
                alike = tuple(end // ALIKE for side in box for end in (side.start, side.stop))  # in two inks
                found.setdefault(alike, (rows, columns, mask))
    return sorted(found.values(), key=lambda each: -each[2].size)[:MOST_SHEETS]


def _solid(side: Mask, scale: int) -> list[tuple[tuple[slice, slice], Mask]]:
    """The box and the mask of each connected part of (H, W), `scale` pixels each, or of parts in one row."""
    labels, _ = ndimage.label(side)
    heights, sheets = list[slice](), list[Mask]()
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        own = labels[rows, columns] == number
        if scale * min(own.shape) > LEAST_SIDE and own.mean() > LEAST_FILLED:
            away = [abs(each.start - rows.start) + abs(each.stop - rows.stop) for each in heights]
            place = next((n for n, each in enumerate(away) if each < LEVEL * len(own)), len(heights))
            if place == len(heights):
                heights.append(rows)
                sheets.append(np.zeros(side.shape, bool))
            sheets[place][rows, columns] |= ndimage.binary_erosion(_whole(own, side.shape[1]), iterations=RIM)
    return [(box, sheet[box]) for sheet in sheets if (box := bounding_box(sheet))]


def _whole(sheet: Mask, wide: int) -> Mask:
    """A sheet (h, w) with what lies on it, also at its edge; the picture is `wide` pixels wide."""
    sheet, so_far = ndimage.binary_fill_holes(sheet), np.logical_or.accumulate
    across = so_far(sheet, 1) & so_far(sheet[:, ::-1], 1)[:, ::-1]
    bays = (across | (so_far(sheet) & so_far(sheet[::-1])[::-1])) & ~sheet
    labels, _ = ndimage.label(bays, EIGHT)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        if columns.stop - columns.start > WIDEST_BAY * wide:
            bays[rows, columns] &= labels[rows, columns] != number
    return np.asarray(sheet | bays)
