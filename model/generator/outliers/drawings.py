"""Drawings that are no digits: letters, invented characters, scribbles, shapes and signs, all unit-sized.

Circles and upright lines are not among them: they are zeros and ones.
"""

from collections.abc import Sequence

import numpy as np

from model.generator.items import Rng, Strokes, one_of
from model.generator.pens.templates import LETTERS, SCRIBBLES, SIGNS, TURNED_SCRIBBLES, TURNED_SIGNS, Model
from model.generator.pens.vectors import affine, spline, to_unit


def draw_letter(rng: Rng) -> Strokes:
    """A Latin letter, at times with small hooks where the pen leaves, as in joined writing."""
    hook = rng.uniform(0.05, 0.14) * np.array([rng.choice([-1.0, 1.0]), rng.uniform(-0.8, 0.2)])
    strokes = one_of(rng, LETTERS[one_of(rng, tuple(LETTERS))])(rng)
    return to_unit([np.concatenate([s, s[-1:] + hook]) if rng.random() < 0.2 else s for s in strokes])


def draw_invented(rng: Rng) -> Strokes:
    """A character of no script: five to eight strokes of letters that hang together, too many for a digit."""
    strokes: Strokes = []
    for _ in range(int(rng.integers(5, 9))):
        stroke = one_of(rng, to_unit(one_of(rng, LETTERS[one_of(rng, tuple(LETTERS))])(rng)))
        hangs = strokes and rng.random() < 0.75
        start = rng.choice(one_of(rng, strokes)) if hangs else rng.uniform(-0.5, 0.5, 2)
        turned = affine(stroke - stroke[0], angle=rng.uniform(0, 2 * np.pi)) * rng.uniform(0.5, 1.2)
        strokes.append(np.clip(turned + start, -1.0, 1.0))
    return to_unit(strokes)


def _tangle(rng: Rng) -> Strokes:
    """A line that wanders to and fro and crosses itself many times."""
    points = rng.normal(0.0, 0.35, (int(rng.integers(9, 22)), 2))
    return [spline(points) if rng.random() < 0.7 else points]


def _dots(rng: Rng) -> Strokes:
    """A few points with nothing between them."""
    spots = rng.uniform(-0.5, 0.5, (int(rng.integers(2, 7)), 2))
    return [np.stack([spot, spot + rng.normal(0, 0.01, 2)]) for spot in spots]


def _drawn(rng: Rng, upright: Sequence[Model], turned: Sequence[Model], share: float) -> Strokes:
    """One of the models that stand `upright`, or, with the chance `share`, one that is turned any way."""
    if rng.random() >= share:
        return to_unit(one_of(rng, upright)(rng))
    angle = rng.uniform(0, 2 * np.pi)
    return to_unit([affine(stroke, angle=angle) for stroke in one_of(rng, turned)(rng)])


def draw_scribble(rng: Rng) -> Strokes:
    """A tangle, a coil, a hatching or a spiral."""
    return _drawn(rng, (*SCRIBBLES, *[_tangle] * 2 * len(SCRIBBLES)), TURNED_SCRIBBLES, 0.4)


def draw_shape(rng: Rng) -> Strokes:
    """A geometric shape, lines, a wave or a sign."""
    return _drawn(rng, (_dots, *SIGNS), TURNED_SIGNS, 0.17)
