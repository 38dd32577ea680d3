"""Stroke models of the digits: the ways of writing them that people are taught, MNIST's rare ones included.

A model is text: some drawings with the same points, about 0.7 wide and 1 high, between which each new drawing
lies, its points moved a little. So a stem leans more or less, a flag is long or short, a loop open or closed.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from model.generator.chance import one_of
from model.generator.items import Floats, Rng, Strokes
from model.generator.pens.vectors import spline, to_unit

Model: TypeAlias = Callable[[Rng], Strokes]

_PIECE = re.compile(r"(?:([a-z]+)(\d*) )?((?:-?\d+,-?\d+ ?)+)")


def line(rng: Rng, points: Floats, wobble: float) -> Floats:
    """A polyline through `points` (n, 2), each moved at random by about `wobble`."""
    return points + rng.normal(0.0, wobble, points.shape)


def curve(rng: Rng, points: Floats, wobble: float) -> Floats:
    """A smooth curve through `points` (n, 2), each moved at random by about `wobble`."""
    return spline(line(rng, points, wobble))


def ring(rng: Rng, centre_and_radii: Floats, wobble: float) -> Floats:
    """A closed, nearly closed or overlapping ellipse drawn from about its top, either way round."""
    (centre, radii), way = centre_and_radii, 1 if rng.random() < 0.25 else -1
    angles = np.radians(-90 + rng.normal(0, 25) + way * np.linspace(0.0, rng.uniform(345, 395), 28))
    drift = np.linspace(1.0, np.exp(rng.normal(0.0, 0.05)), 28)[:, None]
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(centre + radii * np.exp(rng.normal(0.0, 3 * wobble, 2)) * drift * around)


_WAYS: dict[str, Callable[[Rng, Floats, float], Floats]] = {"line": line, "curve": curve, "ring": ring}


def sketched(text: str, way: str = "line") -> Model:
    """A model from text: drawings divided by tildes, their strokes by bars, the pieces of a stroke by pluses.

    A piece is a `line`, a `curve` or a `ring` (else it is drawn the `way` given), its wobble in thousandths
    and its points in hundredths, "curve15 5,24 14,6": x to the right, y down; a ring's are centre and radii.
    """
    drawings = [[_PIECE.findall(stroke) for stroke in drawing.split("|")] for drawing in text.split("~")]
    strokes = [
        [_piece(same, way) for same in zip(*versions, strict=True)]
        for versions in zip(*drawings, strict=True)
    ]

    def model(rng: Rng) -> Strokes:
        shares = rng.dirichlet([1.0] * len(drawings))
        return [np.concatenate([piece(rng, shares) for piece in stroke]) for stroke in strokes]

    return model


def _piece(same: Sequence[tuple[str, str, str]], otherwise: str) -> Callable[[Rng, Floats], Floats]:
    """Draws a piece between those of all drawings, of each its share."""
    way, wobble = _WAYS[same[0][0] or otherwise], int(same[0][1] or 20) / 1000
    corners = np.array([[at.split(",") for at in points.split()] for _, _, points in same], np.float64) / 100
    return lambda rng, shares: way(rng, np.tensordot(shares, corners, 1), wobble)


# fmt: off
MODELS: dict[int, tuple[Model, ...]] = {
    0: (
        sketched("ring 35,50 24,50 ~ ring 35,50 45,50"),
        sketched("ring 35,50 26,50 | line 50,27 20,73 ~ ring 35,50 42,50 | line 77,-3 -7,103"),
        sketched("ring 35,50 28,50 | line10 35,49 36,51 ~ ring 35,50 42,50 | line10 35,49 36,51"),
    ),
    1: (
        sketched("curve15 28,0 29,50 30,100 ~ curve15 50,0 40,50 30,100"),
        # A flag below 30 degrees would make a 7 of it.
        sketched("line12 38,12 45,0 39,100 ~ line12 3,28 45,0 50,100 ~ line12 24,45 45,0 45,100"),
        sketched("line12 38,12 45,0 39,100 | line15 25,100 53,100"
                 " ~ line12 3,28 45,0 50,100 | line15 18,100 82,100"
                 " ~ line12 24,45 45,0 45,100 | line15 25,100 65,100"),
        sketched("line 37,0 35,100 | line12 23,100 47,100 ~ line 37,0 35,100 | line12 9,100 61,100"),
    ),
    2: (
        sketched("curve 5,24 14,6 36,0 58,9 62,30 45,58 20,82 3,98 + curve 6,98 35,97 68,96"),
        sketched("curve 6,20 20,3 42,1 58,14 57,36 40,64 20,90 7,97 1,88 9,79 24,83 42,95 58,99 72,90"),
        sketched("curve18 6,22 20,4 42,2 57,17 52,40 30,68 5,95 | curve 5,95 20,87 40,93 55,99 70,93"),
        sketched("curve 4,16 22,2 48,2 60,20 56,36 + line 5,98 66,97"),
    ),
    3: (
        sketched("curve 6,14 22,1 46,3 56,20 47,38 24,46 + curve 26,47 52,54 62,74 50,94 26,100 4,88"
                 " ~ curve 6,14 22,1 46,3 56,20 47,38 36,46 + curve 38,47 52,54 62,74 50,94 26,100 4,88"),
        sketched("line 5,3 55,2 27,41 + curve 28,41 50,46 62,68 52,92 28,100 4,90"),
        sketched("curve15 8,12 28,0 50,8 50,27 36,42 22,47 23,40 36,42 56,56 58,80 40,98 18,97 4,85"),
    ),
    4: (
        sketched("line 6,2 5,52 52,50 | line 42,0 45,100"
                 " ~ line 24,2 5,70 80,68 | line 54,20 46,100"
                 " ~ line 10,2 5,60 78,52 | line 52,5 46,100"),
        sketched("curve15 10,3 5,28 12,46 35,48 66,40 | line 50,0 46,100"
                 " ~ curve15 10,3 5,37 12,62 35,64 66,56 | line 50,15 46,100"),
        sketched("line 44,0 2,60 68,60 | line 44,0 44,100 ~ line 54,0 2,74 68,74 | line 54,8 54,100"),
        sketched("line18 42,2 3,55 66,53 | curve12 42,3 42,50 37,100"
                 " ~ line18 52,2 3,70 66,68 | curve12 52,3 52,50 47,100"),
    ),
    5: (
        sketched("line 60,2 15,2 11,36 + curve 12,36 36,37 60,55 57,82 34,99 3,92"
                 " ~ line 60,2 15,2 11,46 + curve 12,46 36,39 60,55 57,82 34,99 3,92"),
        # The hat is set on last, and often does not touch.
        sketched("line15 15,4 12,36 + curve 13,36 36,38 60,57 56,84 32,100 3,90 | line12 14,-1 50,6"
                 " ~ line15 15,4 12,46 + curve 13,46 36,40 60,57 56,84 32,100 3,90 | line12 28,4 75,-5"),
        sketched("curve15 60,2 34,2 16,6 13,24 12,42 30,40 55,50 60,72 44,95 5,95"),
    ),
    6: (
        sketched("curve12 30,0 17,16 12,42 5,73 + curve12 5,73 13,87 33,93 53,87 61,73 53,59 33,53 15,58 8,66"
                 " ~ curve12 60,0 33,16 12,42 5,70"
                 " + curve12 5,73 13,93 33,101 53,93 61,73 53,53 33,45 10,53 4,78"),
        sketched("line12 20,0 6,68 + curve12 5,76 12,89 30,94 48,89 55,76 48,63 30,58 14,62 7,70"
                 " ~ line12 50,0 6,68 + curve12 5,76 12,94 30,101 48,94 55,76 48,58 30,51 10,58 4,80"),
        sketched("curve15 56,10 44,0 24,8 8,38 5,70 20,97 46,95 58,73 42,54 20,58 8,72"),
    ),
    7: (
        sketched("line15 2,0 60,2 + curve12 60,3 37,48 10,100"
                 " ~ line15 2,6 60,2 + curve12 60,3 27,48 10,100"
                 " ~ line15 2,2 60,2 + curve12 60,3 48,48 38,100"),
        sketched("line12 3,8 2,2 60,2 + curve12 60,3 37,48 10,100"
                 " ~ line12 3,22 2,4 60,2 + curve12 60,3 27,48 10,100"
                 " ~ line12 3,14 2,2 60,2 + curve12 60,3 48,48 38,100"),
        sketched("line15 2,0 60,2 + curve12 60,3 37,48 10,100 | line12 24,44 50,42"
                 " ~ line15 2,6 60,2 + curve12 60,3 27,48 10,100 | line12 -6,60 46,56"
                 " ~ line15 2,2 60,2 + curve12 60,3 48,48 38,100 | line12 30,48 64,54"),
        sketched("line12 3,8 2,2 60,2 + curve12 60,3 37,48 10,100 | line12 24,44 50,42"
                 " ~ line12 3,22 2,4 60,2 + curve12 60,3 27,48 10,100 | line12 -6,60 46,56"
                 " ~ line12 3,14 2,2 60,2 + curve12 60,3 48,48 38,100 | line12 30,48 64,54"),
    ),
    8: (
        sketched("curve 52,10 34,0 14,8 12,28 34,47 56,65 56,88 33,100 10,88 10,66 33,47 52,28 50,10"),
        sketched("ring 35,20 19,20 | ring 35,72 22,30"
                 " ~ ring 35,27 28,27 | ring 35,75 33,23"
                 " ~ ring 35,24 24,24 | ring 35,70 30,26"),
        # As an S and back up, the ends not meeting.
        sketched("curve15 58,8 38,0 16,10 14,28 34,46 56,66 55,88 32,100 10,88 12,66 36,46 58,20"),
    ),
    9: (
        sketched("curve 56,10 45,2 32,0 14,6 6,20 14,34 32,40 50,34 57,22 + line12 57,20 38,100"
                 " ~ curve 58,26 50,8 32,0 14,8 6,28 14,48 32,56 50,48 58,30 + line12 57,28 60,100"),
        sketched("curve 56,10 45,2 32,0 14,6 6,20 14,34 32,40 50,34 57,22 + curve12 58,20 57,50 47,80 20,100"
                 " ~ curve 58,26 50,8 32,0 14,8 6,28 14,48 32,56 50,48 58,30"
                 " + curve12 58,28 57,50 47,80 36,100"),
        # The tail curls back to the left, as in a printed 9 (or far, as in a handwritten g).
        sketched("curve 57,10 46,2 33,0 15,6 7,20 15,34 33,40 51,34 58,22"
                 " + curve15 59,20 60,50 57,82 42,98 20,98 6,78"
                 " ~ curve 59,26 51,8 33,0 15,8 7,28 15,48 33,56 51,48 59,30"
                 " + curve15 59,28 60,50 57,82 42,98 20,98 6,93"),
        sketched("ring 32,20 26,20 | line12 58,0 45,100 ~ ring 32,27 26,27 | line12 58,12 60,100"),
    ),
}
# fmt: on
"""Every digit's models. Each is drawn equally often."""


def draw_digit(digit: int, rng: Rng) -> Strokes:
    """One of the models of `digit`, unit-sized."""
    return to_unit(one_of(rng, MODELS[digit])(rng))
