"""What may be paper and print rather than pen: lines removed, the inside of the largest shape.

Lines were on the paper before the pen: ruled and squared paper, the frame of a form's cell.
"""

import numpy as np
from scipy import ndimage

from model.ink.components import WEAK
from model.ink.morphology import EIGHT, Mask, doublings, filled
from model.ink.polarity import Grey

ACROSS = 0.7
"""The share of the picture's side that a line runs along, ..."""
INKED = 0.5
"""... and the share along which it is seen, between the strokes that cross it."""
THICKEST = 0.07
"""A line's width, as a share of the picture's shorter side, at the most (and 3 pixels in any case)."""
SEGMENT = 0.12
"""Straight runs at least this long (share of the side) make up a line; a slight tilt breaks it in such."""
GAP = 0.45
"""A gap in a line, where a digit stands on it, is shorter than this share of the side."""
LEAST_SHAPE, LEAST_FILL = 0.06, 0.45
"""A shape's box covers at least this share of the picture, and the shape so much of its box."""


def without_lines(ink: Grey) -> Grey | None:
    """Ink (H, W) without the frame of a cell and the rules of the paper; None where there are none."""
    found = lines(ink)
    if not found.any():
        return None
    cleaned = np.where(found, 0, ink).astype(np.uint8)
    total, left = float(ink.sum()), float(cleaned.sum())
    return cleaned if 0 < left < total else None


def lines(ink: Grey) -> Mask:
    """The pixels of level and upright lines in a (H, W) ink map, but for those of strokes across them."""
    mask = ink >= WEAK
    return np.asarray(_level(mask) | _level(mask.T).T)


def _level(mask: Mask) -> Mask:
    """Pixels of level lines in a (H, W) mask."""
    height, width = mask.shape
    thickest = max(3, round(THICKEST * min(height, width)))
    tall = long_runs(mask.T, thickest + 1).T
    straight = long_runs(mask, max(5, round(SEGMENT * width))) & ~tall
    if not straight.any():
        return straight
    # Bridge what a crossing stroke, a gap or one step of a tilted line interrupts.
    near = straight.copy()
    near[1:] |= straight[:-1]
    near[:-1] |= straight[1:]
    joined = near | ~long_runs(~near, round(GAP * width))
    labels, count = ndimage.label(joined, structure=EIGHT)
    keep = np.zeros(count + 1, dtype=bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        is_flat = rows.stop - rows.start <= 2 * thickest
        if is_flat and columns.stop - columns.start >= ACROSS * width:
            own = straight[rows, columns] & (labels[rows, columns] == number)
            keep[number] = np.count_nonzero(own.any(axis=0)) >= INKED * width
    # The faint rim of a line goes with it, the stroke across it stays.
    return np.asarray(keep[labels] & mask & ~tall)


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


def inside_largest(ink: Grey, grey: Grey) -> tuple[Grey, int, int] | None:
    """Paint over everything but the inside of the largest shape of (H, W) ink; None without a shape.

    Gives it (h, w), where it begins from the left, and from the top.

    The shape is a surface, whose own levels are looked at, or an outline, of which the hole is.
    """
    labels, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    if count == 0:
        return None
    boxes = ndimage.find_objects(labels)
    areas = [(rows.stop - rows.start) * (columns.stop - columns.start) for rows, columns in boxes]
    largest = int(np.argmax(areas))
    rows, columns = boxes[largest]
    if (
        areas[largest] < LEAST_SHAPE * ink.size
        or min(rows.stop - rows.start, columns.stop - columns.start) < 12
    ):
        return None
    own = labels[rows, columns] == largest + 1
    whole = filled(own)
    if np.count_nonzero(whole) < LEAST_FILL * areas[largest]:
        return None
    hole = whole & ~own
    is_outline = np.count_nonzero(hole) > 0.5 * np.count_nonzero(whole)
    rim = 1 if is_outline else max(1, round(0.04 * min(whole.shape)))
    inside = ndimage.binary_erosion(hole if is_outline else whole, iterations=rim)
    if not inside.any():
        return None
    part = grey[rows, columns]
    level = np.uint8(np.median(part[inside]))
    return np.where(inside, part, level).astype(np.uint8), columns.start, rows.start
