"""A digit cut out of a plate: light on a dark tile, on a house or in a display, with paper around it.

What stands out from the paper is the plate, and the digit is the hole in it. A 0 is an outline with a hole
too, but its outline is round, and its hole a plain one.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.hull import area_of, hull_of
from model.ink.polarity import Grey

LEAST_SIDE = 16
"""A plate's shorter side (pixels) at the least."""
_SOLID = 0.45
"""It covers this share of its box at the least, its holes left out."""
_HOLES = 0.04, 0.5
"""They cover so much of it at the least and at the most."""
_RECTANGLE = 0.88
"""It covers this share of the narrowest rectangle around it."""
_ANGLES = np.radians(np.arange(-24.0, 25.0, 3.0))
"""The rectangles that are tried are turned by these."""
_PLAIN = 0.82
"""A hole that covers more of its convex hull is a plain one."""
_BAR = 0.28, 0.4, 0.55
"""But for a 1: its width at the most and its height at the least, as shares of the plate, and what share of
its height a plate is wide then at the least: a narrow 0 is a bar with a bar in it."""
_RIM = 0.03
"""The plate's soft rim, as a share of its shorter side."""

Mask = NDArray[np.bool_]


def on_plate(ink: Grey, own: Mask, box: tuple[int, int, int, int]) -> Grey | None:
    """The ink (H, W) of the digit in a plate, 0 to 255; None if what was chosen is no plate.

    `ink` is what stands out from the paper, `own` the mask of what was chosen of it, `box` its x, y, width
    and height (pixels).
    """
    x, y, width, height = box
    if min(width, height) < LEAST_SIDE:
        return None
    area = slice(y, y + height), slice(x, x + width)
    part = own[area]
    if part.mean() < _SOLID:
        return None
    plate = ndimage.binary_fill_holes(part)
    holes = plate & ~part
    if not _HOLES[0] < holes.sum() / plate.sum() < _HOLES[1] or not _is_rectangle(plate):
        return None
    if not _is_something(holes):
        return None
    rim = max(1, round(_RIM * min(width, height)))
    inside = ndimage.binary_erosion(plate, iterations=rim)
    shown = np.where(inside, 255 - ink[area], 0)
    found = np.zeros_like(ink)
    found[area] = np.minimum(shown * (255.0 / max(1.0, float(np.percentile(shown[holes], 75)))), 255.0)
    return found


def _is_rectangle(plate: Mask) -> bool:
    """Whether a shape fills a rectangle, which may be turned."""
    outline = plate & ~ndimage.binary_erosion(plate)
    y, x = np.nonzero(outline)
    across = np.outer(np.cos(_ANGLES), x) + np.outer(np.sin(_ANGLES), y)
    down = np.outer(np.cos(_ANGLES), y) - np.outer(np.sin(_ANGLES), x)
    areas = (np.ptp(across, axis=1) + 1) * (np.ptp(down, axis=1) + 1)
    return bool(plate.sum() > _RECTANGLE * areas.min())


def _is_something(holes: Mask) -> bool:
    """Whether the largest hole has a digit's shape, and is not the inside of a letter or of a 0."""
    labels, count = ndimage.label(holes, structure=np.ones((3, 3), dtype=bool))
    largest = int(np.bincount(labels.ravel(), minlength=count + 1)[1:].argmax()) + 1
    hole = labels == largest
    rows, columns = ndimage.find_objects(labels)[largest - 1]
    height, width = holes.shape
    is_bar = columns.stop - columns.start <= _BAR[0] * width and rows.stop - rows.start >= _BAR[1] * height
    if is_bar and width >= _BAR[2] * height:
        return True
    y, x = np.nonzero(hole)
    # The corners of the pixels, or a hole of one row would have no area.
    corners = np.concatenate([np.stack([x + dx, y + dy], axis=1) for dx in (0, 1) for dy in (0, 1)])
    return bool(len(x) < _PLAIN * area_of(hull_of(corners)))
