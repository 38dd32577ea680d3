"""Pictures in which nothing is written: sheets in every light, photographs, wallpapers, textures, blots."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from model.generator.items import Item, Rng, Source, between, one_of
from model.generator.paper.camera import photographs
from model.generator.paper.inks import any_image, sharp
from model.generator.paper.light import any_light
from model.generator.paper.masks import Reals, resized, soft
from model.generator.paper.scene import Scene, Size, area, desk, fractal, lines, paint, ring, rule, sheet
from model.generator.pens.vectors import affine, elastic
from model.training.data import NO_DIGIT, LabelledImages

Maker: TypeAlias = Callable[[Rng, Size], Scene]


def blank_sheets() -> Source:
    """Paper, metal, glass or card without a mark, as small as a display's digit or as large as a page."""

    def scene(rng: Rng) -> Scene:
        side, narrow = between(rng, 18, 220), np.exp(rng.normal(-0.12, 0.2)) if rng.random() < 0.7 else 1.0
        size = max(16, round(side / narrow)), max(14, round(side * narrow))
        way = rng.random()
        if way < 0.35:
            made = Scene.plain(size, paint(rng, 0.05, 1.0, rng.choice([0, 0, 0.6])))
        else:
            made = Scene.on((sheet if way < 0.85 else desk)(rng, size))
        if 0.35 < way < 0.5:
            rule(made, rng, rng.uniform(0.2, 0.6) * size[0])
        made.shade(any_light(rng, size))
        made.lit = rng.random() < 0.2
        return made

    return photographs(scene)


def motifs(makers: Sequence[Maker]) -> Source:
    """Photographs of what the makers draw, whole or a detail, in colour or grey."""

    def scene(rng: Rng) -> Scene:
        side, narrow = between(rng, 60, 260), np.exp(rng.normal(-0.05, 0.15))
        size = round(side * narrow), round(side / narrow)
        made = one_of(rng, makers)(rng, size)
        if rng.random() < 0.5:  # a detail
            high, wide = np.maximum(rng.uniform(0.15, 0.8, 2) * size, 16).astype(int)
            top, left = (rng.random(2) * np.subtract(size, (high, wide))).astype(int)
            made = Scene.on(made.page[top : top + high, left : left + wide])
        made.lit = rng.random() < 0.3
        return made

    return photographs(scene)


def fabrics(images: LabelledImages) -> Source:
    """Clothes of Fashion-MNIST, as they are, enlarged, or with edges as crisp as silhouettes have them."""

    def source(rng: Rng) -> Item:
        (cloth, label), way = any_image(images, rng), rng.random()
        if way < 0.4:
            side = int(rng.integers(48, 140))
            cloth = resized(cloth, (side, side))
        elif way < 0.6:
            cloth = sharp(cloth, rng.uniform(2.0, 4.0), rng.uniform(40, 160), rng.uniform(15, 90))
        return Item(NO_DIGIT, label, pixels=255 - cloth if rng.random() < 0.4 else cloth)

    return source


def _sky(rng: Rng, size: Size) -> Scene:
    """A colour that blends into another one."""
    y, x = np.indices(size) / np.reshape(size, (2, 1, 1)) - 0.5
    turn = rng.normal(0, 0.3) if rng.random() < 0.6 else rng.uniform(0, 2 * np.pi)
    made = Scene.plain(size, paint(rng, 0.05, 0.95, 0.7))
    made.lay(np.clip(0.5 + np.cos(turn) * y + np.sin(turn) * x, 0, 1), paint(rng, 0.05, 0.95, 0.7))
    return made


def _heap(rng: Rng, size: Size, usual: tuple[float, float] = (0.06, 0.4)) -> Scene:
    """Few or many things, their radius about `usual` of the picture's side: on a table, leaves, a crowd.

    They are bulged discs, ellipses and boxes over each other, alike or of any colours, shaded, with shadows.
    """
    made = _sky(rng, size) if rng.random() < 0.4 else Scene.on(desk(rng, size))
    radius = between(rng, *usual) * min(size)
    alike, base, rough = rng.random() < 0.5, paint(rng, 0.1, 0.9, 0.8), rng.choice([0.0, 0.02, 0.1, 0.25])
    for _ in range(int(np.clip(between(rng, 0.1, 2.0) * size[0] * size[1] / radius**2, 1, 60))):
        radii = rng.uniform(0.5, 1.4) * np.array([1, rng.uniform(0.3, 1.0)])
        outline = np.asarray(ring((0, 0), radii, power=rng.choice([0.01, 0.5, 1.0, 1.0])), np.float64)
        outline = affine(elastic(outline, rng, rough), angle=rng.uniform(0, 2 * np.pi)) * radius
        bow = 1 + 0.3 * np.sin(np.indices(size).sum(axis=0) / radius + rng.uniform(0, 7))
        colour = base * rng.uniform(0.3, 1.5) if alike else paint(rng, 0.05, 0.95, 0.8)
        thing = area(size, outline + rng.random(2) * size[::-1])
        made.put(rng, thing, colour * bow[..., None], radius / 3)
    return made


def _landscape(rng: Rng, size: Size) -> Scene:
    """Sky with a sun and clouds, ridges one behind another, water or a field."""
    height, width = size
    made = _sky(rng, size)
    made.lay(np.clip(fractal(rng, size) * rng.uniform(0, 1), 0, 1), paint(rng, 0.6, 1.0, 0.2))
    if rng.random() < 0.5:
        radius, at = rng.uniform(0.03, 0.14) * min(size), (rng.random() * width, rng.random() * height / 2)
        made.lay(soft(area(size, ring(at, radius)), between(rng, 0.4, 8)), paint(rng, 0.8, 1.0, 0.3))
    shade: Reals = paint(rng, 0.3, 0.7, 0.8)
    for ridge in np.linspace(rng.uniform(0.3, 0.7), rng.uniform(0.6, 1.0), rng.integers(1, 6)):
        skyline = ridge + rng.uniform(0.02, 0.3) * fractal(rng, (1, width))[0]
        shade = shade * rng.uniform(0.5, 0.95)
        below = soft((np.arange(height)[:, None] / height > skyline) * 1.0, 0.6)
        made.lay(below, shade * (1 + rng.uniform(0, 0.3) * fractal(rng, size, 6))[..., None])
    return made


REPEATED: tuple[tuple[ArrayLike, ...], ...] = (
    (ring((0, 0), 0.35),),
    ([(-0.4, 0), (0, -0.4), (0.4, 0), (0, 0.4), (-0.4, 0)],),
    ([(-0.35, 0), (0.35, 0)], [(0, -0.35), (0, 0.35)]),
    ([(-0.5, 0.2), (0, -0.2), (0.5, 0.2)],),
    (ring((0, 0), 0.5, 0.5),),
    ([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5)],),
)
"""Dots, diamonds, crosses; chevrons, scales and bricks, whose rows are set off by half of one."""


def _pattern(rng: Rng, size: Size) -> Scene:
    """One motif again and again, as on walls."""
    made, pitch, motif = _sky(rng, size), between(rng, 0.1, 0.6) * min(size), rng.integers(6)
    reach, turn = int(max(size) / pitch) + 1, rng.normal(0, 0.4)
    rows, columns = np.indices((2 * reach + 1, 2 * reach + 1)).reshape(2, -1) - reach
    places = np.stack([columns + 0.5 * (rows % 2) * (motif > 2), rows], axis=1)
    turned = (affine(np.add(path, at) * pitch, angle=turn) for at in places for path in REPEATED[motif])
    width = 0.0 if motif < 2 and rng.random() < 0.6 else max(1.0, pitch * rng.uniform(0.03, 0.2))
    centred = [path + np.divide(size, 2)[::-1] for path in turned]
    made.lay(lines(size, width, *centred), paint(rng, 0.05, 0.95, 0.7))
    return made


def _waves(rng: Rng, size: Size) -> Scene:
    """Grain and clouds, stripes, and checks, tartans and weaves of two of them; soft or in two levels."""
    made, turn = _sky(rng, size), rng.choice([0.0, np.pi / 4, rng.uniform(0, np.pi)])
    y, x = np.indices(size) * 2 * np.pi / min(size)
    first, second = (
        np.sin((np.cos(angle) * x + np.sin(angle) * y) / between(rng, 0.05, 0.4))
        for angle in (turn, turn + np.pi / 2 + rng.normal(0, 0.05))
    )
    grain = fractal(rng, size, int(rng.integers(4, 30)), rng.choice([0.01, 0.5]))
    wave = one_of(rng, (grain, grain, first, first * second, (first + second) / 2))
    steep, middle = one_of(rng, (0.5, 0.5, 9, 40)), rng.uniform(-0.3, 0.3)
    made.lay(np.clip(0.5 + steep * (wave - middle), 0, 1), paint(rng, 0.05, 0.95, 0.7))
    return made


PHOTOGRAPHS: tuple[Maker, ...] = (_landscape, _heap, _heap, _heap, _pattern)
TEXTURES: tuple[Maker, ...] = (_waves, _waves, _waves, _pattern)
PICTURES: tuple[Maker, ...] = (partial(_heap, usual=(0.2, 0.5)),)
