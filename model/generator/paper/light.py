"""Light: as people photograph by, and such that makes shapes of its own where nothing is written."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from model.generator.chance import between, one_of
from model.generator.items import Rng
from model.generator.paper.masks import Reals
from model.generator.paper.scene import Size, smooth_field

Light: TypeAlias = Callable[[Rng, Size], Reals]
"""Draws the light (H, W) on a surface, about 0.1 to 3; 1 is as bright as the surface itself."""


def _axes(rng: Rng, size: Size, upright: float) -> tuple[Reals, Reals]:
    """Coordinates (H, W) along and across a random direction, in sides of the picture, 0 in its middle.

    With the chance `upright` the first runs nearly down or to the right.
    """
    turn = rng.uniform(0, 2 * np.pi)
    if rng.random() < upright:
        turn = rng.choice([0, 0, 0.5, 1, 1, 1.5]) * np.pi + rng.normal(0, 0.06)
    y = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[:, None]
    x = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[None, :]
    return np.cos(turn) * y - np.sin(turn) * x, np.sin(turn) * y + np.cos(turn) * x


def _step(place: Reals, softness: float) -> Reals:
    """0 where `place` is far below 0, 1 where it is far above."""
    return np.asarray(0.5 + 0.5 * np.tanh(place / (2 * softness)))


def gradient(rng: Rng, size: Size) -> Reals:
    """Brighter towards one side, evenly or as near a lamp."""
    along, across = _axes(rng, size, 0.5)
    depth, near = between(rng, 0.03, 0.9), rng.uniform(0, 0.7)
    slope: Reals = along + near * along**2 + rng.normal(0, 0.3) * (across**2 - 0.1)
    return 1 + depth * slope


def vignette(rng: Rng, size: Size) -> Reals:
    """Darker towards the corners, as lenses and lamps have it; at times so dark that a spot is left."""
    along, across = _axes(rng, size, 1.0)
    away = np.hypot(along - rng.normal(0, 0.08), across - rng.normal(0, 0.08))
    fall: Reals = 1 - rng.uniform(0.1, 1.2) * (away * 1.4) ** rng.uniform(1.0, 4.0)
    return np.maximum(fall, 0.04)


def shadow(rng: Rng, size: Size) -> Reals:
    """The edge of a shadow, sharp or soft, straight or bent; at times both edges of a narrow one."""
    along, across = _axes(rng, size, 0.5)
    bend = rng.normal(0, 0.25) * along**2 + rng.normal(0, 0.03) * smooth_field(rng, size, 5)
    place, softness = across + bend - rng.uniform(-0.45, 0.45), between(rng, 0.006, 0.25)
    inside = _step(place, softness)
    if rng.random() < 0.25:
        inside = inside * _step(between(rng, 0.06, 0.5) - place, softness)
    return 1 - between(rng, 0.04, 0.75) * inside


def bands(rng: Rng, size: Size) -> Reals:
    """Stripes down or across, as of a camera's rows under lamps, a scanner's wheels or a screen."""
    down = rng.random() < 0.65
    count = size[1] if down else size[0]
    if rng.random() < 0.5:
        wave = smooth_field(rng, (1, count), 1, max(4, round(count * rng.uniform(0.1, 0.7))))[0]
    else:
        wave = np.sin(np.linspace(0, 2 * np.pi * between(rng, 0.7, 9), count)) ** rng.choice([1, 1, 3])
    one = 1 + between(rng, 0.01, 0.2) * wave.astype(np.float32)
    return np.broadcast_to(one[None, :] if down else one[:, None], size)


def glare(rng: Rng, size: Size) -> Reals:
    """What a lamp or a window leaves on glass or gloss: a streak, a spot or a pane."""
    along, across = _axes(rng, size, 0.6)
    y, x = along - rng.uniform(-0.4, 0.4), across - rng.uniform(-0.4, 0.4)
    x = (x + rng.normal(0, 0.2) * y * y) / between(rng, 0.02, 0.25)
    power = rng.choice([2.0, 2.0, 6.0])  # the highest gives a pane
    spot = np.exp(-(np.abs(y / between(rng, 0.08, 0.7)) ** power) - np.abs(x) ** power)
    return np.asarray(1 + between(rng, 0.05, 2.0) * spot)


def crease(rng: Rng, size: Size) -> Reals:
    """A fold: along it, paper is lit from one side and shaded on the other."""
    along, across = _axes(rng, size, 0.55)
    place = across - rng.uniform(-0.45, 0.45) + 0.02 * smooth_field(rng, size, 5)
    slope = np.sign(place) * np.exp(-np.abs(place) / between(rng, 0.02, 0.3))
    ridge = rng.uniform(-1, 1) * np.exp(-((place / between(rng, 0.006, 0.03)) ** 2))
    ends = _step(along, 0.03) if rng.random() < 0.3 else 1.0
    return np.asarray(1 + between(rng, 0.03, 0.35) * rng.choice([-1, 1]) * ends * (slope + ridge))


LIGHTS: tuple[Light, ...] = (gradient, vignette, shadow, bands, glare, crease)
"""Each makes something of nothing."""


def any_light(rng: Rng, size: Size) -> Reals:
    """One to four lights at once, often of one sort, the first the strongest."""
    lamp = one_of(rng, LIGHTS)
    out = lamp(rng, size)
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])):
        lamp = one_of(rng, (*LIGHTS, lamp, lamp, lamp))
        out = out * (1 + rng.uniform(0.2, 1.0) * (lamp(rng, size) - 1))
    return out


def daylight(rng: Rng, size: Size) -> Reals:
    """Light to write and to read by: from one side, with the shadow of a hand or an edge at times."""
    out = rng.uniform(0.6, 1.05) * (1 + rng.uniform(0.0, 0.08) * smooth_field(rng, size, 3))
    for chance, one in ((0.6, gradient), (0.35, shadow), (0.3, vignette)):
        if rng.random() < chance:
            out = out * (1 + rng.uniform(0.2, 0.8) * (one(rng, size) - 1))
    return np.asarray(np.clip(out, 0.2, 1.2))
