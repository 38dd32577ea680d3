"""Stroke models of Latin letters as people print them, and of invented characters.

What people themselves cannot tell from a digit is left out: O o (0), I l i (1), Z z (2), S s (5). Letters
that come close to a digit are drawn in their unmistakable form only: b with its stem to the foot, g with a
closed loop below, q with a tick, B and D with their corners, Q with its tail across.
"""

import numpy as np

from model.generator.chance import one_of
from model.generator.items import Floats, Rng, Strokes
from model.generator.pens.templates import Model, sketched
from model.generator.pens.vectors import spline, to_unit

# fmt: off
STRAIGHT: dict[str, str] = {
    "A": "0,100 33,0 66,100 | 12,62 55,62 / 33,0 0,100 | 33,0 66,100 | 10,66 58,64",
    "E": "55,0 0,0 0,100 58,100 | 0,48 48,48 / 0,0 0,100 | 0,0 55,0 | 0,50 45,50 | 0,100 55,100",
    "F": "58,0 0,0 0,100 | 0,47 45,45 / 3,2 0,100 | 0,0 58,0 | 0,50 42,50",
    "H": "0,0 0,100 | 60,0 60,100 | 0,50 60,50",
    "K": "0,0 0,100 | 55,0 0,55 | 14,42 60,100 / 0,0 0,100 | 55,0 4,50 60,100",
    "k": "0,0 0,100 | 40,38 2,70 45,100",
    "L": "0,0 0,100 58,100",
    "M": "0,100 4,0 40,70 76,0 80,100 / 0,0 0,100 | 0,0 40,65 80,0 | 80,0 80,100",
    "N": "0,100 0,0 60,100 60,0 / 0,0 0,100 | 0,0 60,100 | 60,0 60,100",
    "T": "0,0 70,0 | 35,0 35,100",
    "V": "0,0 33,100 66,0",
    "v": "0,0 42,90 85,0",
    "W": "0,0 22,100 45,25 68,100 90,0 / 0,0 25,90 50,0 75,90 100,0",
    "X": "0,0 62,100 | 62,0 0,100",
    "x": "0,0 80,85 | 80,0 0,85",
    "Y": "0,0 32,48 64,0 | 32,48 32,100 / 0,0 32,50 32,100 | 64,0 32,50",
    "y": "0,0 33,60 | 66,0 12,100",
}
"""Letters of straight strokes: ways to write one, divided by slashes; see `sketched`."""

ROUND: dict[str, str] = {
    "C": "62,16 45,2 20,5 2,35 3,70 22,96 45,97 64,82",
    "c": "72,12 50,0 20,6 2,35 6,70 30,88 55,86 75,72",
    "G": "62,14 42,0 15,10 0,45 8,82 33,100 60,88 64,58 | 36,58 52,57 74,58",
    "J": "50,0 50,40 49,75 38,97 17,98 2,78 | 22,0 50,0 75,0",
    "U": "0,0 0,40 5,80 30,100 55,80 60,40 60,0",
    "u": "0,0 0,40 12,78 40,80 60,50 63,0 | 63,0 63,50 66,85",
    "n": "0,0 0,50 0,90 | 0,45 12,10 38,0 56,18 60,55 60,90",
    "h": "0,0 0,50 0,100 | 0,70 12,50 34,44 48,60 50,100",
    "m": "0,10 0,50 0,90 | 0,40 15,12 32,10 42,35 43,90 | 43,42 58,12 76,10 86,35 88,90",
    "w": "0,0 5,50 22,75 42,50 46,10 50,50 70,76 88,45 90,0",
    "r": "0,0 0,45 0,90 | 0,40 10,12 30,0 48,6",
    "f": "55,8 42,0 28,8 24,30 24,65 22,100 | 2,42 25,42 50,42",
    "t": "25,0 25,40 26,80 38,98 55,90 | 0,30 25,30 55,29",
    "j": "40,30 40,60 38,85 25,100 5,92 | 40,4 42,6",
    "P": "2,0 0,50 0,100 | 2,2 35,0 55,15 50,40 28,52 0,54",
    "R": "2,0 0,50 0,100 | 2,2 35,0 54,15 48,38 25,50 2,52 | 20,52 40,75 60,100",
    "e": "6,48 40,47 70,44 62,12 35,0 10,18 2,50 15,82 42,92 72,76",
    "a": "62,12 40,0 12,12 0,48 12,80 36,82 58,55 63,12 | 63,5 63,50 68,80 82,86 / "
         "5,15 28,0 50,10 55,40 56,92 | 55,42 25,46 3,65 10,90 34,90 55,70",
    "d": "52,60 34,44 10,52 0,76 12,98 34,98 52,80 | 54,0 53,50 56,100",
    "p": "0,5 0,50 0,100 | 0,20 20,2 44,6 54,28 42,52 18,56 0,44",
    "b": "line12 0,0 0,104 | 0,62 20,46 44,54 50,75 38,95 0,93",
    "B": "line12 0,-2 0,102 | 0,0 34,1 48,20 34,44 0,47 | 0,47 40,50 56,74 40,97 0,100",
    "D": "line12 5,0 5,100 | 3,0 35,2 60,25 63,60 42,92 3,100"
         " ~ line12 5,0 5,100 | -5,0 35,2 60,25 63,60 42,92 -5,100",
    "g": "ring 30,22 26,20 | 58,-2 57,40 55,75 40,98 12,94 10,76 40,66 80,50",
    "q": "ring 30,22 27,22 | line12 58,0 57,100 85,82",
    "Q": "ring 38,48 38,46 | line 38,62 78,108",
}
"""Letters of smooth strokes."""
# fmt: on


LETTERS: dict[str, tuple[Model, ...]] = {
    **{letter: tuple(map(sketched, ways.split("/"))) for letter, ways in STRAIGHT.items()},
    **{letter: tuple(sketched(way, "curve") for way in ways.split("/")) for letter, ways in ROUND.items()},
}
NAMES = tuple(LETTERS)


def _with_ticks(strokes: Strokes, rng: Rng) -> Strokes:
    """Small hooks where the pen lands or leaves, as in joined writing."""
    return [_ticked(stroke, rng) if len(stroke) > 1 and rng.random() < 0.2 else stroke for stroke in strokes]


def _ticked(stroke: Floats, rng: Rng) -> Floats:
    way = rng.uniform(0.05, 0.14) * np.array([rng.choice([-1.0, 1.0]), rng.uniform(-0.8, 0.2)])
    if rng.random() < 0.6:
        return np.concatenate([stroke, stroke[-1:] + way])
    return np.concatenate([stroke[:1] + way, stroke])


def draw_letter(rng: Rng) -> Strokes:
    """A letter, unit-sized."""
    return to_unit(_with_ticks(one_of(rng, LETTERS[one_of(rng, NAMES)])(rng), rng))


def _limb(rng: Rng, start: Floats) -> Floats:
    """A stroke of an invented character: a line, a corner, a bow or a hook that begins at `start`."""
    way = rng.random()
    if way < 0.4:
        corners = [start, start + rng.uniform(-0.9, 0.9, 2)]
        return np.stack(corners)
    if way < 0.65:
        middle = start + rng.uniform(-0.7, 0.7, 2)
        return np.stack([start, middle, middle + rng.uniform(-0.7, 0.7, 2)])
    if way < 0.85:
        points = start + np.cumsum(np.concatenate([np.zeros((1, 2)), rng.normal(0, 0.35, (3, 2))]), axis=0)
        return spline(points)
    angles = rng.uniform(0, 7) + np.linspace(0, rng.uniform(2.6, 6.3), 14)
    return start + rng.uniform(0.12, 0.4) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def draw_invented(rng: Rng) -> Strokes:
    """A character of no script: four to seven strokes that hang together, too many for a digit."""
    strokes = [_limb(rng, rng.uniform(-0.5, 0.5, 2))]
    for _ in range(int(rng.integers(3, 7))):
        host = one_of(rng, strokes)
        start = host[int(rng.integers(len(host)))] if rng.random() < 0.75 else rng.uniform(-0.5, 0.5, 2)
        strokes.append(_limb(rng, np.clip(start, -0.8, 0.8)))
    return to_unit([np.clip(stroke, -1.0, 1.0) for stroke in strokes])
