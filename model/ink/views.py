"""What may be paper and print rather than pen: lines removed, the inside of the largest shape.

Lines were on the paper before the pen: ruled and squared paper, the frame of a form's cell.
"""

import numpy as np
from scipy import ndimage

from model.ink.components import WEAK
from model.ink.morphology import EIGHT, Mask, filled
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
LEAST_SHAPE_SIDE = 12
"""It is at least so high and so wide (pixels)."""


def without_lines(ink: Grey) -> Grey | None:
    """Ink (H, W) without the frame of a cell and the rules of the paper; None where there are none."""
    cleaned = np.where(lines(ink), 0, ink)
    return cleaned if cleaned.any() and (cleaned != ink).any() else None


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
    # Neighbours so far apart, step by step, together span as many pixels: log2 of them, an axis.
    steps: list[int] = []
    while (span := 1 + sum(steps)) < least:
        steps.append(min(span, least - span))
    # All rows are one, with a pixel between them that ends every run.
    begins = rows = np.pad(mask, ((0, 0), (0, 1))).reshape(-1)
    for step in steps:
        begins = begins[:-step] & begins[step:]
    runs = np.zeros(rows.size + least - 1, dtype=bool)
    runs[least - 1 : rows.size] = begins
    for step in steps:
        runs = runs[:-step] | runs[step:]
    return runs.reshape(len(mask), -1)[:, :-1]


def inside_largest(ink: Grey, grey: Grey) -> tuple[Grey, int, int] | None:
    """Paint over everything but the inside of the largest shape of (H, W) ink; None without a shape.

    The shape is a surface, whose own levels are looked at, or an outline, of which the hole is. Gives it
    (h, w), where it begins from the left, and from the top.
    """
    labels, _ = ndimage.label(ink >= WEAK, structure=EIGHT)
    boxes = ndimage.find_objects(labels)
    areas = [(down.stop - down.start) * (across.stop - across.start) for down, across in boxes]
    if max(areas, default=0) < LEAST_SHAPE * ink.size:
        return None
    largest = int(np.argmax(areas))
    own = labels[boxes[largest]] == largest + 1
    whole = filled(own)
    if min(own.shape) < LEAST_SHAPE_SIDE or np.count_nonzero(whole) < LEAST_FILL * own.size:
        return None
    hole = whole & ~own
    is_outline = np.count_nonzero(hole) > 0.5 * np.count_nonzero(whole)
    rim = 1 if is_outline else max(1, round(0.04 * min(own.shape)))
    inside = ndimage.binary_erosion(hole if is_outline else whole, iterations=rim)
    if not inside.any():
        return None
    part, (down, across) = grey[boxes[largest]], boxes[largest]
    return np.where(inside, part, np.uint8(np.median(part[inside]))), across.start, down.start
