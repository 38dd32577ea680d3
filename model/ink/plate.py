"""A digit cut out of a plate: on a tile, a disc or a note of another colour, with paper around it.

The plate stands out from the paper. The digit is a hole in it, or stands out from it in turn. A 0 is an
outline with a hole too, but its outline is narrow, and its hole a plain one.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.hull import area_of, corners_of, hull_of, spans_of
from model.ink.morphology import bounding_box, filled, largest_piece
from model.ink.polarity import Grey
from model.ink.shapes import LEAST_FILL, is_disc, is_rectangle

LEAST_SIDE = 16
"""A plate's shorter side (pixels) at the least."""
_SOLID = 0.45
"""It covers this share of its box at the least, its holes left out."""
_CONTRAST = 32.0
"""The digit differs from the plate by at least so many levels."""
_MARKS = 0.004, 0.5
"""It covers so much of it at the least and at the most."""
_DISC = 0.8
"""A round one is so wide for its height at the least."""
_TALL = 0.25
"""The digit has at least this share of the plate's height."""
_PLAIN = 0.82
"""A mark that covers more of its convex hull is a plain one, such as the hole of a 0."""
_BAR = 0.28, 0.4, 0.55
"""A 1 is a plain mark, too: its greatest width and least height, as shares of the plate's, and the least
width of its plate for the plate's height. A narrow 0 is a bar with a bar in it, and a narrower plate without
a hole is a bar itself."""
_RIM = 0.03
"""The plate's soft rim, as a share of its shorter side."""

Mask = NDArray[np.bool_]


def on_plate(levels: Grey, own: Mask, box: tuple[int, int, int, int]) -> Grey | None:
    """Find the ink (H, W), 0 to 255, of the digit on a plate; None if the chosen ink is not a plate.

    Args:
        levels: The picture's levels, or the ink.
        own: The mask of the chosen ink.
        box: Its x, y, width and height (pixels).
    """
    plate = plate_of(own, box)
    if plate is None:
        return None
    x, y, width, height = box
    area = slice(y, y + height), slice(x, x + width)
    inside = ndimage.binary_erosion(plate, iterations=max(1, round(_RIM * min(width, height))))
    if not inside.any():
        return None
    shown = np.abs(levels[area] - np.float32(np.median(levels[area][inside])))
    marks = inside & (shown >= _CONTRAST)
    if not _MARKS[0] < np.count_nonzero(marks) / np.count_nonzero(plate) < _MARKS[1]:
        return None
    if not _is_something(marks):
        return None
    found = np.zeros_like(levels)
    full = np.percentile(shown[marks], 75)
    found[area] = np.where(inside, np.minimum(shown * (255.0 / full), 255.0), 0.0)
    return found


def plate_of(own: Mask, box: tuple[int, int, int, int]) -> Mask | None:
    """The mask (h, w) of a plate, its holes filled; None if the chosen ink does not have a plate's shape."""
    x, y, width, height = box
    if min(width, height) < LEAST_SIDE:
        return None
    part = own[y : y + height, x : x + width]
    solid = np.count_nonzero(part)
    if solid < _SOLID * part.size:
        return None
    # A rectangle or a disc fills its spans, which cover its holes.
    across, down = (
        int((last + 1 - first).sum()) for _, first, last in (spans_of(part).T, spans_of(part.T).T)
    )
    if min(across, down) < LEAST_FILL * max(across, down):
        return None
    plate = filled(part)
    if solid == np.count_nonzero(plate) and width < _BAR[2] * height:
        return None
    return plate if is_rectangle(plate) or is_disc(plate, _DISC) else None


def _is_something(marks: Mask) -> bool:
    """Whether the largest mark has a digit's shape, and is not the inside of a letter or of a 0."""
    mark = largest_piece(marks)
    box = None if mark is None else bounding_box(mark)
    if mark is None or box is None:
        return False
    rows, columns = box
    tall, wide = (rows.stop - rows.start) / len(marks), (columns.stop - columns.start) / marks.shape[1]
    if tall < _TALL:
        return False
    aspect = marks.shape[1] / len(marks)
    if wide <= _BAR[0] and (aspect >= _DISC or (tall >= _BAR[1] and aspect >= _BAR[2])):
        return True
    return bool(mark.sum() < _PLAIN * area_of(hull_of(corners_of(mark))))
