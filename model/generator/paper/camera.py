"""What light, lens and file format do to a page: float32 images of 0-1 in, uint8 out."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from model.generator.items import Bytes, Rng


def smooth_field(
    rng: Rng, size: tuple[int, int], knots: int = 4, across: int | None = None
) -> NDArray[np.float32]:
    """Noise of standard deviation about 1 that changes slowly over an image of `size` (height, width).

    It has `knots` places down, and `across` (as many) across at which it is drawn.
    """
    coarse = Image.fromarray(rng.normal(0.0, 1.0, (knots, across or knots)).astype(np.float32))
    return np.asarray(coarse.resize((size[1], size[0]), Image.Resampling.BICUBIC))


def _plane(rng: Rng, size: tuple[int, int]) -> NDArray[np.float32]:
    """Distance from a random line through the middle part of the image, in image heights."""
    height, width = size
    angle = rng.uniform(0, 2 * np.pi)
    y = (np.arange(height, dtype=np.float32)[:, None] - height * float(rng.uniform(0.2, 0.8))) / height
    x = (np.arange(width, dtype=np.float32)[None, :] - width * float(rng.uniform(0.2, 0.8))) / height
    return np.asarray(np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y, np.float32)


def light(rng: Rng, size: tuple[int, int]) -> NDArray[np.float32]:
    """How much light falls where: uneven, with the shadow of a hand or an edge at times; about 0.3 to 1.1."""
    level = np.float32(rng.uniform(0.6, 1.05))
    field = level * (1 + np.float32(rng.uniform(0.0, 0.08)) * smooth_field(rng, size, 3))
    if rng.random() < 0.6:  # from one side
        field = field * (1 + np.float32(rng.uniform(0.05, 0.4)) * np.clip(_plane(rng, size), -1, 1))
    if rng.random() < 0.35:  # a shadow
        softness, depth = (
            float(np.exp(rng.uniform(np.log(0.015), np.log(0.25)))),
            float(rng.uniform(0.15, 0.5)),
        )
        edge = 1 / (1 + np.exp(np.clip(_plane(rng, size) / softness, -30, 30)))
        field = field * (1 - np.float32(depth) * edge)
    if rng.random() < 0.3:  # vignetting
        height, width = size
        y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
        field = field * (1 - np.float32(rng.uniform(0.05, 0.3)) * (x * x + y * y) / 2)
    return np.asarray(np.clip(field, 0.2, 1.2), np.float32)


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
    corners = corners @ np.array([[cos, sin], [-sin, cos]]) * float(rng.uniform(0.9, 1.0))
    corners = corners + rng.normal(0.0, 0.2, (4, 2)) * [dx, dy] + [width / 2, height / 2]
    corners = np.clip(corners, 0, [width - 1, height - 1])
    quad = tuple(float(value) for value in corners.ravel())
    return [image.transform(out, Image.Transform.QUAD, quad, Image.Resampling.BILINEAR) for image in images]


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """A lens out of focus by `radius` pixels."""
    return image.filter(ImageFilter.GaussianBlur(radius)) if radius > 0.05 else image


def jpeg(pixels: Bytes, quality: int) -> Bytes:
    """Through a JPEG file and back: (H, W) or (H, W, 3)."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def expose(scene: NDArray[np.float32], rng: Rng, *, ink: float) -> Bytes:
    """Photograph a lit scene (H, W) or (H, W, 3) of 0-1: blur, noise, tone and JPEG; uint8.

    `ink` is the pen's width in pixels: the blur never washes a thin pen away.
    """
    curve = float(np.exp(rng.normal(0.0, 0.15)))
    pixels = (np.clip(scene, 0, 1) ** np.float32(curve) * 255).astype(np.uint8)
    if rng.random() < 0.7:
        radius = float(rng.uniform(0.2, 0.35)) * max(ink, 1.5)
        pixels = np.asarray(blurred(Image.fromarray(pixels), min(radius, 2.5)))
    if rng.random() < 0.7:
        strength = float(np.exp(rng.uniform(np.log(1.0), np.log(9.0))))
        # One plane of noise for all channels: luminance noise is what survives a camera's own processing.
        noise = rng.standard_normal(pixels.shape[:2], np.float32) * np.float32(strength)
        noisy = pixels + (noise if pixels.ndim == 2 else noise[..., None])
        pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        pixels = jpeg(pixels, int(rng.integers(25, 95)))
    return pixels
