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

_RADIUS = PEN / 2
_MARGIN = 1 + _RADIUS
"""What lies between the field's edge and the box of a drawing's prints (field pixels)."""
_REACH = 4
"""A print touches pixels in a square of so many: those whose centres lie less than 2 pixels from its own."""
_FAR = np.float32(1e6)
"""A squared distance at which there is no ink (field pixels)."""
_AROUND = (np.arange(_REACH)[:, None] * FIELD_SIDE + np.arange(_REACH)).ravel()


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
    points = np.fromiter(chain.from_iterable(flat), np.float64, 2 * len(flat)).reshape(-1, 2)
    each = np.array(list(map(len, drawings)))
    lengths = np.array(counts)
    first = _starts(lengths)
    opening = first[_starts(each)]  # each drawing's first point
    low, high = np.minimum.reduceat(points, opening), np.maximum.reduceat(points, opening)
    # What is no number shows in the least and the largest.
    if not (np.abs(low) <= _FARTHEST).all() or not (np.abs(high) <= _FARTHEST).all():
        return None
    fields = _cover(*_prints(points, lengths, each, low, high - low), len(drawings))
    return fields, [
        1 if number == 1 else pieces(read(drawing))
        for number, drawing in zip(each.tolist(), drawings, strict=True)
    ]


def _starts(counts: NDArray[np.signedinteger]) -> NDArray[np.signedinteger]:
    """Where each of several runs of so many begins, one behind the other."""
    starts: NDArray[np.signedinteger] = counts.cumsum() - counts
    return starts


def _prints(
    points: Floats,
    lengths: NDArray[np.signedinteger],
    each: NDArray[np.signedinteger],
    low: Floats,
    size: Floats,
) -> tuple[Floats, NDArray[np.signedinteger]]:
    """Where the pen is set down (p, 2), in field pixels, and in which drawing (p,): `strokes.draw`.

    Of points (m, 2) in strokes of `lengths` (s,), of which each drawing has so many (n,); `low` (n, 2) is the
    corner of a drawing's box, `size` (n, 2) its width and height.
    """
    span = size.max(axis=1)
    scale = np.where(span > _LEAST_SPAN, (BOX_SIDE - PEN) / np.maximum(span, _LEAST_SPAN), 1.0)
    drawing = np.repeat(np.arange(len(each)), each)  # of each stroke
    owner = np.repeat(drawing, lengths)  # of each point
    fitted = (points - low[owner]) * scale[owner, None]
    # The way along all strokes, one behind the other, with a gap between them.
    first = _starts(lengths)
    steps = np.empty_like(fitted)
    steps[0] = 0
    np.subtract(fitted[1:], fitted[:-1], out=steps[1:])
    steps *= steps
    way = np.sqrt(steps[:, 0] + steps[:, 1])
    way[first] = 1
    way = way.cumsum()
    begin = way[first]
    long = way[first + lengths - 1] - begin
    spacing = np.maximum(_SPACING, np.add.reduceat(long, _starts(each)) / _MOST_PRINTS)
    number = np.where(long > 0, (long / spacing[drawing]).astype(np.intp) + 2, 1)
    stroke = np.repeat(np.arange(len(lengths)), number)  # of each print
    at = np.arange(len(stroke)) - _starts(number)[stroke]
    at = at * (long / np.maximum(number - 1, 1))[stroke] + begin[stroke]
    prints = np.empty((len(stroke), 2))
    prints[:, 0] = np.interp(at, way, fitted[:, 0])
    prints[:, 1] = np.interp(at, way, fitted[:, 1])
    owner = drawing[stroke]
    opening = _starts(number)[_starts(each)]  # each drawing's first print
    many = np.add.reduceat(number, _starts(each))
    mean = np.add.reduceat(prints, opening) / many[:, None]
    shift = np.minimum(np.maximum(CENTRE - mean, _MARGIN), FIELD_SIDE - _MARGIN - size * scale[:, None])
    prints += shift[owner]
    return prints, owner


def _cover(prints: Floats, owner: NDArray[np.signedinteger], count: int) -> NDArray[np.uint8]:
    """Antialiased ink (count, 28, 28) of prints (p, 2), each in the drawing that owns it."""
    # Prints keep `_MARGIN` from the edge, so that the square around each lies in the field.
    corner = np.floor(prints - 0.5) - 1
    offset = np.arange(_REACH, dtype=np.float32) + (corner + 0.5 - prints).astype(np.float32)[:, :, None]
    offset *= offset
    away = offset[:, 1, :, None] + offset[:, 0, None, :]
    corner = corner.astype(np.intp)
    places = (owner * FIELD_SIDE + corner[:, 1]) * FIELD_SIDE + corner[:, 0]
    nearest = np.full(count * FIELD_SIDE * FIELD_SIDE, _FAR)
    np.minimum.at(nearest, (places[:, None] + _AROUND).ravel(), away.ravel())
    np.sqrt(nearest, out=nearest)
    ink = np.rint(((_RADIUS + 0.5) - nearest).clip(0.0, 1.0) * np.float32(255.0))
    return ink.astype(np.uint8).reshape(count, FIELD_SIDE, FIELD_SIDE)
