"""Drawings that are no characters: scribbles, shapes, lines, dots, waves.

Circles and upright lines are not among them: they are zeros and ones.
"""

import numpy as np

from model.generator.chance import one_of
from model.generator.items import Rng, Strokes
from model.generator.pens.templates import sketched
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


def _polygon(rng: Rng) -> Strokes:
    """Triangle, square, rectangle: what has more corners would come near a 0."""
    corners = int(rng.choice([3, 3, 4, 4, 4]))
    start = {3: -np.pi / 2, 4: -np.pi / 4}.get(corners, -np.pi / 2) + rng.normal(0, 0.1)
    if corners == 4 and rng.random() < 0.35:
        start = 0.0  # standing on a corner
    angles = start + np.arange(corners + 1) * 2 * np.pi / corners
    points = np.stack([np.cos(angles) * rng.uniform(0.7, 1.4), np.sin(angles)], axis=1)
    return [points + rng.normal(0, 0.03, points.shape)]


def _star(rng: Rng) -> Strokes:
    points = int(rng.choice([5, 5, 5, 6, 4]))
    if points == 5 and rng.random() < 0.6:  # in one line
        angles = -np.pi / 2 + np.arange(6) * 4 * np.pi / 5
        return [np.stack([np.cos(angles), np.sin(angles)], axis=1) + rng.normal(0, 0.04, (6, 2))]
    angles = -np.pi / 2 + np.arange(2 * points + 1) * np.pi / points
    radii = np.where(np.arange(2 * points + 1) % 2 == 0, 1.0, rng.uniform(0.35, 0.55))
    return [np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1)]


def _heart(rng: Rng) -> Strokes:
    t = np.linspace(0, 2 * np.pi, 40)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [np.stack([x, y * rng.uniform(0.8, 1.2)], axis=1) / 34]


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


_cross = sketched("-50,0 50,0 | 0,-50 0,50")
_times = sketched("-40,-50 40,50 | 40,-50 -40,50")
_hash = sketched(
    "-20,-60 -20,60 | 20,-60 20,60 | -50,-20 50,-20 | -50,20 50,20"
    " ~ -5,-60 -35,60 | 35,-60 5,60 | -50,-20 50,-20 | -50,20 50,20"
)
_tick = sketched("-50,0 -15,40 60,-50")
_hut = sketched("-40,0 -40,60 40,60 40,0 -40,0 | -50,0 0,-50 50,0")
_house = sketched("-40,0 -40,60 40,60 40,0 -40,0 | -50,0 0,-50 50,0 | -10,60 -10,25 10,25 10,60")


def _asterisk(rng: Rng) -> Strokes:
    count = int(rng.integers(3, 5))
    angles = np.arange(count) * np.pi / count + rng.normal(0, 0.1)
    return [np.array([[np.cos(a), np.sin(a)], [-np.cos(a), -np.sin(a)]]) / 2 for a in angles]


def _dots(rng: Rng) -> Strokes:
    """A few points with nothing between them."""
    spots = rng.uniform(-0.5, 0.5, (int(rng.integers(2, 7)), 2))
    return [np.stack([spot, spot + rng.normal(0, 0.01, 2)]) for spot in spots]


def _face(rng: Rng) -> Strokes:
    """A ring with something in it: a face, a wheel, a clock."""
    t = np.linspace(0, 2 * np.pi, 32)
    outline = np.stack([np.cos(t), np.sin(t)], axis=1) * 0.5
    if rng.random() < 0.5:
        eyes = [np.array([[x, -0.15], [x, -0.1]]) for x in (-0.18, 0.18)]
        mouth = spline(np.array([[-0.22, 0.15], [0.0, rng.uniform(0.0, 0.32)], [0.22, 0.15]]))
        return [outline, *eyes, mouth]
    spokes = int(rng.integers(3, 6))
    angles = np.arange(spokes) * 2 * np.pi / spokes
    return [outline, *[np.array([[0.0, 0.0], [np.cos(a), np.sin(a)]]) * 0.5 for a in angles]]


def _bow(rng: Rng) -> Strokes:
    """Half of a ring, open to any side but drawn well away from a C: a bowl, a bridge."""
    start = rng.choice([0.0, 180.0]) + rng.normal(0, 8)
    t = np.radians(start + np.linspace(0, rng.uniform(150, 190), 20))
    return [np.stack([np.cos(t), np.sin(t) * rng.uniform(0.4, 1.0)], axis=1)]


SCRIBBLES = (_tangle, _tangle, _hatching, _coil, _spiral)
# fmt: off
SHAPES = (
    _wave, _polygon, _polygon, _star, _heart, _arrow, _arrow, _flat_line, _parallel, _cross, _times,
    _asterisk, _hash, _tick, _dots, _face, _house, _hut, _bow, _spiral,
)
# fmt: on


def draw_scribble(rng: Rng) -> Strokes:
    """A scribble, unit-sized."""
    return to_unit(one_of(rng, SCRIBBLES)(rng))


def draw_shape(rng: Rng) -> Strokes:
    """A geometric shape, line or sign, unit-sized."""
    return to_unit(one_of(rng, SHAPES)(rng))
