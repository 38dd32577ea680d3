"""A digit with a ring around it: an exercise's number, a marked answer, a sign's border.

The ring is the larger piece of ink, and would be read as a 0. The slash or the dot inside of a 0, which tells
it from the letter, does not have a digit's shape, or leans. A ring drawn by hand need not close.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from model.ink.components import STRONG, WEAK
from model.ink.hull import area_of, corners_of, hull_of
from model.ink.morphology import EIGHT, bounding_box, filled, largest_around, largest_piece
from model.ink.polarity import Grey
from model.ink.shapes import is_disc, is_rectangle

LEAST_SIDE = 24
"""A ring's shorter side (pixels) at the least."""
_DIRECTIONS = 72
"""It is looked for from its middle in so many directions, ..."""
_CLOSED = 0.85
"""... and found in at least this share of them."""
_THIN = 0.5
"""Its ink covers less of what it encloses."""
_NARROWEST = 0.75
"""A round one is so wide for its height at the least: outlined digits are narrower."""
_TALL = 0.25
"""A digit inside reaches over this share of its height, at the least."""
_PLAIN = 0.75
"""A shape without a hole that covers more of its convex hull is a plain stroke or a dot: a 1, or the mark in
a 0."""
_ONE = 0.8, 0.45
"""It is a 1 where the ring is at least so wide for its height, and it is itself no wider than this."""
_LOOP, _CENTRAL = 0.93, 0.12
"""A shape that covers more of its hull than this, its hole included, is a 0 if it stands in the middle, give
or take this share of the ring's longer side. The loop of an outlined 6 or 9 does not."""

Mask = NDArray[np.bool_]


def inside_ring(ink: Grey, own: Mask, box: tuple[int, int, int, int]) -> Grey | None:
    """Find the ink (H, W) that a ring encloses; None if the chosen ink is not a ring around a digit.

    `own` is the mask of the chosen ink, `box` its x, y, width and height (pixels).
    """
    x, y, width, height = box
    if min(width, height) < LEAST_SIDE:
        return None
    area = slice(y, y + height), slice(x, x + width)
    ring = _around(own[area])
    if ring is None:
        return None
    apart = np.where(largest_around(ring.view(np.uint8), 3) > 0, 0, ink[area])
    # Usually nothing is inside.
    enclosed = _enclosed(ring) if int(apart.max()) >= STRONG else None
    if enclosed is None or ring.sum() > _THIN * enclosed.sum():
        return None
    inside = np.where(enclosed, apart, 0)
    if int(inside.max()) < STRONG or not (is_rectangle(enclosed) or is_disc(enclosed, _NARROWEST)):
        return None
    stroke = largest_piece(inside >= WEAK)
    if stroke is None or not _is_digit(stroke, width / height):
        return None
    found = np.zeros_like(ink)
    found[area] = inside
    return found


def _around(mask: Mask) -> Mask | None:
    """The piece of a mask (H, W), cut out along its box, that reaches to all sides; None if none does."""
    labels, _ = ndimage.label(mask, structure=EIGHT)
    everything = slice(0, mask.shape[0]), slice(0, mask.shape[1])
    whole = [label for label, place in enumerate(ndimage.find_objects(labels), 1) if place == everything]
    return labels == whole[0] if whole else None


def _enclosed(ring: Mask) -> Mask | None:
    """The ring (H, W), which fills its box, and its inside; None if it is not a ring."""
    height, width = ring.shape
    y, x = np.nonzero(ring)
    down, right = y - (height - 1) / 2, x - (width - 1) / 2
    direction = np.floor(np.arctan2(down, right) * (_DIRECTIONS / (2 * np.pi))).astype(np.intp) % _DIRECTIONS
    # In each direction the farthest one comes last.
    order = np.lexsort((np.hypot(down, right), direction))
    outer = order[np.flatnonzero(np.diff(direction[order], append=_DIRECTIONS))]
    if len(outer) < _CLOSED * _DIRECTIONS:
        return None
    picture = Image.new("L", (width, height))
    edge = list(zip(x[outer].tolist(), y[outer].tolist(), strict=True))
    ImageDraw.Draw(picture).polygon(edge, fill=1, outline=1)
    return ring | (np.asarray(picture) > 0)


def _is_digit(stroke: Mask, aspect: float) -> bool:
    """Whether the largest piece of ink in a ring of that aspect, of its box (H, W), may be a digit."""
    box = bounding_box(stroke)
    assert box is not None
    rows, columns = box
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if height < _TALL * len(stroke):
        return False
    convex = float(area_of(hull_of(corners_of(stroke))))
    area = int(np.count_nonzero(filled(stroke)))
    if area == np.count_nonzero(stroke):
        is_one = aspect >= _ONE[0] and width <= _ONE[1] * height
        return is_one or area < _PLAIN * convex
    return area < _LOOP * convex or _is_central(rows, columns, stroke.shape)


def _is_central(rows: slice, columns: slice, shape: tuple[int, ...]) -> bool:
    """Whether a part of a picture of a shape lies in its middle."""
    away = [abs(part.start + part.stop - side) / 2 for part, side in zip((rows, columns), shape, strict=True)]
    return bool(max(away) <= _CENTRAL * max(shape))
