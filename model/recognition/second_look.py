"""A second look where the first one was not sure: the same ink thinner, thicker, turned and leaned.

A network of 61,706 parameters errs most where a stroke happens to fall badly for it. The mean of what it
says of five sights of the same ink errs less, the way the mean of several networks does; and as few fields
need it (one digit in thirty), it costs next to nothing. Nothing is trained for it.
"""

from collections.abc import Callable
from functools import lru_cache
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Run = Callable[[Bytes], tuple[Floats, Floats | None]]
"""Fields (n, S, S) -> logits (n, 10), and the digit head's (n,) if there is one."""

SIGHTS = 4
"""How many further sights of a field there are."""

TURN = radians(8)
"""By how much one of them is turned, clockwise (radians)."""

LEAN = 0.2
"""By how much another leans to the left: pixels across for each pixel up."""

BLEND = 0.02
"""The first look's weight falls from all to its share within so much of probability below certainty.

A sudden change would let rounding, which differs between engines, decide between two answers.
"""

CHUNK = 256
"""How many fields go through the network at once: see `model.recognition.recogniser`."""


def look_again(
    fields: Bytes, logits: Floats, digit: Floats | None, run: Run, certain: float
) -> tuple[Floats, Floats | None]:
    """What the first look gave, with the mean of all sights where its highest probability is below `certain`.

    `fields` (n, S, S) uint8, `logits` (n, 10) and `digit` (n, ...) or None: what `run` gave for them. The
    probability is that of the softmax without temperature. Returns logits and digit of the same shapes; what
    is passed is not changed.
    """
    one_in = _one_in(logits)
    # That it is not due, as with most, is asked of every answer, and has to be cheap.
    if one_in.max(initial=1.0) * certain <= 1.0:
        return logits, digit
    unsure = _doubt(one_in, certain)
    (index,) = unsure.nonzero()
    seen = sights(fields[index]).reshape(-1, *fields.shape[1:])
    parts = [run(seen[start : start + CHUNK]) for start in range(0, len(seen), CHUNK)]
    weight = unsure[index].astype(np.float32)
    said = np.concatenate([part[0] for part in parts]).reshape(SIGHTS, len(index), -1)
    logits = logits.copy()
    logits[index] = _towards(logits[index], said, weight[:, None])
    heads = [part[1] for part in parts if part[1] is not None]
    if digit is not None and heads:
        digit = digit.copy()
        others = np.concatenate(heads).reshape(SIGHTS, len(index), *digit.shape[1:])
        digit[index] = _towards(digit[index], others, weight.reshape(-1, *[1] * (digit.ndim - 1)))
    return logits, digit


def doubt(logits: Floats, certain: float) -> Floats:
    """How far each answer is to be moved to the mean of all sights, 0 to 1: (n,) for logits (n, 10)."""
    return _doubt(_one_in(logits), certain)


def _one_in(logits: Floats) -> Floats:
    """The reciprocal of each answer's highest probability (n,), of the softmax without temperature."""
    shares = np.exp(logits - np.maximum.reduce(logits, axis=1, keepdims=True))
    total: Floats = np.add.reduce(shares, axis=1)
    return total


def _doubt(one_in: Floats, certain: float) -> Floats:
    share: Floats = np.minimum(np.maximum((certain - 1.0 / one_in) / BLEND, 0.0), 1.0)
    return share


def sights(fields: Bytes) -> Bytes:
    """Fields (n, S, S) -> the same ink thinner, thicker, turned and leaned: (`SIGHTS`, n, S, S).

    Thinner and thicker are half of the way to the least and to the most of each pixel's neighbourhood of 3x3.
    """
    n, size, _ = fields.shape
    seen = np.empty((SIGHTS, n, size, size), np.uint8)
    wide = _with_rim(fields)
    twice = fields.astype(np.uint16)
    twice += 1
    for place, extreme in enumerate((np.minimum, np.maximum)):
        rows = extreme(wide[:, :-2], wide[:, 1:-1])
        extreme(rows, wide[:, 2:], out=rows)
        around = extreme(rows[:, :, :-2], rows[:, :, 1:-1])
        extreme(around, rows[:, :, 2:], out=around)
        seen[place] = (around + twice) >> 1
    places, shares = _tables(size)
    between = fields.reshape(n, -1).astype(np.float32).take(places, axis=1)
    between *= shares
    moved = np.add.reduce(between, axis=1)
    moved += 0.5
    seen[2:] = moved.reshape(n, 2, size, size).transpose(1, 0, 2, 3)
    return seen


def _with_rim(fields: Bytes) -> Bytes:
    """Fields (n, S, S) with their outermost pixels once more around them: (n, S + 2, S + 2)."""
    n, size, _ = fields.shape
    wide = np.empty((n, size + 2, size + 2), np.uint8)
    wide[:, 1:-1, 1:-1] = fields
    wide[:, 0, 1:-1], wide[:, -1, 1:-1] = fields[:, 0], fields[:, -1]
    wide[:, :, 0], wide[:, :, -1] = wide[:, :, 1], wide[:, :, -2]
    return wide


def _towards(first: Floats, others: Floats, weight: Floats) -> Floats:
    """From `first` so much of the way to the mean of all: `others` has the further sights first."""
    mean = (first + others.sum(axis=0)) / (1 + len(others))
    found: Floats = first + weight * (mean - first)
    return found


@lru_cache(maxsize=2)
def _tables(size: int) -> tuple[NDArray[np.intp], Floats]:
    """The four pixels that each pixel of the turned and of the leaned field lies between, and their shares.

    Both (4, 2 * size * size). Bilinear; what comes from outside of the field is background: it has no share.
    """
    # For (x, y) from the middle, y downwards: where in the old field a pixel of the new one comes from.
    turned = ((cos(TURN), sin(TURN)), (-sin(TURN), cos(TURN)))
    leaned = ((1.0, -LEAN), (0.0, 1.0))
    grid = np.mgrid[0:size, 0:size].reshape(2, -1)[::-1] - (size - 1) / 2
    places, shares = [], []
    for origin in (turned, leaned):
        x, y = np.array(origin) @ grid + (size - 1) / 2
        left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
        across, down = x - left, y - top
        corners = [
            (left + dx, top + dy, (across if dx else 1 - across) * (down if dy else 1 - down))
            for dy in (0, 1)
            for dx in (0, 1)
        ]
        inside = [(u >= 0) & (u < size) & (v >= 0) & (v < size) for u, v, _ in corners]
        places.append([np.where(ok, v * size + u, 0) for (u, v, _), ok in zip(corners, inside, strict=True)])
        shares.append([np.where(ok, share, 0) for (*_, share), ok in zip(corners, inside, strict=True)])
    return (
        np.array(places, dtype=np.intp).transpose(1, 0, 2).reshape(4, -1),
        np.array(shares, dtype=np.float32).transpose(1, 0, 2).reshape(4, -1),
    )
