"""Drawings that are no characters: scribbles, shapes, lines, dots, waves.

Circles and upright lines are not among them: they are zeros and ones.
"""

import numpy as np

from model.generator.chance import one_of
from model.generator.items import Rng, Strokes
from model.generator.pens.templates import Model, sketched
from model.generator.pens.vectors import affine, spline, to_unit


def _tangle(rng: Rng) -> Strokes:
    """A line that wanders to and fro and crosses itself many times."""
    points = rng.normal(0.0, 0.35, (int(rng.integers(9, 22)), 2))
    return [spline(points) if rng.random() < 0.7 else points]


def _hatching(rng: Rng) -> Strokes:
    """To and fro beside itself, as one fills an area."""
    count = int(rng.integers(6, 14))
    x = np.linspace(0, 1, count) + rng.normal(0, 0.03, count)
    y = np.where(np.arange(count) % 2 == 0, 0.0, 1.0) + rng.normal(0, 0.12, count)
    zigzag = np.stack([x * rng.uniform(0.6, 1.4), y * rng.uniform(0.5, 1.0)], axis=1)
    if rng.random() < 0.5:
        zigzag = zigzag[:, ::-1]
    return [spline(zigzag, 4) if rng.random() < 0.5 else zigzag]


def _coil(rng: Rng) -> Strokes:
    """Loops side by side, like a spring."""
    turns = rng.uniform(3, 7)
    t = np.linspace(0, turns * 2 * np.pi, int(turns * 14))
    drift = rng.uniform(0.1, 0.25)
    return [np.stack([0.3 * np.cos(t) + drift * t / 2, 0.5 * np.sin(t)], axis=1)]


def _spiral(rng: Rng) -> Strokes:
    turns = rng.uniform(2.2, 4.5)
    t = np.linspace(0, turns * 2 * np.pi, int(turns * 16))
    way = rng.choice([-1.0, 1.0])
    start = rng.uniform(0, 2 * np.pi)
    radius = t / t[-1]
    return [np.stack([radius * np.cos(way * t + start), radius * np.sin(way * t + start)], axis=1) / 2]


def _wave(rng: Rng) -> Strokes:
    bumps = rng.uniform(2.0, 5.0)
    t = np.linspace(0, 1, 60)
    wave = np.sin(t * bumps * 2 * np.pi)
    if rng.random() < 0.4:
        wave = 2 / np.pi * np.arcsin(wave)
    return [np.stack([t * rng.uniform(1.2, 2.2), wave * rng.uniform(0.12, 0.35)], axis=1)]


def _star(rng: Rng) -> Strokes:
    """An outline of four to six points."""
    points = one_of(rng, (5, 5, 6, 4))
    angles = -np.pi / 2 + np.arange(2 * points + 1) * np.pi / points
    radii = np.where(np.arange(2 * points + 1) % 2 == 0, 1.0, rng.uniform(0.35, 0.55))
    return [np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1)]


_ARROW = sketched("0,0 100,0 | 78,-18 100,0 78,18 ~ 0,0 100,0 | 55,-36 100,0 55,36")
"""With one barb only it would be a 1 or a 7: both are drawn, and long."""


def _arrow(rng: Rng) -> Strokes:
    angle = np.radians(45 * rng.integers(8) + rng.normal(0, 6))
    return [affine(stroke, angle=angle) for stroke in _ARROW(rng)]


def _flat_line(rng: Rng) -> Strokes:
    """A horizontal line, or one so far from upright that it is no 1."""
    angle = np.radians(rng.uniform(-25, 25)) + (np.pi if rng.random() < 0.5 else 0.0)
    end = np.array([np.cos(angle), np.sin(angle)])
    points = np.stack([-end, end * 0.1 + rng.normal(0, 0.06, 2), end])
    return [spline(points)]


def _parallel(rng: Rng) -> Strokes:
    """Two to four lines side by side."""
    count, angle = int(rng.integers(2, 5)), rng.uniform(0, np.pi)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    gap = rng.uniform(0.25, 0.5)
    return [
        np.stack([across * gap * n - along * 0.5, across * gap * n + along * 0.5])
        + rng.normal(0, 0.03, (2, 2))
        for n in range(count)
    ]


def _asterisk(rng: Rng) -> Strokes:
    count = int(rng.integers(3, 5))
    angles = np.arange(count) * np.pi / count + rng.normal(0, 0.1)
    return [np.array([[np.cos(a), np.sin(a)], [-np.cos(a), -np.sin(a)]]) / 2 for a in angles]


def _dots(rng: Rng) -> Strokes:
    """A few points with nothing between them."""
    spots = rng.uniform(-0.5, 0.5, (int(rng.integers(2, 7)), 2))
    return [np.stack([spot, spot + rng.normal(0, 0.01, 2)]) for spot in spots]


# fmt: off
SIGNS: tuple[Model, ...] = tuple(map(sketched, (
    # Triangles, squares and diamonds: what has more corners would come near a 0.
    "0,-50 43,30 -43,30 0,-50 ~ 0,-30 60,30 -60,30 0,-30 ~ -20,-50 50,30 -35,30 -20,-50",
    "0,50 43,-30 -43,-30 0,50",
    "-40,-50 40,-50 40,50 -40,50 -40,-50 ~ -70,-35 70,-35 70,35 -70,35 -70,-35",
    "-50,-50 50,-50 50,50 -50,50 -50,-50",
    "0,-50 40,0 0,50 -40,0 0,-50 ~ 0,-50 60,0 0,50 -60,0 0,-50",
    "-29,40 0,-50 29,40 -48,-15 48,-15 -29,40",  # a star in one line
    "curve 0,-15 20,-40 45,-30 45,0 25,25 0,50 -25,25 -45,0 -45,-30 -20,-40 0,-15",  # a heart
    "-50,0 50,0 | 0,-50 0,50",
    "-40,-50 40,50 | 40,-50 -40,50",
    "-20,-60 -20,60 | 20,-60 20,60 | -50,-20 50,-20 | -50,20 50,20"
    " ~ -5,-60 -35,60 | 35,-60 5,60 | -50,-20 50,-20 | -50,20 50,20",
    "-50,0 -15,40 60,-50",
    "-40,0 -40,60 40,60 40,0 -40,0 | -50,0 0,-50 50,0",
    "-40,0 -40,60 40,60 40,0 -40,0 | -50,0 0,-50 50,0 | -10,60 -10,25 10,25 10,60",
    # Rings with something in them: a face, a wheel, a clock.
    "ring 0,0 50,50 | -18,-15 -18,-10 | 18,-15 18,-10 | curve -22,15 0,0 22,15"
    " ~ ring 0,0 50,50 | -18,-15 -18,-10 | 18,-15 18,-10 | curve -22,15 0,32 22,15",
    "ring 0,0 50,50 | 0,0 50,0 | 0,0 -25,43 | 0,0 -25,-43",
    "ring 0,0 50,50 | -50,0 50,0 | 0,-50 0,50",
    # Halves of rings, open to the top or the bottom, far from a C: a bowl, a bridge.
    "curve -50,0 -36,36 0,50 36,36 50,0 ~ curve -50,0 -36,14 0,20 36,14 50,0",
    "curve -50,0 -36,-36 0,-50 36,-36 50,0 ~ curve -50,0 -36,-14 0,-20 36,-14 50,0",
)))
# fmt: on
SCRIBBLES: tuple[Model, ...] = (_tangle, _tangle, _hatching, _coil, _spiral)
SHAPES: tuple[Model, ...] = (
    *(_wave, _star, _arrow, _arrow, _flat_line, _parallel, _asterisk, _dots, _spiral),
    *SIGNS,
)


def draw_scribble(rng: Rng) -> Strokes:
    """A scribble, unit-sized."""
    return to_unit(one_of(rng, SCRIBBLES)(rng))


def draw_shape(rng: Rng) -> Strokes:
    """A geometric shape, line or sign, unit-sized."""
    return to_unit(one_of(rng, SHAPES)(rng))
