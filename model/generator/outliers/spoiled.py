"""What was a digit and is no longer one legible digit: pairs, halves, struck out, overlapping, lying.

A `Spoil` takes a digit's label and its unit-sized strokes.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.generator.chance import one_of
from model.generator.items import Floats, Rng, Strokes
from model.generator.pens.vectors import affine, bounds, mapped, resample, spline

Spoil: TypeAlias = Callable[[int, Strokes, Rng], Strokes | None]
"""Spoils a digit, or gives None where the result might still be one."""

HALVES: dict[int, tuple[str, ...]] = {
    # Which half of which digit is no digit itself. The lower half of a 6 is a 0, half an 8 a 3, half a 7 a 1,
    # the upper half of a 2 a 7, and half a 4 often a 4.
    0: ("top", "bottom"),
    2: ("bottom",),
    3: ("left",),
    5: ("top", "left"),
    8: ("left",),
}
LYING = (3,)
"""Turned by a quarter a 3 is no digit. 0 and 8 remain themselves, 1 is a line, and of the others some hands'
come near another digit: a 4 lying down is often a 4."""


def overlapping(first: Strokes, second: Strokes, rng: Rng) -> Strokes:
    """Two digits written over each other."""
    shift = np.array([rng.uniform(0.28, 0.5), rng.uniform(0.0, 0.3)]) * rng.choice([-1, 1], 2)
    return [*first, *[stroke + shift for stroke in second]]


def _inside(stroke: Floats, keep: NDArray[np.bool_]) -> Strokes:
    """The runs of points that are kept, each a stroke of its own."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], keep.astype(np.int8), [0]])))
    return [
        stroke[start:stop] for start, stop in zip(edges[::2], edges[1::2], strict=True) if stop - start > 1
    ]


def half(digit: int, strokes: Strokes, rng: Rng) -> Strokes | None:
    """What is left of a unit-sized digit where a cut leaves less than 55 %; None if that may be a digit."""
    sides = HALVES.get(digit)
    if sides is None:
        return None
    side = one_of(rng, sides)
    fine = [resample(stroke, 0.02) for stroke in strokes]
    low, high = bounds(fine)
    share, tilt = rng.uniform(0.33, 0.46), rng.normal(0, 0.1)
    kept: Strokes = []
    for stroke in fine:
        x = (stroke[:, 0] - low[0]) / max(high[0] - low[0], 1e-6)
        y = (stroke[:, 1] - low[1]) / max(high[1] - low[1], 1e-6)
        place = {"top": y, "bottom": 1 - y, "left": x, "right": 1 - x}[side]
        across = x if side in ("top", "bottom") else y
        kept += _inside(stroke, place + tilt * (across - 0.5) < share)
    total, left = sum(map(len, fine)), sum(map(len, kept))
    return kept if kept and 0.15 * total < left < 0.55 * total else None


def struck_out(_digit: int, strokes: Strokes, rng: Rng) -> Strokes:
    """Any digit with a cross, several bars or a scrawl over it: one bar may be a 7's or a slashed 0's."""
    low, high = bounds(strokes)
    span = high - low
    way = rng.random()
    over: Strokes
    if way < 0.4:  # a cross over all of it
        a, b = low - 0.1 * span, high + 0.1 * span
        over = [np.array([a, b]), np.array([[a[0], b[1]], [b[0], a[1]]])]
        if rng.random() < 0.3:
            over.append(np.array([[a[0] - 0.1, (a[1] + b[1]) / 2], [b[0] + 0.1, (a[1] + b[1]) / 2]]))
    elif way < 0.65:  # two to four bars
        heights = np.linspace(0.15, 0.85, int(rng.integers(2, 5)))
        slope = rng.normal(0, 0.25)
        left, right = low[0] - 0.2, high[0] + 0.2
        ends = [(low[1] + span[1] * (h + slope), low[1] + span[1] * (h - slope)) for h in heights]
        over = [np.array([[left, first], [right, last]]) for first, last in ends]
    else:  # a scrawl to and fro
        count = int(rng.integers(6, 13))
        x = np.linspace(-0.15, 1.15, count) if rng.random() < 0.5 else np.tile([-0.2, 1.2], count)[:count]
        y = np.tile([0.05, 0.95], count)[:count] if x[0] > -0.2 else np.linspace(0.05, 0.95, count)
        over = [spline(low + np.stack([x, y], axis=1) * span, 4)]
    shaken = [stroke + rng.normal(0, 0.04, stroke.shape) if len(stroke) < 4 else stroke for stroke in over]
    return [*strokes, *shaken]


def lying(digit: int, strokes: Strokes, rng: Rng) -> Strokes | None:
    """Turned by a quarter, either way; None if that may be a digit."""
    if digit not in LYING:
        return None
    turn = float(rng.choice([-1.0, 1.0]) * np.pi / 2 + rng.normal(0, 0.12))
    return mapped(strokes, affine(np.concatenate(strokes), angle=turn))
