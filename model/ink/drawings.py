"""Many drawings at once: what `strokes.draw` makes of each, for a fraction of the price.

A drawing is some sixty points, and numpy takes longer to be called than to reckon with so few. So the steps
of `strokes` are taken here for all drawings together: their points stand in one array, one stroke behind the
other. `tests/model/ink/test_drawings.py` compares the two.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from model.ink.frame import BOX_SIDE, CENTRE, FIELD_SIDE
from model.ink.strokes import (
    _FARTHEST,
    _LEAST_SPAN,
    _MOST_PRINTS,
    _SPACING,
    PEN,
    Strokes,
    pieces,
    read,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.signedinteger]

_RADIUS = PEN / 2
_MARGIN = 1 + _RADIUS
"""What lies between the field's edge and the box of a drawing's prints (field pixels)."""
_REACH = 4
"""A print touches pixels in a square of so many: those whose centres lie less than 2 pixels from its own."""
_FAR = np.float32(1e6)
"""A squared distance at which there is no ink (field pixels)."""
_ALONG = np.arange(_REACH, dtype=np.float32).reshape(-1, 1)
_AROUND = (np.arange(_REACH)[:, None] * FIELD_SIDE + np.arange(_REACH)).reshape(-1, 1)


def draw_all(drawings: Sequence[Strokes]) -> tuple[NDArray[np.uint8], list[int]] | None:
    """Draw n drawings: fields (n, 28, 28), and the pieces of each as `NormalisedInk` counts them.

    None where one of them is not of the usual kind: points [x, y] of finite numbers, at least one in each
    stroke, and no pressure. `normalise_strokes` says of each by itself what is to be said.
    """
    strokes = list(chain.from_iterable(drawings))
    counts = list(map(len, strokes))
    flat = list(chain.from_iterable(strokes))
    if not drawings or not all(drawings) or 0 in counts or set(map(len, flat)) != {2}:
        return None
    numbers = np.fromiter(chain.from_iterable(flat), np.float64, 2 * len(flat))
    points = np.ascontiguousarray(numbers.reshape(-1, 2).T)
    if not (np.abs(points) <= _FARTHEST).all():  # nor is what is no number
        return None
    each = np.array(list(map(len, drawings)))
    fields = _cover(*_prints(points, np.array(counts), each), len(drawings))
    return fields, [
        1 if number == 1 else pieces(read(drawing))
        for number, drawing in zip(each.tolist(), drawings, strict=True)
    ]


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
    size = np.maximum.reduceat(points, opening, axis=1) - low
    span = np.maximum(*size)
    scale = np.where(span > _LEAST_SPAN, (BOX_SIDE - PEN) / np.maximum(span, _LEAST_SPAN), 1.0)
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
    spacing = np.maximum(_SPACING, np.add.reduceat(long, _starts(each)) / _MOST_PRINTS)
    number = np.where(long > 0, (long / spacing[drawing]).astype(np.intp) + 2, 1)
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
