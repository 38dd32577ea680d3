"""Remove lines that were on the paper before the pen: rules of the paper, the frame of a form's cell."""

import numpy as np
from scipy import ndimage

from model.ink.components import WEAK
from model.ink.morphology import EIGHT, Mask
from model.ink.polarity import Grey

ACROSS, INKED = 0.7, 0.5
"""The least share of the picture's side that a line spans, and along which it shows between strokes."""
THICKEST = 0.07
"""The greatest width of a line, as a share of the picture's shorter side; 3 pixels are always allowed."""
SEGMENT, GAP = 0.12, 0.45
"""The least length of the straight runs into which a slight tilt breaks a line, and the length below which a
gap in it, where a digit stands on it, is bridged (shares of the side)."""
NEAR = 0.02
"""A line that ends no farther than this (a share of the side) from the edge runs out of the picture."""


def without_lines(ink: Grey) -> Grey | None:
    """Ink (H, W) without the frame of a cell and the rules of the paper; None where there are none."""
    cleaned = np.where(lines(ink), 0, ink)
    return cleaned if cleaned.any() and (cleaned != ink).any() else None


def lines(ink: Grey, ends: tuple[int, int] = (0, 0)) -> Mask:
    """Pixels of level and upright lines in (H, W) ink, not strokes across; `ends`: the fewest at the edge."""
    mask = ink >= WEAK
    return np.asarray(_level(mask, ends[0]) | _level(mask.T, ends[1]).T)


def _level(mask: Mask, ends: int) -> Mask:
    """Pixels of level lines in a (H, W) mask."""
    height, width = mask.shape
    thickest = max(3, round(THICKEST * min(height, width)))
    tall = long_runs(mask.T, thickest + 1).T
    straight = long_runs(mask, max(5, round(SEGMENT * width))) & ~tall
    if not straight.any():
        return straight
    # Bridge what a crossing stroke, a gap or one step of a tilted line interrupts.
    near = ndimage.maximum_filter1d(straight, 3, axis=0)
    joined = near | ~long_runs(~near, round(GAP * width))
    labels, count = ndimage.label(joined, structure=EIGHT)
    keep = np.zeros(count + 1, dtype=bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        if rows.stop - rows.start <= 2 * thickest and columns.stop - columns.start >= ACROSS * width:
            own = straight[rows, columns] & (labels[rows, columns] == number)
            seen = columns.start + np.flatnonzero(own.any(axis=0))
            at_edge = np.count_nonzero([seen[0] <= NEAR * width, seen[-1] >= (1 - NEAR) * width - 1])
            keep[number] = len(seen) >= INKED * width and at_edge >= ends
    # The faint rim of a line goes with it, the stroke across it stays.
    return np.asarray(keep[labels] & mask & ~tall)


def long_runs(mask: Mask, least: int) -> Mask:
    """The runs of at least `least` pixels in each row of a (H, W) mask."""
    # A run is tested by log2(`least`) shifts, each of up to the length that those before it span.
    steps: list[int] = []
    while (span := 1 + sum(steps)) < least:
        steps.append(min(span, least - span))
    # The rows are joined into one, with an empty pixel between them that ends every run.
    begins = rows = np.pad(mask, ((0, 0), (0, 1))).reshape(-1)
    for step in steps:
        begins = begins[:-step] & begins[step:]
    runs = np.zeros(rows.size + least - 1, dtype=bool)
    runs[least - 1 : rows.size] = begins
    for step in steps:
        runs = runs[:-step] | runs[step:]
    return runs.reshape(len(mask), -1)[:, :-1]
