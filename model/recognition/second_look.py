"""A second look where the first one was not sure: the same ink thinner, thicker, turned and leaned.

A network of 61,706 parameters errs most where a stroke happens to fall badly for it. The mean over five
sights of the same ink errs less, as the mean of several networks does. Few fields need it (one digit in
thirty), so that it costs next to nothing. Nothing is trained for it.
"""

from collections.abc import Callable
from functools import lru_cache
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from model.recognition.calibration import softmax

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Run = Callable[[Bytes], tuple[Floats, Floats | None]]
"""Fields (n, S, S) -> logits (n, 10), and the digit head's (n,) if there is one."""
SIGHTS = 4
"""How many further sights of a field there are."""
TURN = radians(8)
"""The angle by which one of them is turned clockwise (radians)."""
LEAN = 0.2
"""How far another one leans to the left: pixels across for each pixel up."""
BLEND = 0.02
"""Over this much probability below `certain`, the first look's weight falls from 1 to its share of the mean.

A sudden change would let rounding, which differs between engines, decide between two answers.
"""


def look_again(
    fields: Bytes, logits: Floats, digit: Floats | None, run: Run, certain: float
) -> tuple[Floats, Floats | None]:
    """Replace what the first look gave by the mean of all sights, where it was not certain.

    Args:
        fields: (n, S, S).
        logits: (n, 10), what `run` gave for them; not changed.
        digit: (n,), the digit head's logits, or None; not changed.
        run: The network.
        certain: The highest probability, by the softmax without temperature, from which a field gets no
            second look.

    Returns:
        Logits and digit head's logits of the same shapes.
    """
    weight = doubt(logits, certain)
    (unsure,) = weight.nonzero()
    if not len(unsure):
        return logits, digit
    further, further_digit = run(sights(fields[unsure]).reshape(-1, *fields.shape[1:]))
    logits = logits.copy()
    logits[unsure] = _towards_mean(logits[unsure], further, weight[unsure, None])
    if digit is not None and further_digit is not None:
        digit = digit.copy()
        digit[unsure] = _towards_mean(digit[unsure], further_digit, weight[unsure])
    return logits, digit


def doubt(logits: Floats, certain: float) -> Floats:
    """How far each answer is moved to the mean of all sights, 0 to 1: (n,) for logits (n, 10)."""
    weight: Floats = (certain - softmax(logits).max(axis=1)) / BLEND
    return np.minimum(np.maximum(weight, 0.0), 1.0)


def _towards_mean(first: Floats, further: Floats, weight: Floats) -> Floats:
    """Move what the first look gave towards the mean of all sights, by `weight` of the way."""
    mean = (first + further.reshape(SIGHTS, *first.shape).sum(axis=0)) / (1 + SIGHTS)
    return np.asarray(first + weight * (mean - first))


def sights(fields: Bytes) -> Bytes:
    """Fields (n, S, S) -> the same ink thinner, thicker, turned and leaned: (`SIGHTS`, n, S, S).

    In thinner and thicker ink each pixel is halfway to the minimum or maximum of its 3x3 neighbourhood.
    """
    n, size, _ = fields.shape
    seen = np.empty((SIGHTS, n, size, size), np.uint8)
    wide = np.pad(fields, ((0, 0), (1, 1), (1, 1)), mode="edge")
    for sight, extreme in zip(seen, (np.minimum, np.maximum), strict=False):
        rows = extreme(extreme(wide[:, :-2], wide[:, 1:-1]), wide[:, 2:])
        around = extreme(extreme(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])
        sight[...] = (around.astype(np.uint16) + fields + 1) >> 1
    places, shares = _corners(size)
    corners = fields.reshape(n, -1).astype(np.float32).take(places, axis=1)
    moved = (corners * shares).sum(axis=1) + 0.5
    seen[2:] = moved.reshape(n, 2, size, size).swapaxes(0, 1)
    return seen


@lru_cache(maxsize=2)
def _corners(size: int) -> tuple[NDArray[np.intp], Floats]:
    """The four pixels that each pixel of the turned and of the leaned field lies between, and their shares.

    Both are (4, 2 * size * size), for bilinear interpolation. Pixels outside the field have the share 0.
    """
    # For (x, y) from the middle, y downwards: where in the old field a pixel of the new one comes from.
    turned = ((cos(TURN), sin(TURN)), (-sin(TURN), cos(TURN)))
    leaned = ((1.0, -LEAN), (0.0, 1.0))
    middle = (size - 1) / 2
    y, x = np.mgrid[0:size, 0:size].reshape(2, -1) - middle
    sources = np.concatenate([np.array(matrix) @ (x, y) for matrix in (turned, leaned)], axis=1) + middle
    left, top = np.floor(sources).astype(np.intp)
    across, down = sources - (left, top)
    places, shares = [], []
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        u, v = left + dx, top + dy
        inside = (u >= 0) & (u < size) & (v >= 0) & (v < size)
        share = (across if dx else 1 - across) * (down if dy else 1 - down)
        places.append(np.where(inside, v * size + u, 0))
        shares.append(np.where(inside, share, 0.0))
    return np.array(places), np.array(shares, np.float32)
