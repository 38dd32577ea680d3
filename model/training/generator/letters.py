"""Stroke models of Latin letters as people print them, and of invented characters.

What people themselves cannot tell from a digit is left out: O o (0), I l i (1), Z z (2), S s (5). Letters close
to a digit are drawn in their unmistakable form only: b with its stem to the foot, g with a closed loop
below, q with a tick, B and D with their corners, Q with its tail across.
"""

from __future__ import annotations

import numpy as np

from model.training.generator.items import Floats, Strokes
from model.training.generator.templates import Model, Rng, arc, curve, line, ring
from model.training.generator.vectors import spline, to_unit

SIMPLE: dict[str, tuple[tuple[tuple[tuple[float, float], ...], ...], ...]] = {
    # A letter has ways to be written; a way has strokes; a stroke has corners. Curves are in `ROUND`.
    "A": (
        (((0.0, 1.0), (0.33, 0.0), (0.66, 1.0)), ((0.12, 0.62), (0.55, 0.62))),
        (((0.33, 0.0), (0.0, 1.0)), ((0.33, 0.0), (0.66, 1.0)), ((0.1, 0.66), (0.58, 0.64))),
    ),
    "E": (
        (((0.55, 0.0), (0.0, 0.0), (0.0, 1.0), (0.58, 1.0)), ((0.0, 0.48), (0.48, 0.48))),
        (((0.0, 0.0), (0.0, 1.0)), ((0.0, 0.0), (0.55, 0.0)), ((0.0, 0.5), (0.45, 0.5)), ((0.0, 1.0), (0.55, 1.0))),
    ),
    "F": (
        (((0.58, 0.0), (0.0, 0.0), (0.0, 1.0)), ((0.0, 0.47), (0.45, 0.45))),
        (((0.03, 0.02), (0.0, 1.0)), ((0.0, 0.0), (0.58, 0.0)), ((0.0, 0.5), (0.42, 0.5))),
    ),
    "H": ((((0.0, 0.0), (0.0, 1.0)), ((0.6, 0.0), (0.6, 1.0)), ((0.0, 0.5), (0.6, 0.5))),),
    "K": (
        (((0.0, 0.0), (0.0, 1.0)), ((0.55, 0.0), (0.0, 0.55)), ((0.14, 0.42), (0.6, 1.0))),
        (((0.0, 0.0), (0.0, 1.0)), ((0.55, 0.0), (0.04, 0.5), (0.6, 1.0))),
    ),
    "k": ((((0.0, 0.0), (0.0, 1.0)), ((0.4, 0.38), (0.02, 0.7), (0.45, 1.0))),),
    "L": ((((0.0, 0.0), (0.0, 1.0), (0.58, 1.0)),),),
    "M": (
        (((0.0, 1.0), (0.04, 0.0), (0.4, 0.7), (0.76, 0.0), (0.8, 1.0)),),
        (((0.0, 0.0), (0.0, 1.0)), ((0.0, 0.0), (0.4, 0.65), (0.8, 0.0)), ((0.8, 0.0), (0.8, 1.0))),
    ),
    "N": (
        (((0.0, 1.0), (0.0, 0.0), (0.6, 1.0), (0.6, 0.0)),),
        (((0.0, 0.0), (0.0, 1.0)), ((0.0, 0.0), (0.6, 1.0)), ((0.6, 0.0), (0.6, 1.0))),
    ),
    "T": ((((0.0, 0.0), (0.7, 0.0)), ((0.35, 0.0), (0.35, 1.0))),),
    "V": ((((0.0, 0.0), (0.33, 1.0), (0.66, 0.0)),),),
    "v": ((((0.0, 0.0), (0.42, 0.9), (0.85, 0.0)),),),
    "W": (
        (((0.0, 0.0), (0.22, 1.0), (0.45, 0.25), (0.68, 1.0), (0.9, 0.0)),),
        (((0.0, 0.0), (0.25, 0.9), (0.5, 0.0), (0.75, 0.9), (1.0, 0.0)),),
    ),
    "X": ((((0.0, 0.0), (0.62, 1.0)), ((0.62, 0.0), (0.0, 1.0))),),
    "x": ((((0.0, 0.0), (0.8, 0.85)), ((0.8, 0.0), (0.0, 0.85))),),
    "Y": (
        (((0.0, 0.0), (0.32, 0.48), (0.64, 0.0)), ((0.32, 0.48), (0.32, 1.0))),
        (((0.0, 0.0), (0.32, 0.5), (0.32, 1.0)), ((0.64, 0.0), (0.32, 0.5))),
    ),
    "y": ((((0.0, 0.0), (0.33, 0.6)), ((0.66, 0.0), (0.12, 1.0))),),
}  # fmt: skip

ROUND: dict[str, tuple[tuple[tuple[tuple[float, float], ...], ...], ...]] = {
    "C": ((((0.62, 0.16), (0.45, 0.02), (0.2, 0.05), (0.02, 0.35), (0.03, 0.7), (0.22, 0.96), (0.45, 0.97), (0.64, 0.82)),),),
    "c": ((((0.72, 0.12), (0.5, 0.0), (0.2, 0.06), (0.02, 0.35), (0.06, 0.7), (0.3, 0.88), (0.55, 0.86), (0.75, 0.72)),),),
    "G": (
        (
            ((0.62, 0.14), (0.42, 0.0), (0.15, 0.1), (0.0, 0.45), (0.08, 0.82), (0.33, 1.0), (0.6, 0.88), (0.64, 0.58)),
            ((0.36, 0.58), (0.52, 0.57), (0.74, 0.58)),
        ),
    ),
    "J": (
        (((0.5, 0.0), (0.5, 0.4), (0.49, 0.75), (0.38, 0.97), (0.17, 0.98), (0.02, 0.78)), ((0.22, 0.0), (0.5, 0.0), (0.75, 0.0))),
    ),
    "U": ((((0.0, 0.0), (0.0, 0.4), (0.05, 0.8), (0.3, 1.0), (0.55, 0.8), (0.6, 0.4), (0.6, 0.0)),),),
    "u": (
        (
            ((0.0, 0.0), (0.0, 0.4), (0.12, 0.78), (0.4, 0.8), (0.6, 0.5), (0.63, 0.0)),
            ((0.63, 0.0), (0.63, 0.5), (0.66, 0.85)),
        ),
    ),
    "n": (
        (
            ((0.0, 0.0), (0.0, 0.5), (0.0, 0.9)),
            ((0.0, 0.45), (0.12, 0.1), (0.38, 0.0), (0.56, 0.18), (0.6, 0.55), (0.6, 0.9)),
        ),
    ),
    "h": (
        (
            ((0.0, 0.0), (0.0, 0.5), (0.0, 1.0)),
            ((0.0, 0.7), (0.12, 0.5), (0.34, 0.44), (0.48, 0.6), (0.5, 1.0)),
        ),
    ),
    "m": (
        (
            ((0.0, 0.1), (0.0, 0.5), (0.0, 0.9)),
            ((0.0, 0.4), (0.15, 0.12), (0.32, 0.1), (0.42, 0.35), (0.43, 0.9)),
            ((0.43, 0.42), (0.58, 0.12), (0.76, 0.1), (0.86, 0.35), (0.88, 0.9)),
        ),
    ),
    "w": ((((0.0, 0.0), (0.05, 0.5), (0.22, 0.75), (0.42, 0.5), (0.46, 0.1), (0.5, 0.5), (0.7, 0.76), (0.88, 0.45), (0.9, 0.0)),),),
    "r": (
        (((0.0, 0.0), (0.0, 0.45), (0.0, 0.9)), ((0.0, 0.4), (0.1, 0.12), (0.3, 0.0), (0.48, 0.06))),
    ),
    "f": (
        (((0.55, 0.08), (0.42, 0.0), (0.28, 0.08), (0.24, 0.3), (0.24, 0.65), (0.22, 1.0)), ((0.02, 0.42), (0.25, 0.42), (0.5, 0.42))),
    ),
    "t": (
        (((0.25, 0.0), (0.25, 0.4), (0.26, 0.8), (0.38, 0.98), (0.55, 0.9)), ((0.0, 0.3), (0.25, 0.3), (0.55, 0.29))),
    ),
    "j": (
        (((0.4, 0.3), (0.4, 0.6), (0.38, 0.85), (0.25, 1.0), (0.05, 0.92)), ((0.4, 0.04), (0.42, 0.06))),
    ),
    "P": (
        (((0.02, 0.0), (0.0, 0.5), (0.0, 1.0)), ((0.02, 0.02), (0.35, 0.0), (0.55, 0.15), (0.5, 0.4), (0.28, 0.52), (0.0, 0.54))),
    ),
    "R": (
        (
            ((0.02, 0.0), (0.0, 0.5), (0.0, 1.0)),
            ((0.02, 0.02), (0.35, 0.0), (0.54, 0.15), (0.48, 0.38), (0.25, 0.5), (0.02, 0.52)),
            ((0.2, 0.52), (0.4, 0.75), (0.6, 1.0)),
        ),
    ),
    "e": (
        (((0.06, 0.48), (0.4, 0.47), (0.7, 0.44), (0.62, 0.12), (0.35, 0.0), (0.1, 0.18), (0.02, 0.5), (0.15, 0.82), (0.42, 0.92), (0.72, 0.76)),),
    ),
    "a": (
        (
            ((0.62, 0.12), (0.4, 0.0), (0.12, 0.12), (0.0, 0.48), (0.12, 0.8), (0.36, 0.82), (0.58, 0.55), (0.63, 0.12)),
            ((0.63, 0.05), (0.63, 0.5), (0.68, 0.8), (0.82, 0.86)),
        ),
        (
            ((0.05, 0.15), (0.28, 0.0), (0.5, 0.1), (0.55, 0.4), (0.56, 0.92)),
            ((0.55, 0.42), (0.25, 0.46), (0.03, 0.65), (0.1, 0.9), (0.34, 0.9), (0.55, 0.7)),
        ),
    ),
    "d": (
        (
            ((0.52, 0.6), (0.34, 0.44), (0.1, 0.52), (0.0, 0.76), (0.12, 0.98), (0.34, 0.98), (0.52, 0.8)),
            ((0.54, 0.0), (0.53, 0.5), (0.56, 1.0)),
        ),
    ),
    "p": (
        (
            ((0.0, 0.05), (0.0, 0.5), (0.0, 1.0)),
            ((0.0, 0.2), (0.2, 0.02), (0.44, 0.06), (0.54, 0.28), (0.42, 0.52), (0.18, 0.56), (0.0, 0.44)),
        ),
    ),
}  # fmt: skip


def _from_table(ways: tuple[tuple[tuple[tuple[float, float], ...], ...], ...], *, smooth: bool) -> Model:
    def letter(rng: Rng) -> Strokes:
        way = ways[int(rng.integers(len(ways)))]
        draw_stroke = curve if smooth else line
        wobble = float(rng.uniform(0.012, 0.035))
        return [draw_stroke(rng, *stroke, wobble=wobble) for stroke in way]

    return letter


def _b(rng: Rng) -> Strokes:
    stem = line(rng, (0.0, 0.0), (0.0, 1.04), wobble=0.012)
    bowl = curve(rng, (0.0, 0.62), (0.2, 0.46), (0.44, 0.54), (0.5, 0.75), (0.38, 0.95), (0.0, 0.93))
    return [stem, bowl]


def _big_b(rng: Rng) -> Strokes:
    stem = line(rng, (0.0, -0.02), (0.0, 1.02), wobble=0.012)
    upper = curve(rng, (0.0, 0.0), (0.34, 0.01), (0.48, 0.2), (0.34, 0.44), (0.0, 0.47))
    lower = curve(rng, (0.0, 0.47), (0.4, 0.5), (0.56, 0.74), (0.4, 0.97), (0.0, 1.0))
    return [stem, upper, lower]


def _big_d(rng: Rng) -> Strokes:
    out = float(rng.uniform(0.02, 0.1))
    stem = line(rng, (0.05, 0.0), (0.05, 1.0), wobble=0.012)
    bow = curve(
        rng, (0.05 - out, 0.0), (0.35, 0.02), (0.6, 0.25), (0.63, 0.6), (0.42, 0.92), (0.05 - out, 1.0)
    )
    return [stem, bow]


def _g(rng: Rng) -> Strokes:
    bowl = ring(rng, (0.3, 0.22), (0.26, 0.2), -20.0)
    tail = curve(
        rng,
        (0.58, -0.02),
        (0.57, 0.4),
        (0.55, 0.75),
        (0.4, 0.98),
        (0.12, 0.94),
        (0.1, 0.76),
        (0.4, 0.66),
        (0.8, 0.5),
    )
    return [bowl, tail]


def _q(rng: Rng) -> Strokes:
    bowl = ring(rng, (0.3, 0.22), (0.27, 0.22), -20.0)
    tail = line(rng, (0.58, 0.0), (0.57, 1.0), (0.85, 0.82), wobble=0.012)
    return [bowl, tail]


def _big_q(rng: Rng) -> Strokes:
    tail = line(rng, (0.38, 0.62), (0.78, 1.08), wobble=0.02)
    return [ring(rng, (0.38, 0.48), (0.38, 0.46)), tail]


LETTERS: dict[str, Model] = {
    **{letter: _from_table(ways, smooth=False) for letter, ways in SIMPLE.items()},
    **{letter: _from_table(ways, smooth=True) for letter, ways in ROUND.items()},
    "b": _b,
    "B": _big_b,
    "D": _big_d,
    "g": _g,
    "q": _q,
    "Q": _big_q,
}
NAMES = tuple(LETTERS)


def _with_ticks(strokes: Strokes, rng: Rng) -> Strokes:
    """Small hooks where the pen lands or leaves, as in joined writing."""
    out = []
    for stroke in strokes:
        if len(stroke) > 1 and rng.random() < 0.2:
            way = rng.uniform(0.05, 0.14) * np.array([rng.choice([-1.0, 1.0]), rng.uniform(-0.8, 0.2)])
            stroke = (
                np.concatenate([stroke, stroke[-1:] + way])
                if rng.random() < 0.6
                else np.concatenate([stroke[:1] + way, stroke])
            )
        out.append(stroke)
    return out


def draw_letter(rng: Rng) -> tuple[Strokes, int]:
    """A letter's strokes, unit-sized, and its place in `NAMES`."""
    number = int(rng.integers(len(NAMES)))
    return to_unit(_with_ticks(LETTERS[NAMES[number]](rng), rng)), number


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
    radius = float(rng.uniform(0.12, 0.4))
    return arc(
        rng,
        (float(start[0]), float(start[1])),
        (radius, radius),
        float(rng.uniform(0, 360)),
        float(rng.uniform(150, 360)),
    )


def draw_invented(rng: Rng) -> Strokes:
    """A character of no script: four to seven strokes that hang together, too many for a digit."""
    strokes = [_limb(rng, rng.uniform(-0.5, 0.5, 2))]
    for _ in range(int(rng.integers(3, 7))):
        host = strokes[int(rng.integers(len(strokes)))]
        start = host[int(rng.integers(len(host)))] if rng.random() < 0.75 else rng.uniform(-0.5, 0.5, 2)
        strokes.append(_limb(rng, np.clip(start, -0.8, 0.8)))
    return to_unit([np.clip(stroke, -1.0, 1.0) for stroke in strokes])
