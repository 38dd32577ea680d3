"""Pens: strokes drawn as an antialiased mask of ink, with even or varying width."""

import numpy as np
from PIL import Image, ImageDraw

from model.generator.items import Bytes, Floats, Rng, Strokes
from model.generator.pens.vectors import bounds


def _widths(rng: Rng, count: int, width: float, pressure: float) -> Floats:
    """A pen's width at each of `count` points: it changes slowly, by a factor of 0.45 to 1.8."""
    knots = rng.normal(0.0, pressure, max(2, count // 8 + 2))
    walk = np.interp(np.linspace(0.0, 1.0, count), np.linspace(0.0, 1.0, len(knots)), knots)
    return np.asarray(width * np.clip(np.exp(walk), 0.45, 1.8))


def draw(strokes: Strokes, size: tuple[int, int], width: float, rng: Rng, *, pressure: float = 0.0) -> Bytes:
    """Draw strokes, given in pixels, with a round pen: coverage 0-255 of shape (height, width) = `size`.

    `width` is the pen's width in pixels, `pressure` the spread (log scale) of its changes along a stroke.
    """
    height, breadth = size
    scale = 2 if width > 5 else 4 if width > 1.5 or max(size) > 160 else 6
    image = Image.new("L", (breadth * scale, height * scale))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = (stroke * scale + (scale - 1) / 2).tolist()
        widths = (_widths(rng, len(points), width, pressure) * scale).tolist()
        for before, at, wide in zip([points[0], *points[:-1]], points, widths, strict=True):
            pen.line((*before, *at), fill=255, width=max(1, round(wide)))
            if wide > 2.0:
                pen.circle(at, wide / 2, fill=255)
    return np.asarray(image.reduce(scale))


def fit(
    strokes: Strokes, size: tuple[int, int], rng: Rng, *, fill: tuple[float, float], margin: float
) -> Strokes:
    """Scale and place strokes on a canvas of `size` (height, width), at random.

    The drawing takes a share of the free room, drawn from the range `fill`; `margin` pixels stay free.
    """
    low, high = bounds(strokes)
    extent = np.maximum(high - low, 1e-6)
    room = np.array([size[1], size[0]], dtype=np.float64) - 2 * margin
    scale = rng.uniform(*fill) * float((room / extent).min())
    place = margin + (room - extent * scale) * rng.random(2)
    return [(stroke - low) * scale + place for stroke in strokes]
