"""A quick way for the usual drawing: strokes in the middle of a picture whose paper has one level.

Only the part with ink is looked at, and of most drawings nothing is sorted. What comes of it is what comes of
the plain way (`tone`, `cell`, `rules`); where a box, a frame or rules are possible nothing comes of it, and
the plain way is gone.
"""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from model.ink.boxed import is_outlined
from model.ink.polarity import Grey, border
from model.ink.sheet import Sheet
from model.ink.tone import SMALL_SIDE, full_ink

MOST_EXTENT = 0.75
"""Ink that extends over less than this share of either side is no frame's and no rule's (from 0.8 on)."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The part of a picture that has ink."""

    ink: Grey
    """(h, w), 0 paper to 255 full ink."""
    left: int
    """Where the part begins in the picture (pixels)."""
    top: int


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
    off = sheet.part != sheet.paper
    rows = np.logical_or.reduce(off, axis=1).nonzero()[0]
    if rows.size == 0 or rows[-1] - rows[0] >= MOST_EXTENT * height:
        return None
    off = off[rows[0] : rows[-1] + 1]
    columns = np.logical_or.reduce(off, axis=0).nonzero()[0]
    tall, wide = len(off), int(columns[-1] - columns[0]) + 1
    if wide > MOST_EXTENT * width or tall * wide > 0.5 * height * width:
        return None
    left, top = sheet.left + int(columns[0]), sheet.top + int(rows[0])
    if left == 0 or top == 0 or left + wide == width or top + tall == height:
        return None
    part = np.ascontiguousarray(sheet.part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    if is_outlined(part, sheet.paper):
        return None
    return Drawn(_ink(part, sheet.paper), left, top)


def aligned(found: Drawn, grid: int) -> Drawn:
    """The part grown by paper to a grid of so many pixels, for averaging as the whole picture would be."""
    top, left = found.top % grid, found.left % grid
    height, width = found.ink.shape
    ink = np.zeros((-(-(top + height) // grid) * grid, -(-(left + width) // grid) * grid), np.uint8)
    ink[top : top + height, left : left + width] = found.ink
    return Drawn(ink, found.left - left, found.top - top)


def _ink(part: Grey, paper: int) -> Grey:
    """What `tone._even` makes of (h, w) grey where the paper has no noise. Raises `NoInk`."""
    low, high = int(part.min()), int(part.max())
    dark = paper - min(low, paper) > max(high, paper) - paper
    peak = paper - low if dark else high - paper
    contrast = full_ink(peak, _usual(part, paper, peak, dark) if peak > 0 else 0.0)
    if contrast == 255.0:
        return np.subtract(255, part, dtype=np.uint8) if dark else part
    difference = np.arange(256, dtype=np.float32)
    difference = paper - difference if dark else difference - paper
    ink = np.clip(difference * (255.0 / contrast), 0, 255).astype(np.uint8)
    return np.frombuffer(part.tobytes().translate(ink.tobytes()), np.uint8).reshape(part.shape)


def _usual(part: Grey, paper: int, peak: int, dark: bool) -> float:
    """The difference from the paper that three quarters of the strong ink reach at the most."""
    strong = part < ceil(paper - 0.5 * peak) if dark else part > floor(paper + 0.5 * peak)
    # Most drawings have one pen, and more than a quarter of their strong ink is its level.
    if (
        np.count_nonzero(part == (paper - peak if dark else paper + peak))
        >= 0.25 * np.count_nonzero(strong) + 2
    ):
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
