"""Small pictures: drawings on a handful of pixels, and scans cut to the ink."""

import numpy as np
from PIL import Image

from model.generator.chance import between
from model.generator.items import Item, Rng, Source
from model.generator.paper.camera import jpeg, noisy
from model.generator.paper.canvas import ink_box, mixed, present, resized, stretched
from model.generator.paper.inks import InkMaker
from model.generator.paper.scene import cover_of, soft
from model.generator.pens.hands import Hand
from model.generator.pens.rendering import draw, fit
from model.generator.pens.vectors import resample, tremble


def coarse_drawings(hand: Hand) -> Source:
    """Drawings made with a mouse and a thick brush on 28x28 pixels, or a little fewer or more."""

    def source(rng: Rng) -> Item:
        strokes, label, group = hand(rng)
        if rng.random() < 0.4:  # a mouse is hard to write with
            strokes = [tremble(stroke, rng, rng.uniform(0.01, 0.045)) for stroke in strokes]
        side = 28 if rng.random() < 0.75 else int(rng.integers(16, 41))
        placed = fit(strokes, (side, side), rng, fill=(0.55, 1.0), margin=rng.uniform(0.05, 0.15) * side)
        extent = float(np.ptp(np.concatenate(placed), axis=0).max())
        if rng.random() < 0.4:  # it goes from pixel to pixel
            placed = [resample(stroke, extent * rng.uniform(0.03, 0.12)).round() for stroke in placed]
        way, width = rng.random(), max(1.0, extent * between(rng, 0.05, 0.22))
        if way < 0.2:  # shrunk from a larger canvas, well or badly
            large = draw([stroke * 10 for stroke in placed], (side * 10, side * 10), width * 10, rng)
            mask = resized(large, (side, side), Image.Resampling(int(rng.integers(6))))
        else:
            mask = draw(placed, (side, side), width, rng)
        if 0.2 < way < 0.55:  # whole pixels
            mask = (mask > rng.uniform(60, 130)) * np.uint8(255)
        elif 0.55 < way < 0.75:  # a soft brush
            smooth = np.minimum(soft(cover_of(mask), rng.uniform(0.4, 0.8)) * rng.uniform(1.2, 2.5), 1)
            mask = (smooth * 255).astype(np.uint8)
        way = rng.random()
        pixels = mask if way < 0.4 else 255 - mask if way < 0.75 else present(mask, rng)
        return Item(label, group, pixels=pixels, clean=mask)

    return source


def boxed_scans(ink: InkMaker) -> Source:
    """Scanned digits cut to the box of their ink, or a pixel or two wider; grey or in two levels."""

    def source(rng: Rng) -> Item:
        mask, label, group, width = ink(rng)
        tight = mask[ink_box(mask, 40)]
        factor = min(1.0, max(between(rng, 16, 110) / max(tight.shape), 1.0 / width))
        stretch = factor * np.exp(rng.normal(0, 0.12, 2))
        tight = stretched(tight, (stretch[0], stretch[1]), least=3)
        wide = rng.uniform(0, 3 if rng.random() < 0.75 else 0.12 * max(tight.shape), (2, 2))
        clean = np.pad(tight, wide.astype(int))
        if rng.random() < 0.4:
            pixels = np.where(clean > rng.uniform(70, 150), 0, 255).astype(np.uint8)
        else:
            pixels = mixed(clean, rng.uniform(0, 110), rng.uniform(170, 255))
            pixels = jpeg(noisy(pixels, rng, rng.choice([0, between(rng, 1, 8)])), rng, 0.4, 40)
        return Item(label, group, pixels=255 - pixels if rng.random() < 0.2 else pixels, clean=clean)

    return source
