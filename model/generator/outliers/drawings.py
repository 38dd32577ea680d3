"""Drawings that are no digits: letters, invented characters, scribbles, shapes and signs, all unit-sized.

Circles and upright lines are not among them: they are zeros and ones.
"""

import numpy as np

from model.generator.chance import one_of
from model.generator.items import Floats, Rng, Strokes
from model.generator.pens.templates import LETTERS, SIGNS, TURNED_SIGNS, Model
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


def _hatching(rng: Rng) -> Strokes:
    """To and fro beside itself, as one fills an area."""
    count = int(rng.integers(6, 14))
    x = np.linspace(0, 1, count) + rng.normal(0, 0.03, count)
    y = np.arange(count) % 2 + rng.normal(0, 0.12, count)
    zigzag = np.stack([x * rng.uniform(0.6, 1.4), y * rng.uniform(0.5, 1.0)], axis=1)
    if rng.random() < 0.5:
        zigzag = zigzag[:, ::-1]
    return [spline(zigzag, 4) if rng.random() < 0.5 else zigzag]


def _coil(rng: Rng) -> Strokes:
    """Loops side by side, like a spring."""
    t = np.arange(0, rng.uniform(3, 7) * 2 * np.pi, 0.45)
    return [np.stack([0.3 * np.cos(t) + rng.uniform(0.05, 0.12) * t, 0.5 * np.sin(t)], axis=1)]


def _spiral(rng: Rng) -> Strokes:
    """Two to four turns from the middle outwards, either way round."""
    t = np.arange(0, rng.uniform(2.2, 4.5) * 2 * np.pi, 0.4)
    angle = rng.choice([-1.0, 1.0]) * t + rng.uniform(0, 2 * np.pi)
    return [np.stack([t * np.cos(angle), t * np.sin(angle)], axis=1)]


def _wave(rng: Rng) -> Strokes:
    """Two to five waves or teeth in a row."""
    t = np.linspace(0, 1, 60)
    wave = np.sin(t * rng.uniform(2.0, 5.0) * 2 * np.pi)
    if rng.random() < 0.4:
        wave = 2 / np.pi * np.arcsin(wave)
    return [np.stack([t * rng.uniform(1.2, 2.2), wave * rng.uniform(0.12, 0.35)], axis=1)]


def _dots(rng: Rng) -> Strokes:
    """A few points with nothing between them."""
    spots = rng.uniform(-0.5, 0.5, (int(rng.integers(2, 7)), 2))
    return [np.stack([spot, spot + rng.normal(0, 0.01, 2)]) for spot in spots]


def _sign(rng: Rng) -> Strokes:
    """A star, a heart, a house, a tick: a sign that stands upright."""
    return one_of(rng, SIGNS)(rng)


def _turned_sign(rng: Rng) -> Strokes:
    """An arrow, or lines side by side, turned any way.

    With one barb only an arrow would be a 1 or a 7: both are drawn, and long.
    """
    angle = rng.uniform(0, 2 * np.pi)
    return [affine(stroke, angle=angle) for stroke in one_of(rng, TURNED_SIGNS)(rng)]


SCRIBBLES: tuple[Model, ...] = (_tangle, _tangle, _hatching, _coil, _spiral)
SHAPES: tuple[Model, ...] = (_wave, _dots, _spiral, *[_turned_sign] * 3, *[_sign] * 18)


def draw_scribble(rng: Rng) -> Strokes:
    """A scribble."""
    return to_unit(one_of(rng, SCRIBBLES)(rng))


def draw_shape(rng: Rng) -> Strokes:
    """A geometric shape, line or sign."""
    return to_unit(one_of(rng, SHAPES)(rng))
