"""Many drawings at once: what `strokes.draw` makes of each, for a fraction of the price.

A drawing is some sixty points, and numpy takes longer to be called than to reckon with so few. So the steps
of `strokes` are taken here for all drawings together: their points stand in one array, one stroke behind the
other. `tests/model/ink/test_drawings.py` compares the two.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.ink.errors import InvalidStrokes
from model.ink.frame import BOX_SIDE, CENTRE, FIELD_SIDE
from model.ink.pen import FARTHEST, LEAST_SPAN, LEAST_WAY, MOST_PRINTS, PEN_WIDTH, SPACING
from model.ink.strokes import Drawing, Strokes, draw, is_beyond, pieces

Floats = NDArray[np.float64]
Whole = NDArray[np.signedinteger]

_RADIUS = PEN_WIDTH / 2
_MARGIN = 1 + _RADIUS
"""What lies between the field's edge and the box of a drawing's prints (field pixels)."""
_REACH = 4
"""A print touches pixels in a square of so many: those whose centres lie less than 2 pixels from its own."""
_FAR = np.float32(1e6)
"""A squared distance at which there is no ink (field pixels)."""
_ALONG = np.arange(_REACH, dtype=np.float32).reshape(-1, 1)
_AROUND = (np.arange(_REACH)[:, None] * FIELD_SIDE + np.arange(_REACH)).reshape(-1, 1)
_BEYOND = "a drawing has a point that is not finite or beyond a thousand million"


class Flat(NamedTuple):
    """A drawing without its lists."""

    points: Floats
    """(m, 2): x and y of all strokes, one behind the other."""
    lengths: list[int]
    """Points of each stroke."""

    def drawing(self) -> Drawing:
        """The same as `strokes` has it."""
        single = len(self.lengths) == 1
        return Drawing([self.points] if single else np.split(self.points, np.cumsum(self.lengths)[:-1]))

    def pieces(self) -> int:
        """As `NormalisedInk` counts them."""
        return 1 if len(self.lengths) == 1 else pieces(self.drawing())


def flatten(strokes: Strokes) -> Flat | None:
    """A drawing for `draw_all`.

    None where it is not of the usual kind: at least one stroke, at least one point in each, points [x, y] of
    numbers, and no pressure. `normalise_strokes` says what is to be said of those.
    """
    try:
        lengths = list(map(len, strokes))
        flat = list(chain.from_iterable(strokes))
        if not lengths or 0 in lengths or set(map(len, flat)) != {2}:
            return None
        numbers = np.fromiter(chain.from_iterable(flat), np.float64, 2 * len(flat))
    except (TypeError, ValueError, OverflowError):  # other things than numbers in lists
        return None
    return Flat(numbers.reshape(-1, 2), lengths)


def draw_all(drawings: Sequence[Flat]) -> NDArray[np.uint8]:
    """The fields (n, 28, 28) of n >= 1 drawings, as `normalise_strokes` draws each.

    Raises:
        InvalidStrokes: one has a point that is not finite or too far away.
    """
    if len(drawings) == 1:
        drawing = drawings[0].drawing()
        if any(map(is_beyond, drawing.extents)):
            raise InvalidStrokes(_BEYOND)
        return draw(drawing)[None]
    points = np.ascontiguousarray(np.concatenate([drawing.points for drawing in drawings]).T)
    lengths = np.array(list(chain.from_iterable(drawing.lengths for drawing in drawings)))
    each = np.array([len(drawing.lengths) for drawing in drawings])
    return _cover(*_prints(points, lengths, each), len(drawings))


def _starts(counts: Whole) -> Whole:
    """Where each of several runs of so many begins, one behind the other."""
    starts: Whole = counts.cumsum() - counts
    return starts


def _prints(points: Floats, lengths: Whole, each: Whole) -> tuple[Floats, Whole]:
    """Where the pen is set down (2, p), in field pixels, and in which drawing (p,): `strokes.draw`.

    Of points (2, m) in strokes of `lengths` (s,), of which each drawing has so many (n,).
    """
    drawing = np.repeat(np.arange(len(each)), each)  # of each stroke
    owner = np.repeat(drawing, lengths)  # of each point
    first = _starts(lengths)
    opening = first[_starts(each)]  # each drawing's first point
    low = np.minimum.reduceat(points, opening, axis=1)
    high = np.maximum.reduceat(points, opening, axis=1)
    # What is no number shows in the least and the largest.
    if not (
        np.minimum.reduce(low, axis=None) >= -FARTHEST and np.maximum.reduce(high, axis=None) <= FARTHEST
    ):
        raise InvalidStrokes(_BEYOND)
    size = high - low
    span = np.maximum(*size)
    scale = np.where(span > LEAST_SPAN, (BOX_SIDE - PEN_WIDTH) / np.maximum(span, LEAST_SPAN), 1.0)
    fitted = points - low.take(owner, axis=1)
    fitted *= scale[owner]
    # The way along all strokes, one behind the other, with a gap between them.
    steps = fitted[:, 1:] - fitted[:, :-1]
    steps *= steps
    way = np.empty(len(owner))
    np.sqrt(steps[0] + steps[1], out=way[1:])
    way[first] = 1
    way = way.cumsum()
    begin = way[first]
    long = way[first + lengths - 1] - begin
    spacing = np.maximum(SPACING, np.add.reduceat(long, _starts(each)) / MOST_PRINTS)
    number = np.where(long > LEAST_WAY, (long / spacing[drawing] + LEAST_WAY).astype(np.intp) + 2, 1)
    stroke = np.repeat(np.arange(len(lengths)), number)  # of each print
    at = np.arange(len(stroke)) - _starts(number)[stroke]
    at = at * (long / np.maximum(number - 1, 1))[stroke] + begin[stroke]
    prints = np.empty((2, len(stroke)))
    for axis in (0, 1):
        prints[axis] = np.interp(at, way, fitted[axis])
    owner = drawing[stroke]
    many = np.add.reduceat(number, _starts(each))
    mean = np.add.reduceat(prints, _starts(many), axis=1) / many
    shift = np.minimum(np.maximum(CENTRE - mean, _MARGIN), FIELD_SIDE - _MARGIN - size * scale)
    prints += shift.take(owner, axis=1)
    return prints, owner


def _cover(prints: Floats, owner: Whole, count: int) -> NDArray[np.uint8]:
    """Antialiased ink (count, 28, 28) of prints (2, p), each in the drawing that owns it."""
    # Prints keep `_MARGIN` from the edge, so that the square around each lies in the field.
    corner = np.floor(prints - 0.5) - 1.0
    offset = (corner + 0.5 - prints).astype(np.float32)[
        :, None
    ] + _ALONG  # (2, _REACH, p), to pixels' centres
    offset *= offset
    away = offset[1, :, None] + offset[0]
    places = owner * (FIELD_SIDE * FIELD_SIDE) + (corner[1] * FIELD_SIDE + corner[0]).astype(np.intp)
    nearest = np.full(count * FIELD_SIDE * FIELD_SIDE, _FAR)
    np.minimum.at(nearest, (places + _AROUND).ravel(), away.ravel())
    np.sqrt(nearest, out=nearest)
    ink = np.rint(((_RADIUS + 0.5) - nearest).clip(0.0, 1.0) * np.float32(255.0))
    return ink.astype(np.uint8).reshape(count, FIELD_SIDE, FIELD_SIDE)
