"""Scenes in colour: sheets, lines and ink laid over each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from model.generator.chance import between
from model.generator.items import Bytes, Rng
from model.generator.paper.masks import Reals, cover_of, moved, soft

Size: TypeAlias = tuple[int, int]
"""Height and width in pixels."""


@dataclass(slots=True)
class Scene:
    """A picture in the making: `page` (H, W, 3), 0 to 1; `clean` (H, W), 0 to 255, is the digit's own ink."""

    page: Reals
    clean: Bytes

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
        """Put a thing (H, W) on the page, which throws a soft shadow of at most `reach` pixels."""
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

    It has `knots` places down, and `across` (as many) across at which it is drawn.
    """
    coarse = Image.fromarray(rng.normal(0.0, 1.0, (knots, across or knots)).astype(np.float32))
    return np.asarray(coarse.resize((size[1], size[0]), Image.Resampling.BICUBIC))


def fractal(rng: Rng, size: Size, knots: int = 3, rough: float = 0.5) -> Reals:
    """Clouds: noise at four scales, about -1.5 to 1.5 (H, W)."""
    parts = [rough**octave * smooth_field(rng, size, knots * 2**octave) for octave in range(4)]
    return np.asarray(np.sum(parts, axis=0) * (1 - rough))
