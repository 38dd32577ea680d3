"""Scenes in colour: paper of every sort, desks and walls, with lines, things and ink laid over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from model.generator.items import Bytes, Rng, between
from model.generator.paper.masks import Reals, cover_of, moved, soft
from model.training.data import NO_DIGIT

Size: TypeAlias = tuple[int, int]
"""Height and width in pixels."""


@dataclass(slots=True)
class Scene:
    """A picture in the making: `page` (H, W, 3), 0 to 1; `clean` (H, W), 0 to 255, is the digit's own ink.

    For photographs of it: `pen` is the pen's width in pixels, so that blur never washes a thin pen away. The
    share `padding` of each side may be lost to another viewpoint. Daylight is added if the scene is `lit`;
    otherwise it has a light of its own.
    """

    page: Reals
    clean: Bytes
    label: int = NO_DIGIT
    group: int = 0
    pen: float = 3.0
    lit: bool = True
    padding: float = 0.0

    @classmethod
    def on(cls, ground: Reals) -> "Scene":
        """A scene with nothing on its `ground` (H, W, 3) yet."""
        return cls(ground.astype(np.float32), np.zeros(ground.shape[:2], np.uint8))

    @classmethod
    def plain(cls, size: Size, colour: Reals | float) -> "Scene":
        """A scene with nothing on a ground of one colour."""
        return cls.on(np.ones((*size, 3)) * colour)

    @property
    def size(self) -> Size:
        """Height and width in pixels."""
        return self.page.shape[0], self.page.shape[1]

    def lay(self, cover: Reals, colour: Reals | float) -> None:
        """Lay a grey, a colour (3,) or a texture (H, W, 3) over the page as far as `cover` (H, W) says."""
        self.page = self.page + (colour - self.page) * cover[..., None]

    def fill(self, colour: Reals | float, *outlines: ArrayLike) -> None:
        """Fill outlines (n, 2)."""
        self.lay(area(self.size, *outlines), colour)

    def trace(self, colour: Reals | float, width: float, *paths: ArrayLike, thin: float = 1.0) -> None:
        """Draw lines along paths (n, 2), at least a pixel wide, by the share `thin`."""
        self.lay(lines(self.size, max(1.0, width), *paths) * thin, colour)

    def write(self, mask: Bytes, colour: Reals | float, thin: Reals | float = 1.0) -> None:
        """Lay the digit's ink `mask` (H, W), by the share `thin` where the pen ran dry."""
        self.lay(cover_of(mask) * thin, colour)
        self.clean = np.maximum(self.clean, mask)

    def put(self, rng: Rng, cover: Reals, colour: Reals | float, reach: float) -> None:
        """Put a thing (H, W) on the page; it casts a soft shadow of at most `reach` pixels."""
        self.shade(1 - rng.uniform(0.1, 0.7) * soft(moved(cover, rng, reach), between(rng, 0.2, 1.8) * reach))
        self.lay(cover, colour)

    def shade(self, factor: Reals) -> None:
        """Let less or more light fall: `factor` (H, W)."""
        self.page = self.page * factor[..., None]


def tinted(value: float, hue: Sequence[float] | Reals) -> Reals:
    """The colour (3,) of a hue that is as bright as the grey `value`, 0 to 1."""
    colour = np.asarray(hue, np.float32)
    bright = max(float(colour @ [0.299, 0.587, 0.114]), 0.05)
    return np.asarray(np.clip(colour * (value / bright), 0, 1))


def paint(rng: Rng, low: float, high: float, strength: float = 0.0) -> Reals:
    """A colour (3,) of a brightness between two: grey at a `strength` of 0, up to pure hues at 1."""
    return tinted(rng.uniform(low, high), 1 + rng.uniform(0, strength) * (rng.dirichlet([0.6] * 3) * 3 - 1))


def area(size: Size, *outlines: ArrayLike) -> Reals:
    """How much of each pixel lies inside the outlines, 0 to 1 (H, W)."""
    return lines(size, 0.0, *outlines)


def lines(size: Size, width: float, *paths: ArrayLike) -> Reals:
    """How much of each pixel lines of `width` pixels cover, 0 to 1 (H, W); a width of 0 fills outlines."""
    fine = 4 if max(size) < 150 else 2
    image = Image.new("L", (size[1] * fine, size[0] * fine))
    pen = ImageDraw.Draw(image)
    for path in paths:
        points = (np.asarray(path) * fine).ravel().tolist()
        if width:
            pen.line(points, fill=255, width=max(1, round(width * fine)), joint="curve")
        else:
            pen.polygon(points, fill=255)
    return cover_of(np.asarray(image.reduce(fine)))


def ring(
    centre: ArrayLike, radii: ArrayLike, turns: float = 1.0, start: float = 0.0, power: float = 1.0
) -> Reals:
    """Points (n, 2) of an ellipse from the angle `start` on; a `power` below 1 makes corners of its bows."""
    angles = start + np.linspace(0, turns * 2 * np.pi, round(48 * turns))
    x, y = (np.sign(wave) * np.abs(wave) ** power for wave in (np.cos(angles), np.sin(angles)))
    return np.asarray(centre + np.asarray(radii) * np.stack([x, y], axis=1))


def smooth_field(rng: Rng, size: Size, knots: int = 4, across: int | None = None) -> Reals:
    """Noise of standard deviation about 1 that changes slowly over an image (H, W).

    It is drawn at `knots` places down and `across` places across (by default as many).
    """
    coarse = Image.fromarray(rng.normal(0.0, 1.0, (knots, across or knots)).astype(np.float32))
    return np.asarray(coarse.resize((size[1], size[0]), Image.Resampling.BICUBIC))


def fractal(rng: Rng, size: Size, knots: int = 3, rough: float = 0.5) -> Reals:
    """Clouds: noise at four scales, about -1.5 to 1.5 (H, W)."""
    parts = [rough**octave * smooth_field(rng, size, knots * 2**octave) for octave in range(4)]
    return np.asarray(np.sum(parts, axis=0) * (1 - rough))


def sheet(rng: Rng, size: Size) -> Reals:
    """Paper (H, W, 3): white, grey, old or coloured; smooth, grainy, printed in dots, or seen through."""
    way, value = rng.random(), max(rng.uniform(0.35, 1.0, 2))
    old = tinted(value, (1.06, 1.0, rng.uniform(0.65, 0.95)))
    colour = old if way < 0.2 else paint(rng, value, value, 0.08 if way < 0.75 else 0.5)
    paper = np.ones(size)
    if rng.random() < 0.6:  # grain
        paper = paper + between(rng, 0.003, 0.05) * rng.standard_normal(size)
    if rng.random() < 0.4:  # clouds, stains
        paper = paper + between(rng, 0.01, 0.08) * fractal(rng, size)
    if rng.random() < 0.12:  # halftone
        y, x = np.indices(size) * (2 * np.pi / rng.uniform(2.2, 5.0))
        slope = rng.uniform(-1, 1)
        paper = paper - rng.uniform(0.02, 0.15) * np.sin(x + slope * y) * np.sin(y - slope * x)
    if rng.random() < 0.1:  # the other side's print
        words = smooth_field(rng, size, int(rng.integers(4, 14)), int(rng.integers(6, 30))) > 0.9
        paper = paper - rng.uniform(0.02, 0.12) * soft(words * 1.0, 1.5)
    return colour * paper[..., None]


def rule(made: Scene, rng: Rng, tall: float) -> None:
    """Print the lines of a ruled or squared sheet for writing `tall` pixels high, sometimes with a margin."""
    height, width = made.size
    squared, tilt = rng.random() < 0.55, rng.normal(0.0, 0.02)
    step = max(6.0, tall * (rng.uniform(0.35, 1.1) if squared else rng.uniform(0.8, 1.6)))
    columns = np.arange(rng.uniform(0, step), width * 1.1, step)
    if not squared:
        columns = columns[:1] if rng.random() < 0.15 else columns[:0]
    level = [[(0, y), (width, y + tilt * width)] for y in np.arange(rng.uniform(0, step), height * 1.1, step)]
    upright = [[(x, 0), (x - tilt * height, height)] for x in columns]
    colour = made.page.mean() * (tinted(0.58, (0.45, 0.6, 0.85)) if rng.random() < 0.6 else 0.5)
    made.trace(colour, tall * rng.uniform(0.01, 0.04), *level, *upright, thin=rng.uniform(0.15, 0.6))


def desk(rng: Rng, size: Size) -> Reals:
    """Wood, clouded stone or plaster, smooth plastic, or woven cloth (H, W, 3), 0 to about 1.2."""
    way, (y, x) = rng.random(), np.indices(size) / max(size)
    if way < 0.35:  # boards with their rings and grain
        if rng.random() < 0.5:
            x, y = y, x
        bend = rng.uniform(0.02, 0.15) * smooth_field(rng, size, 3) + rng.uniform(-0.3, 0.3) * x
        shade: Reals = 1 + rng.uniform(0.03, 0.15) * np.sin((y + bend) * rng.uniform(20, 120))
        shade = shade + rng.uniform(0.02, 0.08) * np.sin(y * max(size) + 9 * fractal(rng, size))
        return tinted(rng.uniform(0.12, 0.7), (1.25, 0.95, rng.uniform(0.4, 0.85))) * shade[..., None]
    shade = 1 + (0.03 if way < 0.6 else rng.uniform(0.05, 0.35)) * fractal(rng, size, 3, 0.6)
    if way > 0.85:  # woven
        weave = max(size) * 2 * np.pi / rng.uniform(2.5, 7.0)
        shade = shade + rng.uniform(0.02, 0.12) * np.sin(x * weave) * np.sin(y * weave)
    return paint(rng, 0.03, 0.9, 0.6) * shade[..., None]
