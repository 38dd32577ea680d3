"""Lines that were on the paper before the pen: ruled and squared paper, the frame of a form's cell.

A rule is straight, level or upright, thin, and runs across the picture. It is taken out, but not where
a stroke crosses it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.frame import stroke_width
from model.ink.morphology import EIGHT, doublings
from model.ink.polarity import Grey

Mask = NDArray[np.bool_]

_LEAST_INK = 50
_ACROSS = 0.8
"""The share of the picture's side that a rule runs along."""
_THICKEST = 0.05
"""A rule's width, as a share of the picture's shorter side, at the most (and 3 pixels in any case)."""
_AS_THICK, _AS_DARK = 0.75, 0.85
"""Lines that reach these shares of the strokes' thickness and darkness are of the same pen."""
_EDGE = 0.015
"""It begins or ends this near to the picture's edge (share of the side)."""
_INKED = 0.55
"""The share of the side along which it is seen, between the strokes that cross it."""
_GAP = 0.45
"""A gap in a rule, where a digit stands on it, is shorter than this share of the side."""
_SEVERAL = 4
"""So many lines across the picture are rules, wherever they end."""
_SEGMENT = 0.12
"""Straight runs at least this long (share of the side) make up a rule; a slight tilt breaks it in such."""


def without_rules(ink: Grey) -> Grey:
    """Take rules out of a (H, W) ink map; an image without any comes back as it is."""
    mask = ink >= _LEAST_INK
    if not _reaches_across(mask):
        return ink
    rules = _rule_pixels(mask) | _rule_pixels(mask.T).T
    if not rules.any():
        return ink
    cleaned = ink.copy()
    cleaned[rules] = 0
    if _same_pen(np.where(rules, ink, 0).astype(np.uint8), cleaned):
        return ink
    return cleaned


def _same_pen(rules: Grey, strokes: Grey) -> bool:
    """Whether lines are as thick and dark as the rest: the bars and stems of a digit cut close are."""
    if not strokes.any():
        return True
    thick = stroke_width(rules) > _AS_THICK * stroke_width(strokes)
    dark = float(rules[rules > 0].mean()) > _AS_DARK * float(strokes[strokes > 0].mean())
    return thick and dark


def _reaches_across(mask: Mask) -> bool:
    """Whether there is ink over so much of the picture that a rule could be in it (a quick look)."""
    for axis in (0, 1):
        found = np.logical_or.reduce(mask, axis=axis).nonzero()[0]
        if found.size and found[-1] - found[0] + 1 >= _ACROSS * mask.shape[1 - axis]:
            return True
    return False


def _rule_pixels(mask: Mask) -> Mask:
    """Pixels of level rules in a (H, W) mask."""
    height, width = mask.shape
    thickest = max(3, round(_THICKEST * min(height, width)))
    run = max(5, round(_SEGMENT * width))
    # Squared paper: what crosses a rule is taller, and yet interrupts no run along it.
    long = long_runs(mask, run)
    straight = long & ~_taller(mask, thickest)
    if not straight.any():
        return np.zeros_like(mask)
    # A level part of a stroke is straight too, but rules are thinner: go by the thinnest quarter.
    while thickest > 3 and np.count_nonzero(straight & ~_taller(mask, thickest // 2)) > 0.25 * straight.sum():
        thickest //= 2
    tall = _taller(mask, thickest)
    straight = long & ~tall
    # Bridge what a crossing stroke, a gap or one step of a tilted line interrupts.
    near = straight.copy()
    near[1:] |= straight[:-1]
    near[:-1] |= straight[1:]
    gaps = ~near
    joined = near | (gaps & ~long_runs(gaps, round(_GAP * width)))
    labels, count = ndimage.label(joined, structure=EIGHT)
    keep, ends_inside = np.zeros(count + 1, dtype=bool), np.zeros(count + 1, dtype=bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        if rows.stop - rows.start > max(2 * thickest, 0.12 * height):
            continue
        if columns.stop - columns.start < _ACROSS * width:
            continue
        inked = np.flatnonzero((straight[rows, columns] & (labels[rows, columns] == number)).any(axis=0))
        first, last = columns.start + inked[0], columns.start + inked[-1] + 1
        # The stem of a 1 may be as long, but it ends inside the picture.
        leaves = first <= _EDGE * width or last >= (1 - _EDGE) * width
        keep[number] = leaves and inked.size >= _INKED * width
        ends_inside[number] = not leaves and inked.size >= _INKED * width
    # Faint rules may be lost at the picture's edge. No digit has as many lines of such a length.
    if np.count_nonzero(ends_inside | keep) >= _SEVERAL:
        keep |= ends_inside
    # The faint rim of a rule goes with it, the stroke across it (tall) stays.
    return np.asarray(keep[labels] & mask & ~tall)


def _taller(mask: Mask, least: int) -> Mask:
    """Of each column of a (H, W) mask, the runs of more than `least` pixels."""
    return long_runs(mask.T, least + 1).T


def long_runs(mask: Mask, least: int) -> Mask:
    """Of each row of a (H, W) mask, the runs of at least `least` pixels."""
    # All rows are one, with a pixel between them that ends every run.
    rows = np.zeros((mask.shape[0], mask.shape[1] + 1), dtype=bool)
    rows[:, :-1] = mask
    begins = rows.reshape(-1)
    for step in doublings(least):
        begins = begins[:-step] & begins[step:]
    runs = np.zeros(rows.size + least - 1, dtype=bool)
    runs[least - 1 : rows.size] = begins
    for step in doublings(least):
        runs = runs[:-step] | runs[step:]
    return runs.reshape(rows.shape)[:, :-1]
