"""What was a digit and is no longer one legible digit: pairs, halves, struck out, overlapping, lying.

A `Spoil` takes a digit's label and its unit-sized strokes.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.generator.chance import one_of
from model.generator.items import Floats, Rng, Strokes
from model.generator.pens.templates import Model, sketched
from model.generator.pens.vectors import affine, bounds, mapped, resample

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


# fmt: off
OVER: tuple[Model, ...] = tuple(map(sketched, (
    "line40 -10,-10 110,110 | line40 -10,110 110,-10",
    "line40 -10,-10 110,110 | line40 -10,110 110,-10 | line40 -20,50 120,50",
    "line40 -20,50 120,15 | line40 -20,85 120,50 ~ line40 -20,15 120,50 | line40 -20,50 120,85",
    "line40 -20,30 120,0 | line40 -20,65 120,35 | line40 -20,100 120,70"
    " ~ line40 -20,0 120,30 | line40 -20,35 120,65 | line40 -20,70 120,100",
    "curve40 -15,5 7,95 30,5 52,95 75,5 97,95 115,5",
    "curve40 -15,5 5,95 20,5 40,95 55,5 70,95 85,5 100,95 115,5",
    "curve40 -20,5 120,20 -20,35 120,50 -20,65 120,80 -20,95",
)))
# fmt: on
"""Two crosses, two and three bars, scrawls to and fro, over a digit of 100 by 100."""


def struck_out(_digit: int, strokes: Strokes, rng: Rng) -> Strokes:
    """Any digit with a cross, several bars or a scrawl over it: one bar may be a 7's or a slashed 0's."""
    low, high = bounds(strokes)
    return [*strokes, *(low + stroke * (high - low + 0.05) for stroke in one_of(rng, OVER)(rng))]


def lying(digit: int, strokes: Strokes, rng: Rng) -> Strokes | None:
    """Turned by a quarter, either way; None if that may be a digit."""
    if digit not in LYING:
        return None
    turn = float(rng.choice([-1.0, 1.0]) * np.pi / 2 + rng.normal(0, 0.12))
    return mapped(strokes, affine(np.concatenate(strokes), angle=turn))
