"""Pictures of no sign at all: noise, stripes, weaves, blots, gradients, blobs as in photographs."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from model.generator.items import Bytes, Rng
from model.generator.paper.camera import smooth_field


def _to_bytes(field: NDArray[np.floating]) -> Bytes:
    low, high = float(field.min()), float(field.max())
    return ((field - low) / max(high - low, 1e-6) * 255).astype(np.uint8)


def _size(rng: Rng) -> tuple[int, int]:
    return int(rng.integers(28, 128)), int(rng.integers(28, 128))


def _noise(rng: Rng) -> Bytes:
    """Grain, coarse or fine, maybe in two levels."""
    size = _size(rng)
    field = smooth_field(rng, size, int(rng.integers(6, 32)))
    if rng.random() < 0.5:
        return np.where(field > rng.uniform(-0.5, 0.5), 255, 0).astype(np.uint8)
    return _to_bytes(field)


def _grating(rng: Rng, size: tuple[int, int], angle: float) -> NDArray[np.float64]:
    y, x = np.mgrid[: size[0], : size[1]]
    period = rng.uniform(0.08, 0.35) * min(size)
    return np.asarray(
        np.sin((np.cos(angle) * x + np.sin(angle) * y) * 2 * np.pi / period + rng.uniform(0, 6))
    )


def _stripes(rng: Rng) -> Bytes:
    size = _size(rng)
    wave = _grating(rng, size, float(rng.uniform(0, np.pi)))
    if rng.random() < 0.5:
        return np.where(wave > rng.uniform(-0.4, 0.4), 255, 0).astype(np.uint8)
    return _to_bytes(wave)


def _weave(rng: Rng) -> Bytes:
    """Checks, tartans and weaves: two gratings across each other."""
    size = _size(rng)
    angle = float(rng.choice([0.0, np.pi / 4]) + rng.normal(0, 0.05))
    first, second = _grating(rng, size, angle), _grating(rng, size, angle + np.pi / 2)
    both = first * second if rng.random() < 0.5 else first + second
    return np.where(both > 0, 255, 0).astype(np.uint8) if rng.random() < 0.5 else _to_bytes(both)


def _blob_mask(rng: Rng, size: tuple[int, int], roughness: float) -> Bytes:
    """A filled closed outline that bulges at random."""
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = np.ones_like(t)
    for wave in range(2, 8):
        radius += rng.normal(0, roughness / wave) * np.sin(wave * t + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.25, 2.0)
    stretch = np.exp(rng.normal(0, 0.25))
    points = np.stack([np.cos(t) * radius * stretch, np.sin(t) * radius / stretch], axis=1)
    points = points / np.abs(points).max() * 0.45 * np.array([size[1], size[0]])
    points = points + np.array([size[1], size[0]]) / 2
    image = Image.new("L", (size[1], size[0]))
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in points], fill=255)
    return np.asarray(image)


def _blot(rng: Rng) -> Bytes:
    """Filled ink blots, with splashes."""
    side = int(rng.integers(40, 128))
    mask = _blob_mask(rng, (side, side), float(rng.uniform(0.3, 1.0))).copy()
    image = Image.fromarray(mask)
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(0, 8))):
        x, y, r = *rng.uniform(0, side, 2), rng.uniform(1, side / 10)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
    return np.asarray(image)


def _objects(rng: Rng) -> Bytes:
    """Several shaded shapes on a shaded ground, as in a photograph of things."""
    size = (int(rng.integers(48, 160)), int(rng.integers(48, 160)))
    scene = np.float32(rng.uniform(60, 200)) + np.float32(rng.uniform(5, 45)) * smooth_field(rng, size, 4)
    for _ in range(int(rng.integers(2, 7))):
        part = (int(size[0] * rng.uniform(0.25, 0.9)), int(size[1] * rng.uniform(0.25, 0.9)))
        mask = _blob_mask(rng, part, float(rng.uniform(0.1, 0.7))).astype(np.float32) / 255
        top, left = int(rng.integers(size[0] - part[0] + 1)), int(rng.integers(size[1] - part[1] + 1))
        shade = np.float32(rng.uniform(0, 255)) + np.float32(25) * smooth_field(rng, part, 4)
        window = scene[top : top + part[0], left : left + part[1]]
        window += (shade - window) * mask
    image = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 2.0))))
    noise = rng.standard_normal(size) * rng.uniform(0, 8)
    return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)


def _mosaic(rng: Rng) -> Bytes:
    """Cells of a few greys, as in pixelated pictures and maps."""
    count = (int(rng.integers(3, 10)), int(rng.integers(3, 10)))
    cells = rng.choice(rng.uniform(0, 255, int(rng.integers(2, 6))), count).astype(np.uint8)
    return np.asarray(Image.fromarray(cells).resize(_size(rng)[::-1], Image.Resampling.NEAREST))


def draw_texture(rng: Rng) -> Bytes:
    """A texture or a picture without a sign in it, uint8 (H, W)."""
    makers = (_noise, _stripes, _weave, _mosaic)
    return makers[int(rng.integers(len(makers)))](rng)


def draw_picture(rng: Rng) -> Bytes:
    """Blots and blobs: ink 255 on 0, or a scene of greys; uint8 (H, W)."""
    return _blot(rng) if rng.random() < 0.4 else _objects(rng)


def draw_garment(rng: Rng) -> Bytes:
    """A filled, symmetric, textured silhouette with limbs, as clothes laid flat: uint8 (H, W)."""
    side = int(rng.integers(48, 112))
    heights = np.sort(rng.uniform(0.05, 0.95, 5))
    widths = np.clip(np.cumsum(rng.normal(0, 0.14, 5)) + rng.uniform(0.15, 0.35), 0.08, 0.48)
    right = [(0.5 + w, h) for w, h in zip(widths, heights, strict=True)]
    left = [(0.5 - w, h) for w, h in zip(widths, heights, strict=True)]
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    pen.polygon([(x * side, y * side) for x, y in right + left[::-1]], fill=255)
    if rng.random() < 0.6:  # sleeves
        reach, drop = rng.uniform(0.3, 0.48), rng.uniform(0.2, 0.9)
        top = heights[0]
        for sign in (-1, 1):
            shoulder = (0.5 + sign * widths[0] * 0.8) * side, (top + 0.05) * side
            hand = (0.5 + sign * reach) * side, drop * side
            pen.line((*shoulder, *hand), fill=255, width=int(side * rng.uniform(0.1, 0.2)))
    if rng.random() < 0.3:  # legs
        gap = side * rng.uniform(0.02, 0.08)
        pen.polygon(
            [(side / 2 - gap, side), (side / 2 + gap, side), (side / 2, side * rng.uniform(0.3, 0.6))], fill=0
        )
    mask = np.asarray(image).astype(np.float32) / 255
    cloth = np.float32(rng.uniform(0.55, 0.95)) + np.float32(rng.uniform(0.02, 0.2)) * smooth_field(
        rng, (side, side), int(rng.integers(4, 20))
    )
    return (np.clip(mask * cloth, 0, 1) * 255).astype(np.uint8)
