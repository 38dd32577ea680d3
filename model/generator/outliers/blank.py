"""Pictures in which nothing is written: sheets in every light, photographs, wallpapers, textures, blots."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw, ImageFilter

from model.generator.chance import between, one_of
from model.generator.items import Floats, Item, Rng, Source
from model.generator.paper.camera import photographs
from model.generator.paper.inks import any_image, sharp
from model.generator.paper.light import any_light
from model.generator.paper.masks import Reals, mask_of, resized, soft
from model.generator.paper.scene import (
    Scene,
    Size,
    area,
    desk,
    fractal,
    lines,
    paint,
    ring,
    rule,
    sheet,
    smooth_field,
)
from model.generator.pens.vectors import affine
from model.training.data import NO_DIGIT, LabelledImages

Maker: TypeAlias = Callable[[Rng, Size], Scene]


def blank_sheets() -> Source:
    """Paper, metal, glass or card without a mark, as small as a display's digit or as large as a page."""

    def scene(rng: Rng) -> Scene:
        side, narrow = between(rng, 18, 220), np.exp(rng.normal(-0.12, 0.2)) if rng.random() < 0.7 else 1.0
        size = max(16, round(side / narrow)), max(14, round(side * narrow))
        way = rng.random()
        if 0.5 < way < 0.85:
            made = Scene.plain(size, paint(rng, 0.05, 1.0, rng.choice([0, 0, 0.6])))
        else:
            made = Scene.on(sheet(rng, size) if way < 0.5 else desk(rng, size))
        if way < 0.15:
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


def _sky(rng: Rng, size: Size) -> Reals:
    """A colour that goes over into another one (H, W, 3)."""
    y, x = np.indices(size) / np.reshape(size, (2, 1, 1)) - 0.5
    turn = rng.normal(0, 0.3) if rng.random() < 0.6 else rng.uniform(0, 2 * np.pi)
    share: Reals = np.clip(0.5 + np.cos(turn) * y + np.sin(turn) * x, 0, 1)[..., None]
    return paint(rng, 0.05, 0.95, 0.7) * share + paint(rng, 0.05, 0.95, 0.7) * (1 - share)


def _heap(rng: Rng, size: Size) -> Scene:
    """Many things over each other: leaves, petals, gravel, a crowd; or lights out of focus in the dark."""
    lights, usual, base = rng.random() < 0.5, between(rng, 0.03, 0.25) * min(size), paint(rng, 0.1, 0.8, 0.8)
    slim, cover = (1.0, rng.uniform(0.04, 0.4)) if lights else (rng.uniform(0.2, 1.0), 2.5)
    image = Image.fromarray(mask_of(_sky(rng, size) * rng.uniform(0.2, 0.7)))
    pen = ImageDraw.Draw(image, "RGBA")
    for _ in range(int(np.clip(cover * size[0] * size[1] / (usual**2 * slim), 4, 500))):
        outline = np.asarray(ring((0, 0), usual * rng.uniform(0.5, 1.4) * np.array([1, slim])), np.float64)
        outline = affine(outline, angle=rng.uniform(0, 2 * np.pi)) + rng.random(2) * size[::-1]
        colour = paint(rng, 0.5, 1.0, 0.8) if lights else base * rng.uniform(0.3, 1.5)
        opaque = int(255 * rng.uniform(0.1, 0.8)) if lights else 255
        pen.polygon(outline.ravel().tolist(), fill=(*mask_of(colour).tolist(), opaque))
    haze = lights * usual * rng.uniform(0.02, 0.4)
    return Scene.on(np.asarray(image.filter(ImageFilter.GaussianBlur(haze))) / 255)


def _blob(rng: Rng, rough: float) -> Floats:
    """The outline (60, 2) of a disc of radius 1, more or less bulged."""
    angles = np.linspace(0, 2 * np.pi, 60)
    bulge = sum(rng.normal(0, rough / n) * np.sin(n * angles + rng.uniform(0, 7)) for n in range(2, 8))
    radii: Floats = np.clip(1 + np.asarray(bulge), 0.25, 2)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _blots(rng: Rng, size: Size) -> Scene:
    """A blot with its splashes on something plain, or several shaded shapes on a shaded ground."""
    alone, colour = rng.random() < 0.4, paint(rng, 0.0, 0.9, 0.6)
    made = Scene.plain(size, paint(rng, 0.05, 1.0, 0.3)) if alone else Scene.on(_sky(rng, size))
    for number in range(rng.integers(1, 9)):
        at = np.array(size[::-1]) * (rng.random(2) if number else rng.normal(0.5, 0.1, 2))
        reach = min(size) * (0.45 if number == 0 else 0.06 if alone else rng.uniform(0.12, 0.45))
        blot = _blob(rng, rng.uniform(0.1, 1.0)) * reach * np.exp(rng.normal(0, 0.25, 2)) + at
        shaded = paint(rng, 0.0, 1.0, 0.6) * (1 + 0.2 * smooth_field(rng, size))[..., None]
        made.lay(area(size, blot), colour if alone else shaded)
    return made


def _landscape(rng: Rng, size: Size) -> Scene:
    """Sky with a sun and clouds, ridges one behind another, water or a field."""
    height, width = size
    made = Scene.on(_sky(rng, size))
    made.lay(np.clip(fractal(rng, size) * rng.uniform(0, 1), 0, 1), paint(rng, 0.6, 1.0, 0.2))
    if rng.random() < 0.5:
        radius, at = rng.uniform(0.03, 0.14) * min(size), (rng.random() * width, rng.random() * height / 2)
        made.lay(soft(area(size, ring(at, radius)), between(rng, 0.4, 8)), paint(rng, 0.8, 1.0, 0.3))
    shade = paint(rng, 0.3, 0.7, 0.8)
    for ridge in np.linspace(rng.uniform(0.3, 0.7), rng.uniform(0.6, 1.0), rng.integers(1, 6)):
        rough = rng.uniform(0.01, 0.2)
        waves = (0.5**n * smooth_field(rng, (1, width), 1, 3 * 2**n)[0] for n in range(4))
        below = np.arange(height)[:, None] / height > ridge + rough * sum(waves)
        shade = shade * rng.uniform(0.5, 0.95)
        made.lay(soft(below * 1.0, 0.6), shade * (1 + rng.uniform(0, 0.3) * fractal(rng, size, 6))[..., None])
    return made


def _things(rng: Rng, size: Size) -> Scene:
    """Round and square things, large and small, on a table before a wall, each with its light and shadow."""
    made = Scene.on(desk(rng, size))
    horizon = rng.uniform(0.2, 0.6) * size[0]
    wall = np.arange(size[0])[:, None] < np.linspace(horizon, horizon + rng.normal(0, 9), size[1])
    made.lay(soft(wall * 1.0, 0.5), _sky(rng, size))
    for _ in range(rng.integers(1, 9)):
        r = between(rng, 0.06, 0.45) * min(size)
        x, y, tall = rng.random() * size[1], rng.uniform(horizon, size[0]), r * rng.uniform(0.5, 2.5)
        thing = area(size, ring((x, y - tall / 2), (r, tall / 2), power=rng.choice([0.01, 0.5, 1.0])))
        bow = np.clip(1.1 - ((np.arange(size[1]) - x + r / 2) / r / 2) ** 2, 0.2, 1.2)
        made.put(rng, thing, paint(rng, 0.05, 0.95, 0.8) * bow[None, :, None], r / 3)
        gloss = soft(area(size, ring((x - r / 3, y - tall * 0.7), r / 6)), r / 10)
        made.lay(gloss * rng.uniform(0, 0.8), 1.0)
    return made


REPEATED: tuple[tuple[ArrayLike, ...], ...] = (
    (ring((0, 0), 0.35),),
    ([(-0.4, 0), (0, -0.4), (0.4, 0), (0, 0.4), (-0.4, 0)],),
    ([(-0.35, 0), (0.35, 0)], [(0, -0.35), (0, 0.35)]),
    ([(-0.5, 0.2), (0, -0.2), (0.5, 0.2)],),
    (ring((0, 0), 0.5, 0.5),),
    ([(-0.75, -0.5), (0.75, -0.5), (0.75, 0.5), (-0.75, 0.5), (-0.75, -0.5)],),
)


def _pattern(rng: Rng, size: Size) -> Scene:
    """One motif again and again, as on walls: dots, diamonds, crosses, chevrons, scales, bricks."""
    made, pitch, motif = Scene.on(_sky(rng, size)), between(rng, 0.1, 0.6) * min(size), rng.integers(6)
    reach, turn = int(max(size) / pitch) + 1, rng.normal(0, 0.4)
    rows, columns = np.indices((2 * reach + 1, 2 * reach + 1)).reshape(2, -1) - reach
    # Rows are set off by half a motif; bricks are broad.
    places = np.stack([(columns + 0.5 * (rows % 2) * (motif > 2)) * (1.5 if motif == 5 else 1), rows], axis=1)
    turned = (affine(np.add(path, at) * pitch, angle=turn) for at in places for path in REPEATED[motif])
    width = 0.0 if motif < 2 and rng.random() < 0.6 else max(1.0, pitch * rng.uniform(0.03, 0.2))
    made.lay(
        lines(size, width, *(path + np.divide(size, 2)[::-1] for path in turned)), paint(rng, 0.05, 0.95, 0.7)
    )
    return made


def _waves(rng: Rng, size: Size) -> Scene:
    """Grain and clouds, stripes, and checks, tartans and weaves of two of them; soft or in two levels."""
    made, turn = Scene.on(_sky(rng, size)), rng.choice([0.0, np.pi / 4, rng.uniform(0, np.pi)])
    y, x = np.indices(size) * 2 * np.pi / min(size)
    first, second = (
        np.sin((np.cos(angle) * x + np.sin(angle) * y) / between(rng, 0.05, 0.4))
        for angle in (turn, turn + np.pi / 2 + rng.normal(0, 0.05))
    )
    knots = int(rng.integers(4, 30))
    grain = smooth_field(rng, size, knots) if rng.random() < 0.5 else fractal(rng, size, knots)
    wave = one_of(rng, (grain, grain, first, first * second, (first + second) / 2))
    steep, middle = one_of(rng, (0.5, 0.5, 9, 40)), rng.uniform(-0.3, 0.3)
    made.lay(np.clip(0.5 + steep * (wave - middle), 0, 1), paint(rng, 0.05, 0.95, 0.7))
    return made


def _mosaic(rng: Rng, size: Size) -> Scene:
    """Squares of a few colours, as in pixelated pictures and maps."""
    colours = np.stack([paint(rng, 0.02, 0.98, 0.5) for _ in range(rng.integers(2, 6))])
    cells = colours[rng.integers(len(colours), size=rng.integers(3, 10, 2))]
    y, x = (np.arange(side) * count // side for side, count in zip(size, cells.shape[:2], strict=True))
    return Scene.on(cells[y[:, None], x[None, :]])


PHOTOGRAPHS: tuple[Maker, ...] = (_landscape, _heap, _heap, _pattern, _things, _things, _things)
TEXTURES: tuple[Maker, ...] = (_waves, _waves, _waves, _mosaic, _pattern)
PICTURES: tuple[Maker, ...] = (_blots,)
