"""What viewpoint, lens, noise and file format do to a scene."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from model.generator.chance import between
from model.generator.items import Bytes, Rng
from model.generator.paper.light import daylight
from model.generator.paper.scene import Reals, Scene


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of a page, uint8 (H, W) or (H, W, 3), and the ink alone as seen from there (H, W)."""

    pixels: Bytes
    clean: Bytes


def turned(images: list[Image.Image], rng: Rng, *, padding: float, angle: float = 5.0) -> list[Image.Image]:
    """Look at all `images` (same size) from one slightly turned and tilted viewpoint, cutting the padding.

    `padding` is the share of either side that may be lost; `angle` the largest turn in degrees.
    """
    width, height = images[0].size
    dx, dy = width * padding, height * padding
    out = (int(width - 2 * dx), int(height - 2 * dy))
    corners = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]], np.float64) * [out[0] / 2, out[1] / 2]
    turn = np.radians(rng.uniform(-angle, angle))
    cos, sin = np.cos(turn), np.sin(turn)
    corners = corners @ np.array([[cos, sin], [-sin, cos]]) * rng.uniform(0.9, 1.0)
    corners = corners + rng.normal(0.0, 0.2, (4, 2)) * [dx, dy] + [width / 2, height / 2]
    corners = np.clip(corners, 0, [width - 1, height - 1])
    quad = tuple(corners.ravel().tolist())
    return [image.transform(out, Image.Transform.QUAD, quad, Image.Resampling.BILINEAR) for image in images]


def blurred(pixels: Bytes, radius: float) -> Bytes:
    """A lens out of focus by `radius` pixels."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(float(radius))))


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


def expose(page: Reals, rng: Rng, *, ink: float) -> Bytes:
    """Photograph a lit page (H, W) or (H, W, 3) of 0-1: tone, blur, noise and JPEG; uint8.

    `ink` is the pen's width in pixels: the blur never washes a thin pen away.
    """
    pixels = (np.clip(page, 0, 1) ** np.exp(rng.normal(0.0, 0.15)) * 255).astype(np.uint8)
    if rng.random() < 0.7:
        pixels = blurred(pixels, min(rng.uniform(0.2, 0.35) * max(ink, 1.5), 2.5))
    if rng.random() < 0.7:
        pixels = noisy(pixels, rng, between(rng, 1.0, 9.0))
    return jpeg(pixels, rng, 0.6, 25)


def photo(made: Scene, rng: Rng, *, ink: float, lit: bool = True, padding: float = 0.0) -> Photo:
    """Photograph a scene: uneven light, another viewpoint, lens, noise, a file, and often another size.

    `ink` is the pen's width in pixels; of each side the share `padding` may be lost to another viewpoint.
    """
    if lit:
        made.shade(daylight(rng, made.size))
    picture = Image.fromarray((np.clip(made.page, 0, 1) * 255).astype(np.uint8))
    images = [picture.convert("L") if rng.random() < 0.4 else picture, Image.fromarray(made.clean)]
    if padding:
        images = turned(images, rng, padding=padding)
    seen = expose(np.asarray(images[0], np.float32) / np.float32(255), rng, ink=ink)
    images = [Image.fromarray(seen), images[1]]
    if rng.random() < 0.55:  # made smaller, but ink of 1.2 pixels is left; at times larger again
        smaller = between(rng, min(1.0, max(1.2 / ink, 18 / min(images[0].size))), 1.0)
        for scale in (smaller, rng.uniform(1.2, 3.0))[: 1 + (rng.random() < 0.3)]:
            width, height = (max(8, round(side * scale)) for side in images[0].size)
            way = rng.choice([Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.BOX])
            images = [image.resize((width, height), Image.Resampling(way)) for image in images]
    return Photo(np.asarray(images[0]), np.asarray(images[1]))


def legible(taken: Photo) -> bool:
    """Whether a person can see the digit: it stands out from what is around it, and from the noise."""
    inside = taken.clean > max(128, taken.clean.max() * 0.7)
    near = Image.fromarray((taken.clean > 0).astype(np.uint8) * 255)
    close, wide = (np.asarray(near.filter(ImageFilter.MaxFilter(size))) > 0 for size in (3, 9))
    around = wide & ~close
    if inside.sum() < 6 or not around.any():
        return bool(inside.sum() >= 6)  # nothing but ink is in view
    pixels = taken.pixels.astype(np.float32).reshape(*taken.clean.shape, -1)
    apart = np.abs(np.median(pixels[inside], axis=0) - np.median(pixels[around], axis=0))
    rough = np.abs(np.diff(pixels, axis=1))[around[:, 1:] & around[:, :-1]]
    return bool((apart > 14 + 1.5 * rough.sum(axis=0) / max(1, len(rough))).any())
