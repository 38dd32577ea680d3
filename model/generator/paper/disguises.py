"""MNIST's digits as other programs, scanners and data sets would show them."""

import numpy as np
from PIL import Image

from model.generator.chance import between, one_of
from model.generator.items import Bytes, Rng
from model.generator.paper.camera import blurred, jpeg, noisy
from model.generator.paper.canvas import ink_box, mixed, pasted, placed_on_page, present, resized, stretched

SMOOTH = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS)


def enlarged(digit: Bytes, factor: float, filter_: Image.Resampling = Image.Resampling.BICUBIC) -> Bytes:
    """A 28x28 digit `factor` times as large."""
    return stretched(digit, (factor, factor), 8, filter_)


def sharp(digit: Bytes, factor: float, level: float = 127.0, softness: float = 24.0) -> Bytes:
    """Enlarge a 28x28 digit with smooth outlines and crisp edges, as if it had been written that large.

    A `level` above 127 makes the pen thinner, below it thicker.
    """
    big = blurred(enlarged(digit, factor), factor * 0.35)
    ramp = np.clip((np.arange(256) - level) * (127.0 / softness) + 127.0, 0, 255).astype(np.uint8)
    return np.asarray(ramp[big], np.uint8)


def on_page(digit: Bytes, rng: Rng) -> tuple[Bytes, Bytes]:
    """Enlarged or made small, off-centre on a page, in any colours, maybe as a JPEG: (pixels, clean)."""
    if rng.random() < 0.5:
        factor = between(rng, 0.9, 7.0)
        mask = enlarged(digit, factor, one_of(rng, SMOOTH))
    elif rng.random() < 0.3:
        factor = float(rng.integers(2, 7))
        mask = enlarged(digit, factor, Image.Resampling.NEAREST)
    else:
        factor = rng.uniform(2.0, 7.0)
        mask = sharp(digit, factor, rng.uniform(80, 165), rng.uniform(10, 60))
    if rng.random() < 0.6:
        mask = placed_on_page(mask, rng, room=rng.uniform(1.1, max(1.2, min(4.0, 10 / factor))))
    pixels = present(mask, rng)
    return (pixels if pixels.shape[-1] == 4 else jpeg(pixels, rng, 0.35, 15)), mask


def faint(digit: Bytes, rng: Rng) -> tuple[Bytes, Bytes]:
    """Low contrast, blur or noise, at MNIST's own size or larger: (pixels, clean)."""
    factor = rng.choice([1.0, 1.0, 2.0, 4.0])
    mask = digit if factor == 1 else enlarged(digit, factor)
    ground = rng.uniform(0, 255)
    gap = rng.uniform(40, 110) * (1 if ground < 127 else -1)
    pixels = mixed(mask, ground + gap, ground)
    if rng.random() < 0.4:
        pixels = blurred(pixels, 0.5 * factor)
    if rng.random() < 0.5:
        pixels = noisy(pixels, rng, rng.uniform(0.5, abs(gap) / 14))
    return jpeg(pixels, rng, 0.4, 40), mask


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


def coarse_scan(digit: Bytes, rng: Rng) -> tuple[Bytes, Bytes]:
    """As old data sets keep digits: a 16x16 or 8x8 raster that the digit fills to its borders.

    Grey (envelopes), black and white and stretched (forms), counts of 4x4 cells (tablets): (pixels, clean).
    """
    written = sharp(digit, 4.0, rng.uniform(85, 150))
    box = written[ink_box(written, 40)]
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
        scan = stretched(scan, (times, times), filter_=way)
    return (255 - scan if rng.random() < 0.4 else scan), clean
