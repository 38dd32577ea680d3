"""Light: the kind that people photograph by, and kinds that make shapes where nothing is written."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from model.generator.items import Rng, between, one_of
from model.generator.paper.masks import Reals
from model.generator.paper.scene import Size, smooth_field

Light: TypeAlias = Callable[[Rng, Size], Reals]
"""Draws the light (H, W) on a surface, about 0.1 to 3; 1 is as bright as the surface itself."""


def _axes(rng: Rng, size: Size, upright: float = 0.5) -> tuple[Reals, Reals]:
    """Coordinates (H, W) along and across a random direction, in sides of the picture, 0 in its middle.

    With the chance `upright` the first runs nearly down or to the right.
    """
    turn = rng.uniform(0, 2 * np.pi)
    if rng.random() < upright:
        turn = rng.choice([0, 0, 0.5, 1, 1, 1.5]) * np.pi + rng.normal(0, 0.06)
    y = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[:, None]
    x = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[None, :]
    return np.cos(turn) * y - np.sin(turn) * x, np.sin(turn) * y + np.cos(turn) * x


def _across(profile: Callable[[Rng, Reals], Reals], upright: float = 0.5) -> Light:
    """Light that changes with the distance from a straight or bent line, as `profile` says."""

    def light(rng: Rng, size: Size) -> Reals:
        along, place = _axes(rng, size, upright)
        bend = rng.normal(0, 0.2) * along**2 + rng.normal(0, 0.025) * smooth_field(rng, size, 5)
        return 1 + between(rng, 0.03, 0.6) * profile(rng, place + bend - rng.uniform(-0.45, 0.45))

    return light


def _edges(rng: Rng, place: Reals) -> Reals:
    """The edge of a shadow, sharp or soft; at times both edges of a narrow one."""
    softness, wide = between(rng, 0.012, 0.5), between(rng, 0.06, 0.5) if rng.random() < 0.25 else 9.0
    return np.asarray(0.6 * (np.tanh((place - wide) / softness) - np.tanh(place / softness)))


def _stripes(rng: Rng, place: Reals) -> Reals:
    """Even or uneven stripes, as of a camera's rows under lamps, a scanner's wheels or a screen."""
    waves = [np.sin(2 * np.pi * between(rng, 0.7, 9) * place) for _ in range(2)]
    wave = waves[0] if rng.random() < 0.5 else waves[0] * waves[1]
    return np.asarray(0.33 * wave ** rng.choice([1, 1, 3]))


def _fold(rng: Rng, place: Reals) -> Reals:
    """Paper is lit from one side along a fold, and shaded on the other."""
    slope = np.sign(place) * np.exp(-np.abs(place) / between(rng, 0.02, 0.3))
    ridge = rng.uniform(-1, 1) * np.exp(-((place / between(rng, 0.006, 0.03)) ** 2))
    return np.asarray(0.6 * rng.choice([-1, 1]) * (slope + ridge))


gradient = _across(lambda rng, place: place * (1 + rng.uniform(0, 0.5) * place))
"""Brighter towards one side, evenly or as near a lamp."""
shadow, bands, crease = _across(_edges), _across(_stripes, 0.9), _across(_fold)


def vignette(rng: Rng, size: Size) -> Reals:
    """Darker towards the corners, as lenses and lamps have it; at times so dark that a spot is left."""
    away = np.hypot(*(axis - rng.normal(0, 0.08) for axis in _axes(rng, size)))
    fall: Reals = 1 - rng.uniform(0.1, 1.2) * (away * 1.4) ** rng.uniform(1.0, 4.0)
    return np.maximum(fall, 0.04)


def glare(rng: Rng, size: Size) -> Reals:
    """What a lamp or a window leaves on glass or gloss: a streak, a spot or a pane."""
    y, x = (axis - rng.uniform(-0.4, 0.4) for axis in _axes(rng, size))
    x = (x + rng.normal(0, 0.2) * y * y) / between(rng, 0.02, 0.25)
    power = rng.choice([2.0, 2.0, 6.0])  # the highest gives a pane
    spot = np.exp(-(np.abs(y / between(rng, 0.08, 0.7)) ** power) - np.abs(x) ** power)
    return np.asarray(1 + between(rng, 0.05, 2.0) * spot)


LIGHTS: tuple[Light, ...] = (gradient, vignette, shadow, bands, glare, crease)
"""Each makes shapes where nothing is written."""


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
