"""Small pictures: drawings on a handful of pixels, and scans cut to the ink."""

import numpy as np
from PIL import Image

from model.generator.chance import between, one_of
from model.generator.items import Bytes, Item, Rng, Source
from model.generator.paper.camera import blurred, jpeg, noisy
from model.generator.paper.canvas import ink_box, mixed, pasted, present, resized, stretched
from model.generator.paper.inks import Ink
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


def boxed_scan(ink: Ink, rng: Rng) -> tuple[Bytes, Bytes]:
    """A scan cut to the box of the ink, or a pixel or two wider; grey or in two levels: (pixels, clean)."""
    tight = ink.mask[ink_box(ink.mask, 40)]
    factor = min(1.0, max(between(rng, 16, 110) / max(tight.shape), 1.0 / ink.pen))
    tight = stretched(tight, factor * np.exp(rng.normal(0, 0.12, 2)), least=3)
    wide = rng.uniform(0, 3 if rng.random() < 0.75 else 0.12 * max(tight.shape), (2, 2))
    clean = np.pad(tight, wide.astype(int))
    if rng.random() < 0.4:
        pixels = np.where(clean > rng.uniform(70, 150), 0, 255).astype(np.uint8)
    else:
        pixels = mixed(clean, rng.uniform(0, 110), rng.uniform(170, 255))
        pixels = jpeg(noisy(pixels, rng, rng.choice([0, between(rng, 1, 8)])), rng, 0.4, 40)
    return (255 - pixels if rng.random() < 0.2 else pixels), clean


def _stretched(box: Bytes, side: int, rng: Rng, *, keep_aspect: bool) -> Bytes:
    height, width = box.shape
    aspect = width / height
    if keep_aspect:
        scale = side / max(height, width)
        size = (max(2, round(height * scale)), max(2, round(width * scale)))
    else:
        # A bare bar filled to a square would be a blot: what is very narrow stays narrower.
        narrow = max(2, round(side * min(1.0, aspect * rng.uniform(1.2, 2.0))))
        size = side, side if aspect > 0.45 else narrow
    ways = Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.HAMMING
    return resized(box, size, one_of(rng, ways))


def coarse_scan(ink: Ink, rng: Rng) -> tuple[Bytes, Bytes]:
    """As old data sets keep digits: a 16x16 or 8x8 raster that the digit fills to its borders.

    Grey (envelopes), black and white and stretched (forms), counts of 4x4 cells (tablets): (pixels, clean).
    """
    box = ink.mask[ink_box(ink.mask, 40)]
    way = rng.random()
    if way < 0.35:  # grey, 16x16, fills one or both sides
        scan = _stretched(box, 16, rng, keep_aspect=rng.random() < 0.5)
        if rng.random() < 0.4:
            scan = blurred(scan, rng.uniform(0.3, 0.6))
    elif way < 0.7:  # two levels, stretched
        scan = _stretched(box, 16, rng, keep_aspect=rng.random() < 0.25)
        scan = np.where(scan > rng.uniform(80, 140), 255, 0).astype(np.uint8)
    else:  # 32x32 bits counted in 4x4 cells: 17 levels
        bits = _stretched(box, 32, rng, keep_aspect=rng.random() < 0.6) > rng.uniform(90, 140)
        top, left = (32 - bits.shape[0]) // 2, (32 - bits.shape[1]) // 2
        full = pasted(bits.astype(np.uint8), (32, 32), top, left)
        scan = np.rint(full.reshape(8, 4, 8, 4).mean(axis=(1, 3)) * 16 * (255 / 16)).astype(np.uint8)
    clean = np.pad(scan, 3)
    if rng.random() < 0.5:
        scan = np.pad(scan, int(rng.integers(1, 7)))
    if rng.random() < 0.3:
        times = int(rng.integers(2, 9))
        way = Image.Resampling.NEAREST if rng.random() < 0.6 else Image.Resampling.BICUBIC
        scan = stretched(scan, times, filter_=way)
    return (255 - scan if rng.random() < 0.4 else scan), clean
