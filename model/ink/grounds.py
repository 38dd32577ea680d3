"""On what a picture may show writing: all of it, seen likeliest; its paper in shade; sheets in the picture.

A desk around a note, a ring around a number and the shadow of a hand are no ink. No code that cannot read
knows that: grounds are proposed, the likeliest first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink.colour import opaque, to_grey
from model.ink.components import WEAK
from model.ink.morphology import EIGHT, Mask, filled
from model.ink.paper import InkMap, ink_map, likely_ink
from model.ink.polarity import Grey, odds_of_dark_ink

WORKING_SIDE = 1200
"""Ink is looked for in a picture, or a sheet of it, no longer than this (pixels)."""
NARROW = 0.12
"""A number's strokes are no wider than this share of the longer side: what is wider may be a shadow."""
SHEET_SIDE, RIM, ALIKE, MOST_SHEETS = 300, 2, 16, 3
"""The longer side (pixels) of the picture in which sheets are looked for, what is left out along their edges,
by how much two are the same, and how many are looked at, the largest."""
LEAST_SIDE, LEAST_FILLED, LEAST_SHARE, MOST_SHARE = 48, 0.5, 0.05, 0.97
"""A sheet's sides (pixels), how much of its box it fills, and the box's share of the picture, at least; of a
canvas at most."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The ink on one ground."""

    ink: Grey
    """(H, W), 0 paper to 255 full ink."""
    factor: int
    """Pixels of the picture for one of `ink`'s."""
    origin: tuple[int, int] = (0, 0)
    """Where it begins in the picture (x, y; pixels of the picture)."""


def grounds(pixels: NDArray[np.uint8]) -> Iterator[Ground]:
    """The grounds in (H, W), (H, W, 3) or (H, W, 4) pixels, the likeliest first; none where all is blank."""
    small, factor = reduced(pixels)
    if (likely := likely_ink(small)) is not None:
        yield Ground(likely.ink, factor)
    shaded = _in_shade(small)
    canvas = likely is not None and not likely.noise  # there is no shade on it
    if shaded is not None and not canvas:
        yield Ground(shaded.ink, factor)
    inks = [seen.ink for seen in (likely, shaded) if seen is not None]
    for rows, columns, mask in _sheets(inks, factor, MOST_SHARE if canvas else 1.0):
        part, factor = reduced(pixels[rows, columns])
        on = np.asarray(Image.fromarray(mask).resize(part.shape[::-1]))
        seen = _in_shade(np.where(on, part, np.uint8(np.median(part[on]))))
        if seen is not None:
            labels, _ = ndimage.label((seen.ink >= WEAK) | ~on, EIGHT)
            yield Ground(np.where(labels == labels[0, 0], 0, seen.ink), factor, (columns.start, rows.start))


def reduced(pixels: NDArray[np.uint8]) -> tuple[Grey, int]:
    """Pixels in grey, averaged down to `WORKING_SIDE`, and how many of them one is then."""
    factor = -(-max(pixels.shape[:2]) // WORKING_SIDE)
    return to_grey(opaque(np.asarray(Image.fromarray(pixels).reduce(factor)))), factor


def _in_shade(grey: Grey) -> InkMap | None:
    return ink_map(grey, dark=odds_of_dark_ink(grey) >= 0, surface=True, widest=NARROW)


def _sheets(inks: Sequence[Grey], factor: int, most: float) -> list[tuple[slice, slice, Mask]]:
    """The largest sheets in a picture: rows and columns, and which of these are on the sheet (h, w).

    A sheet hangs together, and is all ink or all paper in one of `inks` (H, W), which are `factor` times as
    small as the picture; its box takes up the share `most` of it at the most.
    """
    found = dict[tuple[int, ...], tuple[int, slice, slice, Mask]]()
    for ink in inks:
        step = -(-max(ink.shape) // SHEET_SIDE)
        small = (
            ndimage.maximum_filter(ink, step)[step // 2 :: step, step // 2 :: step] >= WEAK
        )  # lines are thin
        scale = factor * step
        for labels in (ndimage.label(side)[0] for side in (small, ~small)):
            for number, box in enumerate(ndimage.find_objects(labels), start=1):
                own = labels[box] == number
                sized = scale * min(own.shape) > LEAST_SIDE and LEAST_SHARE < own.size / small.size <= most
                mask = ndimage.binary_erosion(filled(own), iterations=RIM) if sized else own
                if sized and own.mean() > LEAST_FILLED and mask.any():
                    ends = np.array([(side.start, side.stop) for side in box])
                    rows, columns = (slice(*side) for side in (scale * ends).tolist())
                    # Those of two inks may be one.
                    found.setdefault(tuple(ends.ravel() // ALIKE), (own.size, rows, columns, mask))
    largest = sorted(found.values(), key=lambda each: -each[0])
    return [each[1:] for each in largest[:MOST_SHEETS]]
