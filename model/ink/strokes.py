"""Pen strokes -> the network's field, drawn from the vectors straight at its size; many drawings at a time.

A drawing is fitted before it is drawn, so its size, its place and the width of the pen on the screen do not
matter. A drawing has some sixty points, and a call of numpy takes longer than its work on so few:
each step is taken for the points of all drawings together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from model.ink.errors import InvalidStrokes, NoInk
from model.ink.frame import BOX_SIDE, CENTRE, FIELD_SIDE

Strokes = Sequence[Sequence[Sequence[float]]]
"""Strokes of points [x, y] or [x, y, pressure], any units, y down."""
Floats = NDArray[np.float64]
Whole = NDArray[np.signedinteger]

PEN_WIDTH = 2.5
"""The pen's width (field pixels): it gives the median `frame.stroke_width` of MNIST, 2.4."""
SPACING = 0.35
"""The distance from print to print of the pen (field pixels): edges are straight to 0.01 pixels."""
MOST_PRINTS = 4_000
"""A scribble longer than this many prints covers the field several times over; it gets no more of them."""
MOST_POINTS, FARTHEST = 20_000, 1e9
"""The most points of a drawing, and the largest coordinate of a point (units sent)."""

LEAST_SPAN = 1e-12
"""A drawing smaller than this (units sent) is a dot."""
_LEAST_WAY = 1e-6
"""A stroke shorter than this (field pixels) is a dot. A stroke that is short of one more print by less than
this gets it: lengths of whole prints are common, and rounding must not decide there."""
_PRESSED = 0.6, 1.5
"""The least and the greatest width that pressure gives the pen, as multiples of its own."""
_RADIUS = PEN_WIDTH / 2
_MARGIN = 1 + _RADIUS
"""The distance between the field's edge and the points (field pixels). A pen pressed hard stays inside."""
_FIELD = FIELD_SIDE * FIELD_SIDE


@dataclass(frozen=True, slots=True)
class Drawing:
    """Checked strokes: all points (m, 2), or (m, 3) with the pressure, and how many each stroke has."""

    points: Floats
    lengths: list[int]

    @classmethod
    def of(cls, strokes: Sequence[Floats]) -> "Drawing":
        """The drawing of some strokes, (n, 2) or all of them (n, 3)."""
        return cls(np.concatenate(strokes), [len(stroke) for stroke in strokes])

    @property
    def strokes(self) -> list[Floats]:
        """The points of each stroke."""
        return np.split(self.points, np.cumsum(self.lengths)[:-1])


def read(strokes: Strokes) -> Drawing:
    """Check strokes; those without a point are left out. Raises `InvalidStrokes`, or `NoInk` for no point."""
    try:
        lengths = list(map(len, strokes))
        points = _points(list(chain.from_iterable(strokes))) if sum(lengths) <= MOST_POINTS else None
    except (TypeError, ValueError, OverflowError) as error:
        which = _malformed(strokes)
        raise InvalidStrokes(f"{which} has a point that is not [x, y] or [x, y, pressure]") from error
    if points is None:
        raise InvalidStrokes(f"the drawing has more than {MOST_POINTS:,} points")
    if not len(points):
        raise NoInk("nothing is drawn")
    if not np.vdot(points, points) <= FARTHEST**2:  # written so that it is true of NaN
        far = ~(np.isfinite(points).all(axis=1) & (np.abs(points[:, :2]) <= FARTHEST).all(axis=1))
        if far.any():
            number = int(np.searchsorted(np.cumsum(lengths), far.argmax(), side="right"))
            raise InvalidStrokes(f"stroke {number} has a point that is not finite or beyond {FARTHEST:,.0f}")
    return Drawing(points, [length for length in lengths if length])


def _points(points: list[Sequence[float]]) -> Floats:
    """Points (m, 2), or (m, 3) if any has a pressure; others then get 1. Raises `ValueError` and others."""
    columns = set(map(len, points)) or {2}
    if not columns <= {2, 3}:
        raise ValueError("a point has two coordinates, or three with the pressure")
    if len(columns) == 2:
        points = [(*point, 1.0)[:3] for point in points]
    each = max(columns)
    return np.fromiter(chain.from_iterable(points), np.float64, each * len(points)).reshape(-1, each)


def _malformed(strokes: Strokes) -> str:
    """Name the first stroke that `_points` cannot read."""
    for number, stroke in enumerate(strokes):
        try:
            _points(list(stroke))
        except (TypeError, ValueError, OverflowError):
            return f"stroke {number}"
    return "the drawing"


class Drawings:
    """Many drawings, n >= 1, to be drawn together."""

    def __init__(self, drawings: Sequence[Drawing]) -> None:
        self._points = np.concatenate([drawing.points[:, :2] for drawing in drawings]).T.copy()
        pressed = any(drawing.points.shape[1] == 3 for drawing in drawings)
        self._pressure = np.concatenate(list(map(_pressure, drawings))) if pressed else None
        self._lengths = np.array(list(chain.from_iterable(drawing.lengths for drawing in drawings)))
        self._first = _starts(self._lengths)  # point of each stroke
        strokes = np.array([len(drawing.lengths) for drawing in drawings])
        self._owner = np.repeat(np.arange(len(strokes)), strokes)  # drawing of each stroke
        self._opening = _starts(strokes)  # stroke of each drawing
        self._low = np.minimum.reduceat(self._points, self._first, axis=1)  # of each stroke
        self._high = np.maximum.reduceat(self._points, self._first, axis=1)
        self._corner = np.minimum.reduceat(self._low, self._opening, axis=1)  # of each drawing
        self._size = np.maximum.reduceat(self._high, self._opening, axis=1) - self._corner

    def boxes(self) -> list[tuple[float, float, float, float]]:
        """x, y, width and height of each drawing's points, in the units sent."""
        return list(map(tuple, np.concatenate([self._corner, self._size]).T.tolist()))

    def pieces(self) -> list[int]:
        """How many digits each drawing has side by side: groups of strokes with clear space between."""
        starts = [*self._opening.tolist(), len(self._owner)]
        if len(starts) > len(self._owner):  # one stroke each: the usual case
            return [1] * len(self._owner)
        spans = np.stack([self._low[0], self._high[0], self._low[1], self._high[1]], axis=1).tolist()
        return [
            _groups(sorted(spans[start:end]), *size)
            for (start, end), size in zip(pairwise(starts), self._size.T.tolist(), strict=True)
        ]

    def fields(self) -> NDArray[np.uint8]:
        """Draw each as (n, 28, 28): 20x20 box, pen included, centre of mass at the field's centre."""
        span = np.maximum(*self._size)
        scale = np.where(span > LEAST_SPAN, (BOX_SIDE - PEN_WIDTH) / np.maximum(span, LEAST_SPAN), 1.0)
        drawing_of_point = np.repeat(self._owner, self._lengths)
        fitted = (self._points - self._corner.take(drawing_of_point, axis=1)) * scale[drawing_of_point]
        # The way along all strokes, laid end to end with a gap between them.
        steps = fitted[:, 1:] - fitted[:, :-1]
        steps *= steps
        way = np.empty(len(drawing_of_point))
        np.sqrt(steps[0] + steps[1], out=way[1:])
        way[self._first] = 1
        way = way.cumsum()
        begin = way[self._first]
        long = way[self._first + self._lengths - 1] - begin
        # Where the pen is set down, evenly along each stroke.
        spacing = np.maximum(SPACING, np.add.reduceat(long, self._opening) / MOST_PRINTS)[self._owner]
        number = np.where(long > _LEAST_WAY, (long / spacing + _LEAST_WAY).astype(np.intp) + 2, 1)
        stroke = np.repeat(np.arange(len(number)), number)  # of each print
        at = np.arange(len(stroke)) - _starts(number)[stroke]
        at = at * (long / np.maximum(number - 1, 1))[stroke] + begin[stroke]
        prints = np.stack([np.interp(at, way, axis) for axis in fitted])
        owner = self._owner[stroke]
        many = np.add.reduceat(number, self._opening)
        mean = np.add.reduceat(prints, _starts(many), axis=1) / many
        # A drawing whose mass lies far to one side keeps its box inside the field.
        shift = np.minimum(np.maximum(CENTRE - mean, _MARGIN), FIELD_SIDE - _MARGIN - self._size * scale)
        prints += shift.take(owner, axis=1)
        if self._pressure is None:
            return _cover(prints, np.full(1, _RADIUS), _RADIUS, owner, len(many))
        radius = _RADIUS * _relative(np.interp(at, way, self._pressure), many)
        return _cover(prints, radius, _RADIUS * _PRESSED[1], owner, len(many))


def _pressure(drawing: Drawing) -> Floats:
    return drawing.points[:, 2] if drawing.points.shape[1] == 3 else np.ones(len(drawing.points))


def _starts(counts: Whole) -> Whole:
    """The index where each run begins, if runs of these lengths lie end to end."""
    starts: Whole = counts.cumsum() - counts
    return starts


def _relative(pressure: Floats, many: Whole) -> Floats:
    """The pen's relative width at each print: its pressure over its drawing's mean, of `many` prints each."""
    mean = np.repeat(np.add.reduceat(pressure, _starts(many)) / many, many)
    relative = np.divide(pressure, mean, out=np.ones_like(mean), where=mean > 0)
    return relative.clip(*_PRESSED)


def _cover(prints: Floats, radius: Floats, widest: float, owner: Whole, count: int) -> NDArray[np.uint8]:
    """Antialiased ink (count, 28, 28): how far each pixel's centre lies inside the nearest of its prints.

    The pen's round tip is set down at `prints` (2, p), in field pixels. `owner` (p,) has the drawing of each.
    `radius` is that of each print, (p,), or of all, (1,), and at most `widest`.
    """
    side = ceil(2 * widest + 1)  # of the square of pixels that a print touches
    corner = np.floor(prints - widest)
    pixels = np.arange(side)
    offset = (corner - prints).astype(np.float32)[:, None] + (pixels + 0.5).astype(np.float32)[:, None]
    offset *= offset  # (2, side, p), to the pixels' centres
    inside = radius.astype(np.float32) - np.sqrt(offset[1, :, None] + offset[0])
    places = owner * _FIELD + (corner[1] * FIELD_SIDE + corner[0]).astype(np.intp)
    deepest = np.full(count * _FIELD, -0.5, np.float32)
    square = (pixels[:, None] * FIELD_SIDE + pixels).reshape(-1, 1)
    np.maximum.at(deepest, (places + square).ravel(), inside.ravel())
    ink = np.rint((deepest + np.float32(0.5)).clip(0.0, 1.0) * np.float32(255.0))
    return ink.astype(np.uint8).reshape(count, FIELD_SIDE, FIELD_SIDE)


def _groups(spans: list[list[float]], width: float, height: float) -> int:
    """How many groups strokes form in a box of that size; `spans` (left, right, top, bottom) are sorted."""
    tall = max(height, 0.2 * width, 1e-9)
    groups: list[list[float]] = []
    for left, right, top, bottom in spans:
        if groups and left <= groups[-1][1] + 0.12 * tall:
            last = groups[-1]
            groups[-1] = [last[0], max(last[1], right), min(last[2], top), max(last[3], bottom)]
        else:
            groups.append([left, right, top, bottom])
    return sum(bottom - top > 0.5 * tall for _, _, top, bottom in groups) or 1
