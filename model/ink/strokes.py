"""Pen strokes -> the network's field, drawn from the vectors straight at its size.

As the drawing is fitted before it is drawn, its size, its place and the width of the pen on the screen
do not matter.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from math import ceil, isfinite

import numpy as np
from numpy.typing import NDArray

from model.ink.errors import InvalidStrokes, NoInk
from model.ink.frame import BOX_SIDE, CENTRE, FIELD_SIDE, Field
from model.ink.pen import FARTHEST, LEAST_SPAN, LEAST_WAY, MOST_POINTS, MOST_PRINTS, PEN_WIDTH, SPACING

Strokes = Sequence[Sequence[Sequence[float]]]
"""Strokes of points [x, y] or [x, y, pressure], any units, y down."""

_COUNTS = np.arange(MOST_PRINTS + 3, dtype=np.float64)
_FULL = np.array(255, np.float32)  # an array: numpy takes a while to make one of a number
_FAR = 1e6
"""A distance beyond that of any print (field pixels)."""


class Drawing:
    """Checked strokes: for each that has a point one (n, 2) array of x and y, or (n, 3) with the pressure.

    `extents`: of each stroke the least x, y (and pressure), and then the largest. `box`: x, y, width and
    height of the points, in the units sent.
    """

    __slots__ = ("box", "extents", "strokes")

    def __init__(self, strokes: list[NDArray[np.float64]]) -> None:
        self.strokes = strokes
        self.extents = [_extent(stroke) for stroke in strokes]
        self.box = _box(self.extents)


def _box(extents: list[list[float]]) -> tuple[float, float, float, float]:
    half = len(extents[0]) // 2
    left, top, right, bottom = extents[0][0], extents[0][1], extents[0][half], extents[0][half + 1]
    for extent in extents[1:]:
        half = len(extent) // 2
        left, top = min(left, extent[0]), min(top, extent[1])
        right, bottom = max(right, extent[half]), max(bottom, extent[half + 1])
    return left, top, right - left, bottom - top


def _extent(points: NDArray[np.float64]) -> list[float]:
    axes = points.T.copy()  # each in one piece, which numpy goes through in half the time
    low: list[float] = np.minimum.reduce(axes, axis=1).tolist()
    high: list[float] = np.maximum.reduce(axes, axis=1).tolist()
    return low + high


def read(strokes: Strokes) -> Drawing:
    """Check strokes. Raises `InvalidStrokes`, or `NoInk` when there is not one point."""
    drawn, numbers = [], []
    total = 0
    for number, stroke in enumerate(strokes):
        total += len(stroke)
        if total > MOST_POINTS:
            raise InvalidStrokes(f"the drawing has more than {MOST_POINTS:,} points")
        if not len(stroke):
            continue
        try:
            points = _points(stroke)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidStrokes(
                f"stroke {number} has a point that is not [x, y] or [x, y, pressure]"
            ) from error
        drawn.append(points)
        numbers.append(number)
    if not drawn:
        raise NoInk("nothing is drawn")
    drawing = Drawing(drawn)
    for number, extent in zip(numbers, drawing.extents, strict=True):
        if is_beyond(extent):
            raise InvalidStrokes(
                f"stroke {number} has a point that is not finite or beyond a thousand million"
            )
    return drawing


def is_beyond(extent: list[float]) -> bool:
    """Whether a stroke of such an extent has a point that is not finite, or farther away than any may be."""
    half = len(extent) // 2
    left, top, right, bottom = extent[0], extent[1], extent[half], extent[half + 1]
    # What is no number shows in the least and the largest, and is neither more nor less than anything.
    near = left >= -FARTHEST and top >= -FARTHEST and right <= FARTHEST and bottom <= FARTHEST
    return not near or (half > 2 and not (isfinite(extent[2]) and isfinite(extent[-1])))


def _points(stroke: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """(n, 2), or (n, 3) where some have a pressure: 1 where none was sent. Raises `ValueError` and others."""
    lengths = set(map(len, stroke))
    if lengths in ({2}, {3}):
        columns = lengths.pop()
        numbers = np.fromiter(chain.from_iterable(stroke), np.float64, columns * len(stroke))
        return numbers.reshape(-1, columns)
    if lengths != {2, 3}:
        raise ValueError("a point has two coordinates, or three with the pressure")
    return np.array([(*point, 1.0)[:3] for point in stroke], dtype=np.float64)


def draw(drawing: Drawing, pen: float = PEN_WIDTH) -> Field:
    """Draw strokes as a (28, 28) field: 20x20 box, pen included, centre of mass at its centre.

    `pen` is the pen's width in field pixels.
    """
    x, y, width, height = drawing.box
    span = max(width, height)
    scale = (BOX_SIDE - pen) / span if span > LEAST_SPAN else 1.0
    prints, pressure = _prints(drawing, complex(x, y), scale)
    # Where the mass lies far to one side, the box stays in the field.
    margin = 1 + pen / 2
    centre = complex(np.add.reduce(prints)) / len(prints)
    across = min(max(CENTRE - centre.real, margin), FIELD_SIDE - margin - width * scale)
    down = min(max(CENTRE - centre.imag, margin), FIELD_SIDE - margin - height * scale)
    prints += complex(across, down)
    return _cover(prints, 0.5 * pen, pressure)


def _prints(
    drawing: Drawing, origin: complex, scale: float
) -> tuple[NDArray[np.complex128], NDArray[np.float64] | None]:
    """Where the pen's round point is set down, evenly along the strokes: (n,) x + iy in field pixels from the
    box's corner, and the width there relative to the pen's, from the pressure (n,); None if all the same."""
    fitted, ways, length = [], [], 0.0
    for stroke in drawing.strokes:
        # As complex numbers, x and y take one call together.
        plain = stroke if stroke.shape[1] == 2 else stroke[:, :2].copy()
        points = plain.view(np.complex128)[:, 0] - origin
        points *= scale
        way = np.zeros(len(points))
        np.add.accumulate(np.abs(points[1:] - points[:-1]), out=way[1:])
        fitted.append(points)
        ways.append(way)
        length += float(way[-1])
    spacing = max(SPACING, length / MOST_PRINTS)
    pressed = any(stroke.shape[1] == 3 for stroke in drawing.strokes)
    prints, pressures = [], []
    for stroke, points, way in zip(drawing.strokes, fitted, ways, strict=True):
        end = float(way[-1])
        number = int(end / spacing + LEAST_WAY) + 2 if end > LEAST_WAY else 1
        at = _COUNTS[:number] * (end / max(number - 1, 1))
        prints.append(np.interp(at, way, points))
        if pressed:
            has = stroke.shape[1] == 3
            pressures.append(np.interp(at, way, stroke[:, 2]) if has else np.ones(len(at)))
    whole = prints[0] if len(prints) == 1 else np.concatenate(prints)
    return whole, _relative(np.concatenate(pressures)) if pressed else None


def _relative(pressure: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The pen's width, from the pressure, relative to the usual."""
    mean = float(pressure.mean())
    return np.clip(pressure / mean, 0.6, 1.5) if mean > 0 else None


def _cover(prints: NDArray[np.complex128], radius: float, pressure: NDArray[np.float64] | None) -> Field:
    """Antialiased ink: how far each pixel's centre lies inside the nearest of the pen's (n,) prints."""
    widest = (radius if pressure is None else radius * float(pressure.max())) + 0.5
    reach = ceil(2 * widest)  # so many pixels' centres lie as near as that, along either axis, at the most
    # The box leaves room for the pen; what it touches beyond, pressed harder, a margin takes.
    margin = 0 if pressure is None else reach
    side = FIELD_SIDE + 2 * margin
    at = prints.view(np.float64).reshape(-1, 2).T.copy()
    first = np.floor(at - (widest - 0.5))
    # From each print to the centres of the pixels beside and below it, (2, reach, n).
    offset = (first - at).astype(np.float32)[:, None] + _along(reach)
    offset *= offset
    away = offset[1, :, None] + offset[0]
    places = _row_by_row(side).dot(first).astype(np.intp) + _stamp(reach, side, margin)
    if pressure is not None:
        away = np.sqrt(away) - (radius * pressure).astype(np.float32)
        nearest = np.full(side * side, _FAR, np.float32)
        np.minimum.at(nearest, places.ravel(), away.ravel())
        ink = np.float32(0.5) - nearest.reshape(side, side)[margin:-margin, margin:-margin]
        ink *= _FULL
        np.maximum(ink, 0.0, out=ink)
    else:
        # Of prints of one width the nearest has the most ink, so one root a pixel is enough.
        nearest = _bare(side, widest).copy()
        np.minimum.at(nearest, places.ravel(), away.ravel())
        ink = np.sqrt(nearest, out=nearest).reshape(side, side)
        np.subtract(np.float32(widest), ink, out=ink)
        ink *= _FULL
    np.minimum(ink, _FULL, out=ink)
    field: Field = np.rint(ink, out=ink).astype(np.uint8)
    return field


@cache
def _row_by_row(side: int) -> NDArray[np.float64]:
    """What a pixel's x and y count for in its place in a field of that side, row behind row, (2,)."""
    return np.array([1.0, side])


@cache
def _along(reach: int) -> NDArray[np.float32]:
    """The centres of so many pixels from the first one's edge, (reach, 1)."""
    return np.arange(0.5, reach, dtype=np.float32)[:, None]


@cache
def _stamp(reach: int, side: int, margin: int) -> NDArray[np.intp]:
    """How far behind a pixel of a field without margin its square's lie in one with a margin, (n, 1)."""
    along = np.arange(margin, margin + reach)
    return np.asarray((along[:, None] * side + along).reshape(-1, 1), dtype=np.intp)


@lru_cache(maxsize=4)
def _bare(side: int, widest: float) -> NDArray[np.float32]:
    """The squares of distances (side * side,) at which there is just no ink any more."""
    return np.full(side * side, np.float32(widest) ** 2, np.float32)


def pieces(drawing: Drawing) -> int:
    """How many digits seem to stand side by side: groups of strokes with clear space between them."""
    if len(drawing.strokes) == 1:
        return 1
    _, _, width, height = drawing.box
    tall = max(height, 0.2 * width, 1e-9)
    spans = sorted(
        (extent[0], extent[half := len(extent) // 2], extent[1], extent[half + 1])
        for extent in drawing.extents
    )
    groups: list[list[float]] = []
    for left, right, top, bottom in spans:
        if groups and left <= groups[-1][1] + 0.12 * tall:
            last = groups[-1]
            groups[-1] = [last[0], max(last[1], right), min(last[2], top), max(last[3], bottom)]
        else:
            groups.append([left, right, top, bottom])
    return sum(bottom - top > 0.5 * tall for _, _, top, bottom in groups) or 1
