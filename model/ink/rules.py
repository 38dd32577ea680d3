"""Lines that were on the paper before the pen: ruled and squared paper, the frame of a form's cell.

A rule is straight, level or upright, thin, and runs across the picture. It is taken out, but not where
a stroke crosses it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.polarity import Grey

Mask = NDArray[np.bool_]

_LEAST_INK = 50
_ACROSS = 0.8
"""The share of the picture's side that a rule runs along."""
_THICKEST = 0.05
"""A rule's width, as a share of the picture's shorter side, at the most (and 3 pixels in any case)."""
_INKED = 0.55
"""The share of the side along which it is seen, between the strokes that cross it."""
_GAP = 0.45
"""A gap in a rule, where a digit stands on it, is shorter than this share of the side."""
_SEGMENT = 0.12
"""Straight runs at least this long (share of the side) make up a rule; a slight tilt breaks it in such."""


def without_rules(ink: Grey) -> Grey:
    """Take rules out of a (H, W) ink map; an image without any comes back as it is."""
    mask = ink >= _LEAST_INK
    if not _reaches_across(mask):
        return ink
    level = _rule_pixels(mask)
    upright = _rule_pixels(mask.T).T
    if not (level.any() or upright.any()):
        return ink
    cleaned = ink.copy()
    cleaned[level | upright] = 0
    # If the digit itself was cut so close that its bars looked like rules, nothing much is left.
    if float(cleaned.sum()) < 0.15 * float(ink.sum()) and not (level.any() and upright.any()):
        return ink
    return cleaned


def _reaches_across(mask: Mask) -> bool:
    """Whether there is ink over so much of the picture that a rule could be in it (a quick look)."""
    for sums in (mask.any(axis=0), mask.any(axis=1)):
        found = np.flatnonzero(sums)
        if found.size and found[-1] - found[0] + 1 >= _ACROSS * sums.size:
            return True
    return False


def _rule_pixels(mask: Mask) -> Mask:
    """Pixels of level rules in a (H, W) mask."""
    height, width = mask.shape
    thickest = max(3, round(_THICKEST * min(height, width)))
    run = max(5, round(_SEGMENT * width))
    straight = long_runs(mask & ~_taller(mask, thickest), run)
    if not straight.any():
        return np.zeros_like(mask)
    # A level part of a stroke is straight too, but rules are thinner: go by the thinnest quarter.
    while thickest > 3 and np.count_nonzero(straight & ~_taller(mask, thickest // 2)) > 0.25 * straight.sum():
        thickest //= 2
    tall = _taller(mask, thickest)
    straight = long_runs(mask & ~tall, run)
    # Bridge what a crossing stroke, a gap or one step of a tilted line interrupts.
    near = straight.copy()
    near[1:] |= straight[:-1]
    near[:-1] |= straight[1:]
    gaps = ~near
    joined = near | (gaps & ~long_runs(gaps, round(_GAP * width)))
    labels, count = ndimage.label(joined, structure=np.ones((3, 3), dtype=bool))
    keep = np.zeros(count + 1, dtype=bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        level = rows.stop - rows.start <= max(2 * thickest, 0.12 * height)
        if level and columns.stop - columns.start >= _ACROSS * width:
            own = straight[rows, columns] & (labels[rows, columns] == number)
            keep[number] = np.count_nonzero(own.any(axis=0)) >= _INKED * width
    # The faint rim of a rule goes with it, the stroke across it (tall) stays.
    return np.asarray(keep[labels] & mask & ~tall)


def _taller(mask: Mask, least: int) -> Mask:
    """Of each column of a (H, W) mask, the runs of more than `least` pixels."""
    return long_runs(mask.T, least + 1).T


def long_runs(mask: Mask, least: int) -> Mask:
    """Of each row of a (H, W) mask, the runs of at least `least` pixels."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), dtype=np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1).ravel()  # (H, W + 1): 1 where a run begins, -1 behind its end
    begins, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    long = ends - begins >= least
    marks = np.zeros(height * (width + 1), dtype=np.int8)
    marks[begins[long]] = 1
    marks[ends[long]] = -1
    return np.asarray(marks.reshape(height, width + 1).cumsum(axis=1, dtype=np.int8)[:, :-1] > 0)
