"""A quick way for the usual drawing: strokes in the middle of a picture whose paper has one level.

Only the part with ink is looked at, and of most drawings nothing is sorted. What comes of it is what comes of
the plain way (`tone`, `cell`, `rules`); where there is a box, a frame or a rule nothing comes of it, and the
plain way is gone.
"""

from math import ceil, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.ink.boxed import is_outlined
from model.ink.morphology import border, bounding_box
from model.ink.polarity import Grey
from model.ink.sheet import Sheet
from model.ink.tone import SMALL_SIDE, full_ink

MOST_EXTENT = 0.75
"""Ink that extends over less than this share of either side is no frame's and no rule's (from 0.8 on)."""
MOST_AREA = 0.8
"""The share of a picture that its ink's box takes at the most, so that the rest of it tells the paper."""


class Drawn(NamedTuple):
    """The part of a picture that has ink."""

    ink: Grey
    """(h, w), 0 paper to 255 full ink."""
    left: int
    """Where the part begins in the picture (pixels)."""
    top: int
    within: tuple[int, int] | None = None
    """(H, W) of the picture, if the ink extends so far that some of it may be a frame's or a rule's."""

    def whole(self, grid: int) -> Grey | None:
        """The ink of the whole picture, where this is the part of it averaged down by `grid`.

        None where its last rows or columns were averaged in part.
        """
        height, width = self.within or (0, 0)
        rows, columns = self.ink.shape
        if self.top + rows * grid > height or self.left + columns * grid > width:
            return None
        whole = np.zeros((-(-height // grid), -(-width // grid)), np.uint8)
        top, left = self.top // grid, self.left // grid
        whole[top : top + rows, left : left + columns] = self.ink
        return whole


def drawn(grey: Grey) -> Drawn | None:
    """The ink of a (H, W) grey picture, if it is such a drawing. Raises `NoInk`."""
    paper = grey[0, 0]
    if (border(grey) != paper).any():
        return None
    height, width = grey.shape
    return drawn_on(Sheet(grey, 0, 0, (height, width), int(paper)))


def drawn_on(sheet: Sheet) -> Drawn | None:
    """The ink of a picture on plain paper, if it is such a drawing. Raises `NoInk`."""
    height, width = sheet.shape
    if min(height, width) < SMALL_SIDE:
        return None
    box = bounding_box(sheet.part != sheet.paper)
    if box is None:
        return None
    rows, columns = box
    tall, wide = rows.stop - rows.start, columns.stop - columns.start
    if tall * wide > MOST_AREA * height * width:
        return None
    far = tall - 1 >= MOST_EXTENT * height or wide > MOST_EXTENT * width
    left, top = sheet.left + columns.start, sheet.top + rows.start
    if left == 0 or top == 0 or left + wide == width or top + tall == height:
        return None
    part = np.ascontiguousarray(sheet.part[box])
    if is_outlined(part, sheet.paper):
        return None
    return Drawn(_ink(part, sheet.paper), left, top, sheet.shape if far else None)


def aligned(found: Drawn, grid: int) -> Drawn:
    """The part grown by paper to a grid of so many pixels, for averaging as the whole picture would be."""
    top, left = found.top % grid, found.left % grid
    height, width = found.ink.shape
    ink = np.zeros((-(-(top + height) // grid) * grid, -(-(left + width) // grid) * grid), np.uint8)
    ink[top : top + height, left : left + width] = found.ink
    return Drawn(ink, found.left - left, found.top - top, found.within)


def _ink(part: Grey, paper: int) -> Grey:
    """What `tone._even` makes of (h, w) grey where the paper has no noise. Raises `NoInk`."""
    # Nothing is lighter than white or darker than black.
    darkest = paper - int(np.minimum.reduce(part, axis=None)) if paper > 0 else 0
    lightest = int(np.maximum.reduce(part, axis=None)) - paper if paper < 255 else 0
    dark, peak = darkest > lightest, max(darkest, lightest, 0)
    contrast = full_ink(peak, _usual(part, paper, peak, dark) if peak > 0 else 0.0)
    if contrast == 255.0:
        return np.subtract(255, part, dtype=np.uint8) if dark else part
    difference = np.arange(256, dtype=np.float32)
    difference = paper - difference if dark else difference - paper
    ink = np.clip(difference * (255.0 / contrast), 0, 255).astype(np.uint8)
    return np.frombuffer(part.tobytes().translate(ink.tobytes()), np.uint8).reshape(part.shape)


def _usual(part: Grey, paper: int, peak: int, dark: bool) -> float:
    """The difference from the paper that three quarters of the strong ink reach at the most."""
    # Most drawings have one pen, and more than a quarter of their strong ink is its level.
    full = np.count_nonzero(part == (paper - peak if dark else paper + peak))
    if full >= 0.25 * part.size + 2:
        return float(peak)
    strong = part < ceil(paper - 0.5 * peak) if dark else part > floor(paper + 0.5 * peak)
    if full >= 0.25 * np.count_nonzero(strong) + 2:
        return float(peak)
    counts = np.bincount(part[strong], minlength=256)
    levels = np.flatnonzero(counts)
    levels = levels[::-1] if dark else levels  # in rising order of the difference
    return _quantile(np.abs(levels - paper).astype(np.float32), counts[levels], 0.75)


def _quantile(values: NDArray[np.float32], counts: NDArray[np.signedinteger], share: float) -> float:
    """`np.quantile` of rising values, each so many times."""
    last = counts.cumsum()
    highest = int(last[-1]) - 1
    place = share * highest
    below = int(place)
    places = last.searchsorted((below, min(below + 1, highest)), side="right")
    low, high = (float(values[index]) for index in places)
    return low + (high - low) * (place - below)
