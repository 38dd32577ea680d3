"""A sheet of paper on a desk: else the sheet, or the desk around it, would be taken for the ink.

A sheet is convex, has straight sides and corners, and is mostly paper. Its surroundings are painted over with
the paper's own colour, and the digit is then looked for as on any other paper.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from model.ink.hull import area_of, hull_of, largest_quadrangle, spans_of
from model.ink.morphology import (
    CROSS,
    EIGHT,
    bounding_box,
    filled,
    largest_around,
    largest_piece,
    smallest_around,
)
from model.ink.pillow import image_of
from model.ink.polarity import Grey, Real, counted_quantile, otsu, reduced

LEAST_SIDE = 48
"""Pictures whose shorter side is below this (pixels) are not searched."""

_SIDE = 96
"""The longer side (pixels) of the reduced picture in which it is looked for."""
_AREA = 0.06, 0.95
"""The share of the picture that a sheet covers."""
_LEAST_FILL = 0.28
"""A rectangle, turned as it may be, and that much of it paper, fills so much of an upright box."""
_CONVEX = 0.94
"""It fills so much of its convex hull."""
_BLANK = 0.6
"""So much of it is paper, and not ink."""
_CORNERED = 0.93
"""The largest quadrangle between its corners covers so much of it: a round outline leaves more."""
_UPRIGHT = 0.85
"""It fills so much of the smallest turned rectangle around it; the lit part beside a shadow is more
skewed."""
_RING = 1, 5
"""The ring (reduced pixels) around it in which the desk shows, ..."""
_SEEN = 0.2
"""... all but this share of it: around a form's cell there is a line, and then paper again."""
_EDGES = 2
"""It ends inside the picture on at least so many sides."""
_RIM = 2
"""The sheet's rim (reduced pixels) is left out."""

_WRITTEN = 20.0, 16
"""There is writing on it: so many reduced pixels differ so much (grey levels) from the paper's level."""

Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8]


def find_document(grey: Grey) -> Mask | None:
    """Find the sheet in a (H, W) picture, without its rim; None if there is no sheet on a desk.

    The desk shows on two sides or more. A shadow has an edge too, but no corner. With desk on one side only,
    the digit is found anyway.
    """
    if min(grey.shape) < LEAST_SIDE:
        return None
    small = reduced(grey, _SIDE)
    bright = small > otsu(small)
    found = [sheet for sheet in (_sheet(bright), _sheet(~bright)) if sheet is not None]
    if not found:
        return None
    # A desk beyond two sides may look as straight. The writing, and the picture's middle, tell them apart.
    best = max(found, key=lambda sheet: (sheet[1], _has_middle(sheet[0])))[0]
    inner = smallest_around(best.view(np.uint8), 2 * _RIM + 1).astype(bool)
    # In a picture cut close there is a blank sheet between the strokes and the edge, too.
    if not inner.any() or not _is_written_on(small, inner):
        return None
    size = (grey.shape[1], grey.shape[0])
    return np.asarray(image_of(inner.view(np.uint8)).resize(size, Image.Resampling.NEAREST)) > 0


def _is_written_on(small: Real, sheet: Mask) -> bool:
    """Whether something is on a sheet that does not reach in over its rim."""
    level = counted_quantile(np.bincount(small[sheet].astype(np.uint8)), 0.5)
    marks = (np.abs(small - np.float32(level)) > _WRITTEN[0]) & sheet
    labels, count = ndimage.label(marks, structure=EIGHT)
    rim = sheet.view(np.uint8) > smallest_around(sheet.view(np.uint8), 3)
    inside = np.ones(count + 1, dtype=bool)
    inside[labels[rim]] = False
    inside[0] = False
    return bool(np.count_nonzero(inside[labels]) >= _WRITTEN[1])


def crop_document(pixels: Pixels, sheet: Mask) -> tuple[Pixels, tuple[int, int]]:
    """Crop (H, W) or (H, W, 3) pixels to a sheet, everything else painted as paper; gives its corner (x, y)
    too."""
    part = bounding_box(sheet)
    assert part is not None
    nearest = ndimage.distance_transform_edt(~sheet[part], return_distances=False, return_indices=True)
    return np.ascontiguousarray(pixels[part][nearest[0], nearest[1]]), (part[1].start, part[0].start)


def _sheet(mask: Mask) -> tuple[Mask, bool] | None:
    """The largest component of a mask with its holes filled, if it is a sheet, and whether it had holes."""
    own = largest_piece(mask, CROSS)
    corners = None if own is None else _hull(own)
    if own is None or corners is None:
        return None
    seen, area = np.count_nonzero(own), np.count_nonzero(filled(own))
    if not _AREA[0] * mask.size <= area <= _AREA[1] * mask.size or seen < _BLANK * area:
        return None
    hull = Image.new("1", (mask.shape[1], mask.shape[0]))
    ImageDraw.Draw(hull).polygon([(x, y) for x, y in corners.tolist()], fill=1)
    whole = np.asarray(hull)
    if area < _CONVEX * np.count_nonzero(whole) or not _is_cornered(corners):
        return None
    near, far = (largest_around(whole.view(np.uint8), 2 * steps + 1) for steps in _RING)
    ring = far > near
    lonely = np.count_nonzero(mask & ring) <= _SEEN * np.count_nonzero(ring)
    return (whole, bool(area > seen)) if lonely else None


def _hull(own: Mask) -> NDArray[np.intp] | None:
    """The corners of a component's convex hull; None for most components that are not a sheet.

    The hull covers all spans of rows and columns, and holes lie within the spans. So strokes are ruled out
    before any hole is filled.
    """
    if _edges(own) < _EDGES:
        return None  # the paper of most pictures
    seen = int(np.count_nonzero(own))
    rows, columns = spans_of(own), spans_of(own.T)
    across, down = (int((last + 1 - first).sum()) for _, first, last in (rows.T, columns.T))
    most = min(seen / _BLANK, across, down)
    if (
        not _BLANK * _AREA[0] * own.size <= seen <= _AREA[1] * own.size
        or seen < _LEAST_FILL * len(rows) * len(columns)
        or most < _CONVEX * max(across, down)
    ):
        return None
    corners = hull_of(np.concatenate([rows[:, [1, 0]], rows[:, [2, 0]]]))
    return corners if most >= _CONVEX * float(area_of(corners)) else None


def _is_cornered(corners: NDArray[np.integer]) -> bool:
    """Whether a convex polygon of corners (n, 2), in order, is a rectangle, more or less."""
    if len(corners) < 4:
        return False
    area = float(area_of(corners))
    sides = np.diff(corners, axis=0, append=corners[:1]).astype(np.float64)
    sides /= np.linalg.norm(sides, axis=1, keepdims=True)
    along, across = corners @ sides.T, corners @ np.stack([-sides[:, 1], sides[:, 0]])
    rectangle = float((np.ptp(along, axis=0) * np.ptp(across, axis=0)).min())
    return area >= _UPRIGHT * rectangle and largest_quadrangle(corners) >= _CORNERED * area


def _edges(sheet: Mask) -> int:
    """On how many sides a sheet ends before the picture does."""
    sides = (sheet[:_RIM], sheet[-_RIM:], sheet[:, :_RIM], sheet[:, -_RIM:])
    return sum(not side.any() for side in sides)


def _has_middle(sheet: Mask) -> bool:
    return bool(sheet[sheet.shape[0] // 2, sheet.shape[1] // 2])
