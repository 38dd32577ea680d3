"""Displays: the segments or dots of a digit stand apart, and are put together before it is read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from model.ink.components import WEAK
from model.ink.morphology import EIGHT

Grey = NDArray[np.uint8]
Real = NDArray[np.float64]

MOST_PARTS = 400
SLIM, SOLID = 1.7, 0.72
"""A segment is at least so many times as long as thick, and fills so much of the bar that it is."""
ALIKE = 1.45
"""Segments are as thick as each other, and dots as large, up to this factor."""
SHARE, DOTTED = 0.5, 0.25
"""Segments are at least this share of the ink, and dots that touch no other are."""
CORNER, IN_LINE = 1.9, 2.7
"""Ends of segments at a corner are no farther apart than this, ends of two in one line than that (in their
thickness)."""
LEAST_DOTS, MOST_DOTS = 8, 1000
APART, NEXT = 3.0, 1.55
"""Dots of one digit are no farther apart than so many of their widths, and so many of the usual steps."""


@dataclass(frozen=True, slots=True)
class _Bars:
    """Components as bars (n,): middle, direction (n, 2), length, thickness, and what of it is ink."""

    middle: Real
    along: Real
    length: Real
    thick: Real
    solid: Real
    mass: Real


def joined(ink: Grey, labels: NDArray[np.int32], count: int) -> Grey:
    """Ink (H, W) with lines between the segments or dots of one digit; the same ink where there are none."""
    if not 3 <= count <= MOST_PARTS:
        return ink
    bars = _bars(ink, labels, count)
    lines, width = _dots(bars, ink)
    if not lines:
        lines, width = _segments(bars)
    if not lines:
        return ink
    image = Image.fromarray(ink)
    pen = ImageDraw.Draw(image)
    for first, last in lines:
        pen.line((*first, *last), fill=255, width=max(1, round(width)))
    return np.asarray(image)


def _bars(ink: Grey, labels: NDArray[np.int32], count: int) -> _Bars:
    rows, columns = np.nonzero(labels)
    which = labels[rows, columns] - 1
    weight = ink[rows, columns] / 255.0

    def mean(values: Real | NDArray[np.int64]) -> Real:
        return np.bincount(which, weights=weight * values, minlength=count) / mass

    mass = np.maximum(np.bincount(which, weights=weight, minlength=count), 1e-6)
    x, y = mean(columns), mean(rows)
    across, down, both = mean(columns**2) - x * x, mean(rows**2) - y * y, mean(columns * rows) - x * y
    # The second moments of a bar are the squares of its sides by twelve, one pixel's own included.
    half, spread = (across + down) / 2, np.hypot((across - down) / 2, both)
    length = np.sqrt(12 * np.maximum(half + spread, 0) + 1)
    thick = np.sqrt(12 * np.maximum(half - spread, 0) + 1)
    angle = 0.5 * np.arctan2(2 * both, across - down)
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _Bars(np.stack([x, y], axis=1), along, length, thick, mass / (length * thick), mass)


def _alike(bars: _Bars, some: NDArray[np.bool_], sizes: Real, share: float = SHARE) -> NDArray[np.int64]:
    """Those of `some` that are about as large as most of them by mass; none if they are too few."""
    if not some.any():
        return np.zeros(0, np.int64)
    order = np.flatnonzero(some)[np.argsort(sizes[some])]
    heavy = np.cumsum(bars.mass[order])
    usual = sizes[order[np.searchsorted(heavy, heavy[-1] / 2)]]
    found = np.flatnonzero(some & (sizes < ALIKE * usual) & (sizes > usual / ALIKE))
    return found if bars.mass[found].sum() >= share * bars.mass.sum() else found[:0]


def _segments(bars: _Bars) -> tuple[list[tuple[Real, Real]], float]:
    """Lines between the ends of segments of one digit, and how wide to draw them."""
    found = _alike(bars, (bars.length > SLIM * bars.thick) & (bars.solid > SOLID), bars.thick)
    if len(found) < 2:
        return [], 0.0
    thick = float(np.median(bars.thick[found]))
    along = bars.along[found]
    reach = along * ((bars.length[found] - 0.5 * bars.thick[found]) / 2)[:, None]
    ends = np.stack([bars.middle[found] - reach, bars.middle[found] + reach], axis=1)
    away = ends[:, None, :, None] - ends[None, :, None, :]
    distance = np.hypot(away[..., 0], away[..., 1]).reshape(len(found), len(found), 4)
    nearest, distance = distance.argmin(axis=2), distance.min(axis=2)
    cosine = np.abs(along @ along.T)
    step = bars.middle[found][:, None] - bars.middle[found][None]
    straight = np.abs((along[:, None] * step).sum(axis=2)) > 0.97 * np.hypot(step[..., 0], step[..., 1])
    in_line = (cosine > 0.95) & straight & (distance <= IN_LINE * thick)
    close = np.where(cosine < 0.6, distance <= CORNER * thick, in_line)
    pairs = zip(*np.nonzero(np.tril(close, -1)), strict=True)
    return [(ends[i][nearest[i, j] // 2], ends[j][nearest[i, j] % 2]) for i, j in pairs], thick


def _dots(bars: _Bars, ink: Grey) -> tuple[list[tuple[Real, Real]], float]:
    """Lines between the dots of one digit, and how wide to draw them."""
    found = _alike(bars, (bars.length < SLIM * bars.thick) & (bars.solid > SOLID), bars.length, DOTTED)
    if len(found) < LEAST_DOTS:
        return [], 0.0
    size = float(np.median(bars.thick[found]))
    # Some dots may touch their neighbours: the middle of each is where the paper is farthest.
    depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(ink >= WEAK), size / 8)
    peaks = (depth == ndimage.maximum_filter(depth, max(3, round(size / 2)))) & (depth > size / 4)
    dots, count = ndimage.label(peaks, structure=EIGHT)
    if count > MOST_DOTS:
        return [], 0.0
    middle = np.array(ndimage.center_of_mass(peaks, dots, np.arange(1, count + 1)))[:, ::-1]
    distance = np.hypot(*(middle[:, None] - middle[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    step = float(np.median(distance.min(axis=1)))
    if step > APART * size:
        return [], 0.0
    first, last = np.nonzero(np.triu(distance <= NEXT * step))
    return [(middle[i], middle[j]) for i, j in zip(first, last, strict=True)], size
