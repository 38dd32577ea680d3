"""Pen strokes -> the network's field, drawn from the vectors straight at its size.

As the drawing is fitted before it is drawn, its size, its place and the width of the pen on the screen
do not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.ink.errors import InvalidStrokes, NoInk
from model.ink.frame import BOX_SIDE, CENTRE, FIELD_SIDE, Field

Strokes = Sequence[Sequence[Sequence[float]]]
"""Strokes of points [x, y] or [x, y, pressure], any units, y down."""

PEN = 2.5
"""Width of the pen (field pixels): it gives the median `frame.stroke_width` of MNIST, 2.4."""

MAX_POINTS = 20_000

_SPACING = 0.35
"""The pen is set down this often (field pixels): between two of its round prints lies less than a
hundredth of a pixel of the straight edge that they stand for."""
_LEAST_SPAN = 1e-12
"""A drawing smaller than this (units sent) is a dot."""
_MOST_PRINTS = 4_000
"""A scribble longer than this many prints covers the field several times over; it gets no more of them."""


@dataclass(frozen=True)
class Drawing:
    """Checked strokes: one (n, 3) array of x, y and pressure for each that has a point."""

    strokes: list[NDArray[np.float64]]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width and height of the points, in the units sent."""
        points = self.strokes[0] if len(self.strokes) == 1 else np.concatenate(self.strokes)
        left, top, _ = points.min(axis=0).tolist()
        right, bottom, _ = points.max(axis=0).tolist()
        return left, top, right - left, bottom - top


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
        try:
            points = _points(stroke)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidStrokes(
                f"stroke {number} has a point that is not [x, y] or [x, y, pressure]"
            ) from error
        if not np.isfinite(points).all() or np.abs(points[:, :2]).max() > 1e9:
            raise InvalidStrokes(
                f"stroke {number} has a point that is not finite or beyond a thousand million"
            )
        drawn.append(points)
    if not drawn:
        raise NoInk("nothing is drawn")
    return Drawing(drawn)


def _points(stroke: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """(n, 3): x, y and the pressure, 1 where none was sent. Raises `ValueError` and its like."""
    points = np.ones((len(stroke), 3))
    lengths = set(map(len, stroke))
    if min(lengths) < 2:
        raise ValueError("a point has two coordinates")
    if len(lengths) == 1:
        points[:, : lengths.pop()] = stroke
    else:
        for row, point in zip(points, stroke, strict=True):
            row[: len(point)] = point
    return points


def draw(drawing: Drawing, pen: float = PEN) -> Field:
    """Draw strokes as a (28, 28) field: 20x20 box, pen included, centre of mass at its centre.

    `pen` is the pen's width in field pixels.
    """
    x, y, width, height = drawing.box
    span = max(width, height)
    scale = (BOX_SIDE - pen) / span if span > _LEAST_SPAN else 1.0
    prints, pressure = _prints(drawing, np.array([x, y]), scale)
    reach = np.array([width, height]) * scale
    # Where the mass lies far to one side, the box stays in the field.
    margin = 1 + pen / 2
    shift = np.clip(CENTRE - prints.mean(axis=0), margin, FIELD_SIDE - margin - reach)
    return _cover(prints + shift, 0.5 * pen * pressure)


def _prints(
    drawing: Drawing, origin: NDArray[np.float64], scale: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the pen's round point is set down, evenly along the strokes: (n, 2) field pixels from
    the box's corner, and the width there relative to the pen's, from the pressure (n,)."""
    ways = []
    for stroke in drawing.strokes:
        steps = np.hypot(*np.diff(stroke[:, :2], axis=0).T) * scale
        ways.append(np.concatenate([[0.0], np.cumsum(steps)]))
    spacing = max(_SPACING, sum(float(way[-1]) for way in ways) / _MOST_PRINTS)
    parts = []
    for stroke, way in zip(drawing.strokes, ways, strict=True):
        at = np.linspace(0.0, way[-1], int(way[-1] / spacing) + 2) if way[-1] > 0 else np.zeros(1)
        parts.append(np.stack([np.interp(at, way, stroke[:, axis]) for axis in range(3)], axis=1))
    whole = np.concatenate(parts)
    pressure = whole[:, 2]
    mean = float(pressure.mean())
    relative = np.clip(pressure / mean, 0.6, 1.5) if mean > 0 else np.ones(len(pressure))
    return (whole[:, :2] - origin) * scale, relative


def _cover(prints: NDArray[np.float64], radius: NDArray[np.float64]) -> Field:
    """Antialiased ink: how far each pixel's centre lies inside the nearest print of the pen."""
    reach = int(np.ceil(radius.max() + 0.5))
    along = np.arange(-reach, reach + 1)
    pixels = np.floor(prints)
    offset = (along + 0.5) - (prints - pixels)[:, :, None]  # (n, 2, along): from the print to pixels' centres
    offset *= offset
    ink = radius[:, None, None] + 0.5 - np.sqrt(offset[:, 1, :, None] + offset[:, 0, None, :])
    # A margin takes what the pen touches outside; what it does not touch is below 0.
    side = FIELD_SIDE + 2 * reach
    corner = (pixels[:, 1] + reach) * side + (pixels[:, 0] + reach)
    places = corner.astype(np.intp)[:, None] + (along[:, None] * side + along).ravel()
    field = np.zeros(side * side)
    np.maximum.at(field, places.ravel(), ink.ravel())
    inner = field.reshape(side, side)[reach:-reach, reach:-reach]
    return np.asarray(np.rint(np.minimum(inner, 1.0) * 255.0), dtype=np.uint8)


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
