"""A box on even ground: a black tile on a white page, a cell with its border, a screenshot's frame.

The surroundings of such a box are not the digit's paper, and its outline is not the digit's ink: the inside
is the picture. The outline of a digit is not a box: its corners are paper, or nothing is inside.
"""

import numpy as np
from numpy.typing import NDArray

from model.ink.morphology import border, bounding_box, largest_piece
from model.ink.polarity import Grey

LEAST_SIDE = 12
"""A box's shorter side (pixels) at the least."""
MOST_BOXES = 4
"""So many boxes within boxes are opened."""

_SAME = 24
"""Grey levels within which a box's outline is of one colour."""
_WHOLE = 0.97
"""The share of the outline that must be."""
_CORNER = 0.15
"""A rectangle's corners, of this share of its sides, may be round."""
_SPECK = 4
"""A box is plain if fewer pixels of its middle have another level."""
_BAR = 0.3, 0.4
"""A bar's width at the most and its height at the least, as shares of the box."""


def inside_boxes(grey: Grey) -> tuple[slice, slice]:
    """The rows and columns of a (H, W) grey picture that lie inside all boxes around its content."""
    rows, columns = slice(0, grey.shape[0]), slice(0, grey.shape[1])
    for _ in range(MOST_BOXES):
        found = _inside(grey[rows, columns])
        if found is None:
            break
        rows, columns = _within(rows, found[0]), _within(columns, found[1])
    return rows, columns


def is_outlined(part: Grey, ground: int) -> bool:
    """Whether what stands out from the level `ground`, cut out along its bounding box, may be a box."""
    if min(part.shape) < LEAST_SIDE:
        return False
    least = 2.0 * (1.0 - _WHOLE) * sum(part.shape)  # pixels, a few too many, of an outline's _WHOLE
    if part[0].tobytes().count(ground) > least:
        return False
    edge = border(part)
    if np.count_nonzero(edge == ground) > (1.0 - _WHOLE) * edge.size:
        return False  # the usual case
    levels = edge.astype(np.int16)
    level = int(np.median(levels))
    return abs(level - ground) > _SAME and float((np.abs(levels - level) <= _SAME).mean()) >= _WHOLE


def _within(whole: slice, part: slice) -> slice:
    return slice(whole.start + part.start, whole.start + part.stop)


def _inside(grey: Grey) -> tuple[slice, slice] | None:
    """The inside of the box that encloses all of a picture's content; None if there is no such box."""
    ground = int(grey[0, 0])
    if min(grey.shape) < LEAST_SIDE or (border(grey) != ground).any():
        return None
    off = np.abs(grey.astype(np.int16) - ground) > _SAME
    found = bounding_box(off)
    if found is None:
        return None
    part = grey[found]
    # Enlarged boxes have soft rims, half ground and half box.
    for rim in (0, 1, 2):
        inner = part[rim : part.shape[0] - rim, rim : part.shape[1] - rim]
        if not is_outlined(inner, ground):
            continue
        level = int(np.median(border(inner).astype(np.uint8)))
        content = np.abs(inner.astype(np.int16) - level) > _SAME
        if not _is_something(content):
            return None
        return _within(found[0], slice(rim, part.shape[0] - rim)), _within(
            found[1], slice(rim, part.shape[1] - rim)
        )
    return None


def _is_something(content: NDArray[np.bool_]) -> bool:
    """Whether a box holds more than plain rectangles, the loops of an angular 0 or 8.

    A narrow upright bar counts as more: it is a 1.
    """
    largest = largest_piece(content)
    box = None if largest is None else bounding_box(largest)
    if box is None:
        return False
    rows, columns = box
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if width <= _BAR[0] * content.shape[1] and height >= _BAR[1] * content.shape[0]:
        return True
    top, left = round(_CORNER * height), round(_CORNER * width)
    middle = content[rows.start + top : rows.stop - top, columns.start + left : columns.stop - left]
    return bool(np.count_nonzero(~middle) >= _SPECK)
