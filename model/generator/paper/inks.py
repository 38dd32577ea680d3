"""Ink before it is placed anywhere: masks of what pens, MNIST and fonts draw, with free room around it."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from PIL import Image

from model.generator.items import Bytes, Rng, between, one_of
from model.generator.paper.fonts import Font, glyph, picker
from model.generator.paper.masks import blurred, mask_of, stretched, tight
from model.generator.paper.scene import area, ring
from model.generator.pens.hands import Hand
from model.generator.pens.rendering import draw, fit
from model.generator.pens.vectors import resample
from model.training.data import LabelledImages


class Ink(NamedTuple):
    """Ink 255 on 0 (H, W), its label and group, and how wide the pen was (pixels)."""

    mask: Bytes
    label: int
    group: int
    pen: float


InkMaker: TypeAlias = Callable[[Rng], Ink]
ENLARGING = tuple(map(Image.Resampling, range(4)))
"""Filters: the nearest pixel, Lanczos, bilinear, bicubic."""


def pen_ink(
    hand: Hand,
    fill: tuple[float, float] = (0.6, 1.0),
    widths: tuple[float, float] = (0.022, 0.15),
    chisel: float = 0.0,
) -> InkMaker:
    """Ink of a pen, hairline to marker, on sheets of 44 to 240 pixels; it takes a share `fill` of them.

    The pen's width is a share of the drawing's size. With the chance `chisel` its tip is broad, not round.
    """

    def ink(rng: Rng) -> Ink:
        strokes, label, group = hand(rng)
        height = int(between(rng, 44, 240))
        narrow = rng.normal(0.0, 0.35) if rng.random() < 0.4 else 0.0  # it is square more often than not
        size = height, int(np.clip(height * np.exp(narrow), 40, 260))
        placed = fit(strokes, size, rng, fill=fill, margin=0.06 * min(size))
        extent = float(np.ptp(np.concatenate(placed), axis=0).max())
        width, uneven = max(1.0, extent * between(rng, *widths)), rng.random() < 0.5
        if rng.random() < chisel:
            mask = nib(draw(placed, size, max(1.2, width / 5), rng), width, rng.uniform(0.3, 1.2))
            return Ink(mask, label, group, width * 0.6)
        pressure = rng.uniform(0.1, 0.35) if uneven else 0.0
        return Ink(draw(placed, size, width, rng, pressure=pressure), label, group, width)

    return ink


def nib(thin: Bytes, width: float, turn: float) -> Bytes:
    """What a broad pen draws along thin strokes (H, W): `width` pixels along the direction `turn`."""
    away = np.linspace(-width / 2, width / 2, max(3, round(width)))
    shifts = np.rint(np.stack([-away * np.sin(turn), away * np.cos(turn)], axis=1)).astype(int)
    return np.asarray(np.max([np.roll(thin, shift, (0, 1)) for shift in shifts], axis=0))


def dotted_ink(hand: Hand) -> InkMaker:
    """Digits of dots along the strokes, as on worksheets, date stamps and lamps; 40 to 130 pixels tall."""

    def ink(rng: Rng) -> Ink:
        strokes, label, group = hand(rng)
        tall, pitch = rng.uniform(40, 130), rng.uniform(0.08, 0.19)
        dot, side = pitch * tall * rng.uniform(0.3, 0.95), int(tall * 1.6)
        points = np.concatenate([resample(stroke, pitch) for stroke in strokes])
        points = (points + 0.8 + rng.normal(0, rng.uniform(0, 0.12) * pitch, points.shape)) * tall
        radii = np.maximum(0.7, dot / 2 * np.exp(rng.normal(0, rng.uniform(0, 0.25), len(points))))
        mask = mask_of(area((side, side), *map(ring, points, radii)))
        return Ink(np.pad(tight(mask), int(tall * rng.uniform(0.12, 0.4))), label, group, dot)

    return ink


def any_image(images: LabelledImages, rng: Rng) -> tuple[Bytes, int]:
    """One of the images (28, 28), and its label."""
    index = int(rng.integers(len(images)))
    return images.images[index], int(images.labels[index])


def sharp(digit: Bytes, factor: float, level: float = 127.0, softness: float = 24.0) -> Bytes:
    """Enlarge a 28x28 digit with smooth outlines and crisp edges, as if it had been written that large.

    A `level` above 127 makes the pen thinner, below it thicker.
    """
    big = blurred(stretched(digit, factor, 8), factor * 0.35)
    ramp = np.clip((np.arange(256) - level) * (127.0 / softness) + 127.0, 0, 255).astype(np.uint8)
    return np.asarray(ramp[big], np.uint8)


def image_ink(images: LabelledImages, crisp: float = 1.0) -> InkMaker:
    """MNIST's digits enlarged: the share `crisp` with crisp edges, 45 to 130 pixels large, and room around.

    The others are enlarged up to 7 times as other programs do it: smoothed, or in squares.
    """

    def ink(rng: Rng) -> Ink:
        digit, label = any_image(images, rng)
        if rng.random() >= crisp:
            factor = between(rng, 0.9, 7.0)
            return Ink(stretched(digit, factor, 8, one_of(rng, ENLARGING)), label, 0, 2.2 * factor)
        factor = rng.uniform(2.4, 6.5)
        mask = sharp(digit, factor, rng.uniform(85, 165), rng.uniform(15, 45))
        return Ink(np.pad(mask, int(mask.shape[0] * rng.uniform(0.05, 0.25))), label, 0, 2.2 * factor)

    return ink


def printed_ink(fonts: list[Font], *, small: bool = False) -> InkMaker:
    """Digits of fonts, upright or slightly turned, filled, emboldened or in outline.

    `small` gives 14 to 36 pixels an em, as on screens; else 36 to 96.
    """
    pick = picker(fonts)

    def ink(rng: Rng) -> Ink:
        font = pick(rng)
        text = one_of(rng, font.digits)
        size = one_of(rng, (14, 18, 22, 28, 36) if small else (36, 48, 64, 96))
        outline = not small and rng.random() < 0.06
        stroke = max(1, size // 24) * int(outline or rng.random() < 0.12)
        mask = glyph(font, text, size, stroke=stroke, outline=outline)
        free = int(max(mask.shape) * rng.uniform(0.1, 0.4))
        return Ink(np.pad(mask, free), int(text), font.number, size * 0.08)

    return ink
