"""Stroke models: the ways of writing a digit that people are taught, and letters, signs and scrawls.

A model is text (`tables/strokes.json`): several drawings with the same points, about 0.7 wide and 1 high.
Each new drawing is a random mixture of them, with its points moved a little. So a stem leans more or less, a
flag is long or short, a loop open or closed.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from model.generator.items import Floats, Rng, Strokes, one_of
from model.generator.pens.vectors import spline, to_unit
from model.generator.tables import table

Model: TypeAlias = Callable[[Rng], Strokes]

_PIECE = re.compile(r"([a-z]+)(\d*) ((?:-?\d+,-?\d+ ?)+)")


def ring(rng: Rng, centre_and_radii: Floats, wobble: float) -> Floats:
    """A closed, nearly closed or overlapping ellipse drawn from about its top, either way round."""
    (centre, radii), way = centre_and_radii, 1 if rng.random() < 0.25 else -1
    angles = np.radians(-90 + rng.normal(0, 25) + way * np.linspace(0.0, rng.uniform(345, 395), 28))
    drift = np.linspace(1.0, np.exp(rng.normal(0.0, 0.05)), 28)[:, None]
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(centre + radii * np.exp(rng.normal(0.0, 3 * wobble, 2)) * drift * around)


_WAYS: dict[str, Callable[[Rng, Floats, float], Floats]] = {
    "line": lambda rng, points, wobble: points + rng.normal(0.0, wobble, points.shape),
    "curve": lambda rng, points, wobble: spline(points + rng.normal(0.0, wobble, points.shape)),
    "ring": ring,
}
"""A polyline or a smooth curve through points (n, 2), each moved at random by about `wobble`; a ring."""


def sketched(text: str) -> Model:
    """A model from text: drawings divided by tildes, their strokes by bars, the pieces of a stroke by pluses.

    A piece is a `line`, a `curve` or a `ring`, its wobble in thousandths (20 if it has none) and its points
    in hundredths, "curve15 5,24 14,6": x to the right, y down; a ring's are centre and radii.
    """
    drawings = [[_PIECE.findall(stroke) for stroke in drawing.split("|")] for drawing in text.split("~")]
    strokes = [[_piece(same) for same in zip(*each, strict=True)] for each in zip(*drawings, strict=True)]

    def model(rng: Rng) -> Strokes:
        shares = rng.dirichlet([1.0] * len(drawings))
        return [np.concatenate([piece(rng, shares) for piece in stroke]) for stroke in strokes]

    return model


def _piece(same: Sequence[tuple[str, str, str]]) -> Callable[[Rng, Floats], Floats]:
    """Returns a function that draws a mixture of the same piece of all drawings, each by its share."""
    way, wobble = _WAYS[same[0][0]], int(same[0][1] or 20) / 1000
    corners = np.array([[at.split(",") for at in points.split()] for _, _, points in same], np.float64) / 100
    return lambda rng, shares: way(rng, np.tensordot(shares, corners, 1), wobble)


_TABLE = table("strokes")
DIGITS: tuple[tuple[Model, ...], ...] = tuple(
    tuple(map(sketched, ways.values())) for ways in _TABLE["digits"].values()
)
"""The ways of writing each digit, MNIST's rare ones included. Each is drawn equally often."""
LETTERS: dict[str, tuple[Model, ...]] = {
    letter: tuple(map(sketched, ways)) for letter, ways in _TABLE["letters"].items()
}
"""Latin letters as people print them.

Letters that people cannot tell from a digit are left out: O o (0), I l i (1), Z z (2), S s (5). Letters
that come close to a digit are drawn in their unmistakable form only: b with its stem to the foot, g with a
closed loop below, q with a tick, B and D with their corners, Q with its tail across.
"""
SCRIBBLES, TURNED_SCRIBBLES, SIGNS, TURNED_SIGNS, STRIKES = (
    tuple(map(sketched, _TABLE[group].values()))
    for group in ("scribbles", "scribbles-turned", "signs", "signs-turned", "strikes")
)
"""Scribbles and signs that stay upright, or are turned any way; STRIKES strike out a digit of 1 by 1.

The only outlines are triangles, squares and stars: with more corners they would come near a 0. Arrows have
both barbs, and long ones: with a single barb an arrow would be a 1 or a 7.
"""


def draw_digit(digit: int, rng: Rng) -> Strokes:
    """One of the models of `digit`, unit-sized."""
    return to_unit(one_of(rng, DIGITS[digit])(rng))
