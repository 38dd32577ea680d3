"""Lines that were on the paper before the pen: ruled and squared paper, the frame of a form's cell.

A rule is straight, level or upright, thin, and runs across the picture. It is taken out, but not where
a stroke crosses it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.polarity import Grey

_LEAST_INK = 50
_ACROSS = 0.8
"""The share of the picture's side that a rule runs along."""
_THICKEST = 0.05
"""A rule's width, as a share of the picture's shorter side, at the most (and 3 pixels in any case)."""
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


def _reaches_across(mask: NDArray[np.bool_]) -> bool:
    """Whether there is ink over so much of the picture that a rule could be in it (a quick look)."""
    for sums in (mask.any(axis=0), mask.any(axis=1)):
        found = np.flatnonzero(sums)
        if found.size and found[-1] - found[0] + 1 >= _ACROSS * sums.size:
            return True
    return False


def _rule_pixels(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels of level rules in a (H, W) mask."""
    height, width = mask.shape
    thickest = max(3, round(_THICKEST * min(height, width)))
    # Thin runs: what an upright opening taller than a rule does not keep.
    tall = ndimage.binary_opening(mask, structure=np.ones((thickest + 1, 1), dtype=bool))
    thin = mask & ~tall
    run = max(5, round(_SEGMENT * width))
    straight = ndimage.binary_opening(thin, structure=np.ones((1, run), dtype=bool))
    if not straight.any():
        return np.zeros_like(mask)
    # Bridge what a crossing stroke, a gap or one step of a tilted line interrupts.
    joined = ndimage.binary_closing(np.pad(straight, run), structure=np.ones((3, 2 * run + 1), dtype=bool))[
        run:-run, run:-run
    ]
    labels, count = ndimage.label(joined, structure=np.ones((3, 3), dtype=bool))
    keep = np.zeros(count + 1, dtype=bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        long_enough = columns.stop - columns.start >= _ACROSS * width
        keep[number] = long_enough and rows.stop - rows.start <= max(2 * thickest, 0.12 * height)
    rule = keep[labels]
    # The faint rim of a rule goes with it, the stroke across it (tall) stays.
    rim = ndimage.binary_dilation(rule & thin, structure=np.ones((3, 1), dtype=bool), iterations=1)
    return np.asarray(rim & ~tall)
