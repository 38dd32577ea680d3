"""Drawings that are no digits: letters, invented characters, scribbles, shapes and signs, all unit-sized.

Circles and upright lines are not among them: they are zeros and ones.
"""

from collections.abc import Sequence

import numpy as np

from model.generator.chance import one_of
from model.generator.items import Floats, Rng, Strokes
from model.generator.pens.templates import LETTERS, SCRIBBLES, SIGNS, TURNED_SCRIBBLES, TURNED_SIGNS, Model
from model.generator.pens.vectors import affine, spline, to_unit


def draw_letter(rng: Rng) -> Strokes:
    """A Latin letter, at times with small hooks where the pen lands or leaves, as in joined writing."""
    strokes = one_of(rng, LETTERS[one_of(rng, tuple(LETTERS))])(rng)
    return to_unit([_hooked(s, rng) if len(s) > 1 and rng.random() < 0.2 else s for s in strokes])


def _hooked(stroke: Floats, rng: Rng) -> Floats:
    hook = rng.uniform(0.05, 0.14) * np.array([rng.choice([-1.0, 1.0]), rng.uniform(-0.8, 0.2)])
    at_end = [stroke, stroke[-1:] + hook]
    return np.concatenate(at_end if rng.random() < 0.6 else [stroke[:1] + hook, stroke])


def draw_invented(rng: Rng) -> Strokes:
    """A character of no script: four to seven strokes that hang together, too many for a digit."""
    strokes = [_limb(rng, rng.uniform(-0.5, 0.5, 2))]
    for _ in range(int(rng.integers(3, 7))):
        start = rng.choice(one_of(rng, strokes)) if rng.random() < 0.75 else rng.uniform(-0.5, 0.5, 2)
        strokes.append(_limb(rng, np.clip(start, -0.8, 0.8)))
    return to_unit([np.clip(stroke, -1.0, 1.0) for stroke in strokes])


def _limb(rng: Rng, start: Floats) -> Floats:
    """A stroke of an invented character: a line, a corner, a bow or a hook that begins at `start`."""
    way = rng.random()
    if way < 0.85:
        corners = 1 if way < 0.4 else 2 if way < 0.65 else 3
        points = start + np.cumsum(rng.uniform(-0.9, 0.9, (corners, 2)) / corners**0.5, axis=0)
        return spline(np.concatenate([start[None], points]), 6 if corners == 3 else 1)
    angles = rng.uniform(0, 7) + np.linspace(0, rng.uniform(2.6, 6.3), 14)
    return start + rng.uniform(0.12, 0.4) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _tangle(rng: Rng) -> Strokes:
    """A line that wanders to and fro and crosses itself many times."""
    points = rng.normal(0.0, 0.35, (int(rng.integers(9, 22)), 2))
    return [spline(points) if rng.random() < 0.7 else points]


def _dots(rng: Rng) -> Strokes:
    """A few points with nothing between them."""
    spots = rng.uniform(-0.5, 0.5, (int(rng.integers(2, 7)), 2))
    return [np.stack([spot, spot + rng.normal(0, 0.01, 2)]) for spot in spots]


def _any_of(models: Sequence[Model], *, turned: bool = False) -> Model:
    """One of some models, upright or turned any way."""

    def draw(rng: Rng) -> Strokes:
        angle = rng.uniform(0, 2 * np.pi) if turned else 0.0
        return [affine(stroke, angle=angle) for stroke in one_of(rng, models)(rng)]

    return draw


COIL, HATCHING_OR_SPIRAL = _any_of(SCRIBBLES), _any_of(TURNED_SCRIBBLES, turned=True)
SIGN, TURNED_SIGN = _any_of(SIGNS), _any_of(TURNED_SIGNS, turned=True)


def draw_scribble(rng: Rng) -> Strokes:
    """A tangle, a coil, a hatching or a spiral."""
    return to_unit(one_of(rng, (_tangle, _tangle, COIL, *[HATCHING_OR_SPIRAL] * 2))(rng))


def draw_shape(rng: Rng) -> Strokes:
    """A geometric shape, lines, a wave or a sign."""
    return to_unit(one_of(rng, (_dots, *[TURNED_SIGN] * 4, *[SIGN] * 18))(rng))
