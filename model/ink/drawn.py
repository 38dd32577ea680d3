"""A quick way for the usual drawing: strokes in the middle of a picture whose paper has one level.

Only the part with ink is looked at, and each grey level is turned to ink once. What comes of it is what comes
of the plain way (`tone`, `cell`, `rules`); where a frame or rules are possible nothing comes of it, and the
plain way is gone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.ink.polarity import Grey, border
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
    height, width = grey.shape
    paper = grey[0, 0]
    if min(height, width) < SMALL_SIDE or (border(grey) != paper).any():
        return None
    off = grey != paper
    rows = np.flatnonzero(off.any(axis=1))
    if rows.size == 0 or rows[-1] - rows[0] >= MOST_EXTENT * height:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(off[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    if right - left > MOST_EXTENT * width or (bottom - top) * (right - left) > 0.5 * grey.size:
        return None
    part = grey[top:bottom, left:right].tobytes()
    ink = part.translate(_ink_of_levels(part, int(paper)).tobytes())
    return Drawn(np.frombuffer(ink, np.uint8).reshape(bottom - top, right - left), left, top)


def aligned(found: Drawn, grid: int) -> Drawn:
    """The part grown by paper to a grid of so many pixels, for averaging as the whole picture would be."""
    top, left = found.top % grid, found.left % grid
    height, width = found.ink.shape
    ink = np.zeros((-(-(top + height) // grid) * grid, -(-(left + width) // grid) * grid), np.uint8)
    ink[top : top + height, left : left + width] = found.ink
    return Drawn(ink, found.left - left, found.top - top)


def _ink_of_levels(part: bytes, paper: int) -> NDArray[np.uint8]:
    """(256,): what `tone._even` makes of each grey level where the paper has no noise. Raises `NoInk`."""
    counts = np.bincount(np.frombuffer(part, np.uint8), minlength=256)
    levels = np.flatnonzero(counts)
    dark = paper - min(int(levels[0]), paper) > max(int(levels[-1]), paper) - paper
    difference = np.arange(256, dtype=np.float32)
    difference = paper - difference if dark else difference - paper
    peak = float(difference[levels].max())
    strong = levels[difference[levels] > 0.5 * peak]
    strong = strong[::-1] if dark else strong  # in rising order of the difference
    contrast = full_ink(peak, _quantile(difference[strong], counts[strong], 0.75) if peak > 0 else 0.0)
    return np.asarray(np.clip(difference * (255.0 / contrast), 0, 255), dtype=np.uint8)


def _quantile(values: NDArray[np.float32], counts: NDArray[np.signedinteger], share: float) -> float:
    """`np.quantile` of rising values, each so many times."""
    last = counts.cumsum()
    highest = int(last[-1]) - 1
    place = share * highest
    below = int(place)
    places = last.searchsorted((below, min(below + 1, highest)), side="right")
    low, high = (float(values[index]) for index in places)
    return low + (high - low) * (place - below)
