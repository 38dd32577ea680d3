"""Photographs: what light, viewpoint, lens, noise and file format do to a scene."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from model.generator.items import Bytes, Item, Rng, Source, between
from model.generator.paper.light import daylight
from model.generator.paper.masks import blurred, mask_of
from model.generator.paper.scene import Scene
from model.training.data import NO_DIGIT


def photographs(scene: Callable[[Rng], Scene | None]) -> Source:
    """Photographs of what `scene` gives; it is asked again until a digit can be seen."""

    def source(rng: Rng) -> Item:
        while True:
            made = scene(rng)
            if made is not None:
                pixels, clean = photo(made, rng)
                if made.label == NO_DIGIT or legible(pixels, clean):
                    return Item(made.label, made.group, pixels=pixels, clean=clean)

    return source


def turned(images: list[Image.Image], rng: Rng, *, padding: float, angle: float = 5.0) -> list[Image.Image]:
    """Look at all `images` (same size) from one slightly turned and tilted viewpoint, cutting the padding.

    `padding` is the share of either side that may be lost; `angle` the largest turn in degrees.
    """
    size = np.array(images[0].size)
    out = (size * (1 - 2 * padding)).astype(int)
    turn = np.radians(rng.uniform(-angle, angle))
    cos, sin = np.cos(turn) * rng.uniform(0.9, 1.0), np.sin(turn)
    corners = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]]) * out / 2 @ [[cos, sin], [-sin, cos]]
    corners = corners + rng.normal(0.0, 0.2, (4, 2)) * size * padding + size / 2
    quad = tuple(np.clip(corners, 0, size - 1).ravel().tolist())
    way = Image.Transform.QUAD, quad, Image.Resampling.BILINEAR
    return [image.transform((int(out[0]), int(out[1])), *way) for image in images]


def noisy(pixels: Bytes, rng: Rng, strength: float) -> Bytes:
    """A sensor's noise of a standard deviation `strength`, the same in all channels.

    Luminance noise is what survives a camera's own processing.
    """
    noise = rng.standard_normal(pixels.shape[:2], np.float32) * strength
    return np.clip(pixels + (noise if pixels.ndim == 2 else noise[..., None]), 0, 255).astype(np.uint8)


def jpeg(pixels: Bytes, rng: Rng, chance: float, worst: int = 30) -> Bytes:
    """With some chance through a JPEG file, of the quality `worst` or better, and back."""
    if rng.random() >= chance:
        return pixels
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=int(rng.integers(worst, 95)))
    return np.asarray(Image.open(buffer))


def photo(made: Scene, rng: Rng) -> tuple[Bytes, Bytes]:
    """Photograph a scene, often in grey or at another size.

    Returns the picture, uint8 (H, W) or (H, W, 3), and the digit's ink alone as it is seen there, (H, W).
    """
    if made.lit:
        made.shade(daylight(rng, made.size))
    picture = Image.fromarray(mask_of(np.clip(made.page, 0, 1) ** np.exp(rng.normal(0.0, 0.15))))
    images = [picture.convert("L") if rng.random() < 0.4 else picture, Image.fromarray(made.clean)]
    if made.padding:
        images = turned(images, rng, padding=made.padding)
    pixels = np.asarray(images[0])
    if rng.random() < 0.7:
        pixels = blurred(pixels, min(rng.uniform(0.2, 0.35) * max(made.pen, 1.5), 2.5))
    if rng.random() < 0.7:
        pixels = noisy(pixels, rng, between(rng, 1.0, 9.0))
    images[0] = Image.fromarray(jpeg(pixels, rng, 0.6, 25))
    if rng.random() < 0.55:  # made smaller, with at least 1.2 pixels of ink left; sometimes larger again
        smaller = between(rng, min(1.0, max(1.2 / made.pen, 18 / min(images[0].size))), 1.0)
        for scale in (smaller, rng.uniform(1.2, 3.0))[: 1 + (rng.random() < 0.3)]:
            width, height = (max(8, round(side * scale)) for side in images[0].size)
            way = rng.choice([Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.BOX])
            images = [image.resize((width, height), Image.Resampling(way)) for image in images]
    return np.asarray(images[0]), np.asarray(images[1])


def legible(pixels: Bytes, clean: Bytes) -> bool:
    """Whether a person can see the ink: it stands out from what is around it, and from the noise."""
    inside = clean > max(128, clean.max() * 0.7)
    near = Image.fromarray((clean > 0).astype(np.uint8) * 255)
    close, wide = (np.asarray(near.filter(ImageFilter.MaxFilter(size))) > 0 for size in (3, 9))
    around = wide & ~close
    if inside.sum() < 6 or not around.any():
        return bool(inside.sum() >= 6)  # nothing but ink is in view
    values = pixels.astype(np.float32).reshape(*clean.shape, -1)
    apart = np.abs(np.median(values[inside], axis=0) - np.median(values[around], axis=0))
    rough = np.abs(np.diff(values, axis=1))[around[:, 1:] & around[:, :-1]]
    return bool((apart > 14 + 1.5 * rough.sum(axis=0) / max(1, len(rough))).any())
