"""Rules and frames around a line of digits.

`model.ink.views` finds those around one digit. The feet of a row of digits lie along a line, too, so here a
rule must have ink nearly all along, be thin and straight, and run out of the picture.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.morphology import EIGHT

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_LEAST_INK = 50
_SPAN = 0.5
"""The share of the picture's width that a rule runs along, at the least."""
_COVER = 0.75
"""The share of its columns in which a rule has ink."""
_THICKEST = 0.06
"""A rule's thickness as a share of the picture's height, at the most (and 3 pixels in any case)."""
_NEAR = 3
"""A rule ends no farther than this from the picture's edge (pixels)."""


def without_rules(ink: Grey) -> Grey:
    """Take rules out of a (H, W) ink map, but not where a stroke crosses them."""
    mask = ink >= _LEAST_INK
    rules = _level(mask, ends=1) | _level(mask.T, ends=2).T
    if not rules.any():
        return ink
    cleaned = ink.copy()
    cleaned[rules] = 0
    return cleaned


def _level(mask: Mask, ends: int) -> Mask:
    """Pixels of level rules that run out of the picture at one end or at both (`ends`)."""
    height, width = mask.shape
    none = np.zeros_like(mask)
    edges = mask[:, :_NEAR].any() + mask[:, -_NEAR:].any()
    if edges < ends:
        return none
    short = min(height, width)
    thickest = max(3, round(_THICKEST * short))
    tall = ndimage.binary_opening(mask, structure=np.ones((thickest + 1, 1), dtype=bool))
    thin = mask & ~tall
    run = max(6, round(0.15 * short))
    straight = ndimage.binary_opening(thin, structure=np.ones((1, run), dtype=bool))
    if not straight.any():
        return none
    # A slight tilt breaks a rule into steps, a crossing stroke interrupts it.
    grown = ndimage.binary_dilation(straight, structure=np.ones((3, 2 * run + 1), dtype=bool))
    labels, _ = ndimage.label(grown, structure=EIGHT)
    found = none.copy()
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        mine = straight[rows, columns] & (labels[rows, columns] == number)
        used = np.flatnonzero(mine.any(axis=0))
        left, right = columns.start + used[0], columns.start + used[-1]
        span = right - left + 1
        at = int(left < _NEAR + run) + int(right >= width - _NEAR - run)
        if at < ends or span < _SPAN * width:
            continue
        found[rows, columns] |= _traced(mask[rows, columns], mine, thickest)
    # The faint rim of a rule goes with it; strokes across it stay.
    rim = ndimage.binary_dilation(found, structure=np.ones((3, 1), dtype=bool))
    return np.asarray((found | (rim & mask)) & ~tall)


def _traced(mask: Mask, straight: Mask, thickest: int) -> Mask:
    """The rule in a box of a mask, about the straight line that fits its runs; nothing if it is none."""
    rows, columns = np.nonzero(straight)
    slope, offset = np.polyfit(columns, rows, 1)
    off = rows - (slope * columns + offset)
    if abs(slope) > 0.15 or float(np.abs(off).mean()) > 0.6 * thickest:
        return np.zeros_like(mask)
    lowest, highest = columns.min(), columns.max() + 1
    middle = slope * np.arange(mask.shape[1]) + offset
    distance = np.abs(np.arange(mask.shape[0])[:, None] - middle)
    band = distance <= 0.5 * thickest + 1.0
    covered = (band & mask).any(axis=0)[lowest:highest]
    if float(covered.mean()) < _COVER:
        return np.zeros_like(mask)
    band[:, :lowest] = False
    band[:, highest:] = False
    return np.asarray(band & mask)
