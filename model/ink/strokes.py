"""Pen strokes -> the network's field, drawn from the vectors straight at its size.

As the drawing is fitted before it is drawn, its size, its place and the width of the pen on the screen
do not matter.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.ink.errors import InvalidStrokes, NoInk
from model.ink.frame import BOX_SIDE, CENTRE, FIELD_SIDE, Field

Strokes = Sequence[Sequence[Sequence[float]]]
"""Strokes of points [x, y] or [x, y, pressure], any units, y down."""

PEN = 2.5
"""Width of the pen (field pixels): it gives the median `frame.stroke_width` of MNIST, 2.4."""

MAX_POINTS = 20_000

_SHORTEST = 0.2
"""Points nearer than this (field pixels) to the one before say nothing that could be seen."""
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Drawing:
    """Checked strokes: one (n, 3) array of x, y and pressure for each that has a point."""

    strokes: list[NDArray[np.float64]]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width and height of the points, in the units sent."""
        low = np.min([stroke[:, :2].min(axis=0) for stroke in self.strokes], axis=0)
        high = np.max([stroke[:, :2].max(axis=0) for stroke in self.strokes], axis=0)
        return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def read(strokes: Strokes) -> Drawing:
    """Check strokes. Raises `InvalidStrokes`, or `NoInk` when there is not one point."""
    drawn = []
    total = 0
    for number, stroke in enumerate(strokes):
        total += len(stroke)
        if total > MAX_POINTS:
            raise InvalidStrokes(f"the drawing has more than {MAX_POINTS:,} points")
        if not len(stroke):
            continue
        points = np.ones((len(stroke), 3))
        try:
            for row, point in zip(points, stroke, strict=True):
                row[: len(point)] = point
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidStrokes(
                f"stroke {number} has a point that is not [x, y] or [x, y, pressure]"
            ) from error
        if any(len(point) < 2 for point in stroke):
            raise InvalidStrokes(f"stroke {number} has a point that is not [x, y] or [x, y, pressure]")
        if not np.isfinite(points).all() or np.abs(points[:, :2]).max() > 1e9:
            raise InvalidStrokes(
                f"stroke {number} has a point that is not finite or beyond a thousand million"
            )
        drawn.append(points)
    if not drawn:
        raise NoInk("nothing is drawn")
    return Drawing(drawn)


def draw(drawing: Drawing, pen: float = PEN) -> Field:
    """Draw strokes as a (28, 28) field: 20x20 box, pen included, centre of mass at its centre.

    `pen` is the pen's width in field pixels.
    """
    x, y, width, height = drawing.box
    span = max(width, height)
    scale = (BOX_SIDE - pen) / span if span > 0 else 1.0
    start, end, radius = _segments(drawing, np.array([x, y]), scale, pen)
    length = np.hypot(*(end - start).T) + 0.25 * pen  # a dot has no length, but ink
    centre = (length @ ((start + end) / 2)) / length.sum()
    reach = np.array([width, height]) * scale
    # Where the mass lies far to one side, the box stays in the field.
    shift = np.clip(CENTRE - centre, 1 + pen / 2, FIELD_SIDE - 1 - pen / 2 - reach)
    return _cover(start + shift, end + shift, radius)


def _segments(
    drawing: Drawing, origin: NDArray[np.float64], scale: float, pen: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Starts (n, 2), ends (n, 2) and radii (n,) of the pen's straight movements, in field pixels."""
    starts, ends, radii = [], [], []
    pressures = np.concatenate([stroke[:, 2] for stroke in drawing.strokes])
    mean_pressure = float(np.mean(pressures))
    for stroke in drawing.strokes:
        points = (stroke[:, :2] - origin) * scale
        kept = _thin_out(points)
        points = points[kept]
        relative = stroke[kept, 2] / mean_pressure if mean_pressure > 0 else np.ones(len(kept))
        half = 0.5 * pen * np.clip(relative, 0.6, 1.5)
        last = max(len(points) - 1, 1)
        starts.append(points[:last])
        ends.append(points[-last:])
        radii.append((half[:last] + half[-last:]) / 2)
    return np.concatenate(starts), np.concatenate(ends), np.concatenate(radii)


def _thin_out(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of points at least `_SHORTEST` along the way from the one kept before, ends included."""
    if len(points) < 3:
        return np.arange(len(points))
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    steps = np.floor(way / _SHORTEST)
    kept = np.flatnonzero(np.diff(steps, prepend=-1.0) > 0)
    if kept[-1] != len(points) - 1:
        kept = np.append(kept, len(points) - 1)
    return kept


_PIXELS = np.stack(np.meshgrid(np.arange(FIELD_SIDE) + 0.5, np.arange(FIELD_SIDE) + 0.5), axis=-1).reshape(
    -1, 2
)


def _cover(start: NDArray[np.float64], end: NDArray[np.float64], radius: NDArray[np.float64]) -> Field:
    """Antialiased ink: how far each pixel's centre lies inside the nearest movement of the pen."""
    inside = np.full(len(_PIXELS), -math.inf)
    for first in range(0, len(start), _CHUNK):
        chunk = slice(first, first + _CHUNK)
        begin, way = start[chunk], end[chunk] - start[chunk]
        square = np.maximum((way * way).sum(axis=1), 1e-12)
        offset_x = _PIXELS[:, 0:1] - begin[:, 0]
        offset_y = _PIXELS[:, 1:2] - begin[:, 1]
        along = np.clip((offset_x * way[:, 0] + offset_y * way[:, 1]) / square, 0.0, 1.0)
        offset_x -= along * way[:, 0]
        offset_y -= along * way[:, 1]
        distance = np.sqrt(offset_x * offset_x + offset_y * offset_y)
        np.maximum(inside, (radius[chunk] - distance).max(axis=1), out=inside)
    ink = np.clip(inside + 0.5, 0.0, 1.0) * 255.0
    return np.asarray(np.rint(ink), dtype=np.uint8).reshape(FIELD_SIDE, FIELD_SIDE)


def pieces(drawing: Drawing) -> int:
    """How many digits seem to stand side by side: groups of strokes with clear space between them."""
    _, _, width, height = drawing.box
    tall = max(height, 0.2 * width, 1e-9)
    spans = sorted(
        (float(s[:, 0].min()), float(s[:, 0].max()), float(s[:, 1].min()), float(s[:, 1].max()))
        for s in drawing.strokes
    )
    groups: list[list[float]] = []
    for left, right, top, bottom in spans:
        if groups and left <= groups[-1][1] + 0.12 * tall:
            last = groups[-1]
            groups[-1] = [last[0], max(last[1], right), min(last[2], top), max(last[3], bottom)]
        else:
            groups.append([left, right, top, bottom])
    return sum(bottom - top > 0.5 * tall for _, _, top, bottom in groups) or 1
