"""Ink of broad pens, markers and dots."""

import numpy as np

from model.generator.items import Bytes, Rng, Strokes
from model.generator.paper.canvas import ink_box
from model.generator.paper.inks import Ink, InkMaker
from model.generator.paper.scene import Size, area, ring
from model.generator.pens.hands import Hand
from model.generator.pens.rendering import draw, fit
from model.generator.pens.vectors import resample


def nib(strokes: Strokes, size: Size, width: float, turn: float, rng: Rng) -> Bytes:
    """Strokes with a broad pen (H, W): `width` pixels along the direction `turn`, a fifth across it."""
    thin = draw(strokes, size, max(1.2, width / 5), rng, pressure=0.1)
    away = np.linspace(-width / 2, width / 2, max(3, round(width)))
    shifts = zip(np.rint(-away * np.sin(turn)), np.rint(away * np.cos(turn)), strict=True)
    return np.asarray(np.max([np.roll(thin, (int(y), int(x)), (0, 1)) for y, x in shifts], axis=0))


def marker_ink(hand: Hand) -> InkMaker:
    """Ink of a marker, 40 to 130 pixels tall: a round or chisel tip of a twelfth to a fifth of the digit."""

    def ink(rng: Rng) -> Ink:
        strokes, label, group = hand(rng)
        tall = rng.uniform(40, 130)
        width, side = tall * rng.uniform(0.08, 0.19), int(tall * 1.6)
        placed = fit(strokes, (side, side), rng, fill=(1.0, 1.0), margin=0.3 * tall)
        if rng.random() < 0.6:
            return Ink(
                draw(placed, (side, side), width, rng, pressure=rng.uniform(0, 0.1)), label, group, width
            )
        return Ink(nib(placed, (side, side), width, rng.uniform(0.3, 1.2), rng), label, group, width * 0.6)

    return ink


def dotted_ink(hand: Hand) -> InkMaker:
    """Digits of dots along the strokes, as on worksheets, date stamps and lamps; 40 to 130 pixels tall."""

    def ink(rng: Rng) -> Ink:
        strokes, label, group = hand(rng)
        tall, pitch = rng.uniform(40, 130), rng.uniform(0.08, 0.19)
        dot, side = pitch * tall * rng.uniform(0.3, 0.95), int(tall * 1.6)
        points = np.concatenate([resample(stroke, pitch) for stroke in strokes])
        points = (points + 0.8 + rng.normal(0, rng.uniform(0, 0.12) * pitch, points.shape)) * tall
        radii = np.maximum(0.7, dot / 2 * np.exp(rng.normal(0, rng.uniform(0, 0.25), len(points))))
        dots = [ring(at, radius) for at, radius in zip(points, radii, strict=True)]
        mask = (area((side, side), *dots) * 255).astype(np.uint8)
        return Ink(np.pad(mask[ink_box(mask, 40)], int(tall * rng.uniform(0.12, 0.4))), label, group, dot)

    return ink
