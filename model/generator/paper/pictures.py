"""How ink reaches the service other than by a camera: as strokes, on a canvas, on a page, scanned, or small.

Each function turns a hand or an ink into a source, whoever wrote it and whatever it shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from model.generator.items import Bytes, Item, Rng, Source, between, either, one_of
from model.generator.paper.camera import jpeg, noisy
from model.generator.paper.desk import photographed
from model.generator.paper.inks import Ink, InkMaker, pen_ink
from model.generator.paper.masks import Reals, blurred, pasted, placed_on_page, resized, stretched, tight
from model.generator.paper.scene import paint
from model.generator.pens.hands import Hand

Way: TypeAlias = Callable[[Ink, Rng], tuple[Bytes, Bytes]]
"""Makes a picture of ink: its pixels, and the ink alone as it stands there."""
REDUCING = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.HAMMING)


def as_strokes(hand: Hand) -> Source:
    """Vectors, as the page sends them: any unit, any place."""

    def source(rng: Rng) -> Item:
        strokes, label, group = hand(rng)
        scale = between(rng, 20, 800)
        return Item(label, group, strokes=[stroke * scale + scale for stroke in strokes])

    return source


def shown(ink: InkMaker, way: Way) -> Source:
    """Pictures of the ink, each made in the same way."""

    def source(rng: Rng) -> Item:
        made = ink(rng)
        pixels, clean = way(made, rng)
        return Item(made.label, made.group, pixels=pixels, clean=clean)

    return source


def printed(ink: InkMaker, *, room: float = 2.5) -> Source:
    """Canvases, screenshots and clean scans: ink on a page up to `room` times as large, in any colours."""

    def on_page(ink: Ink, rng: Rng) -> tuple[Bytes, Bytes]:
        mask = placed_on_page(ink.mask, rng, room=room)
        pixels = present(mask, rng)
        return (pixels if pixels.shape[-1] == 4 else jpeg(pixels, rng, 0.15, 30)), mask

    return shown(ink, on_page)


def printed_or_photographed(ink: InkMaker, photographs: float = 0.15, room: float = 1.8) -> Source:
    """Ink on a page, or, for the share `photographs`, in a photograph of one."""
    return either(photographs, photographed(ink), printed(ink, room=room))


def drawn(hand: Hand) -> Source:
    """A drawing: as vectors, in a photograph of paper, or on a canvas."""
    return either(0.55, as_strokes(hand), printed_or_photographed(pen_ink(hand), 0.33))


def mixed(mask: Bytes, ink: Reals | float, ground: Reals | float) -> Bytes:
    """`ink` over `ground` by the coverage `mask` (H, W): greys give (H, W), colours (3,) give (H, W, 3)."""
    share = mask / 255.0 if np.ndim(ink) == 0 else mask[..., None] / 255.0
    return np.clip(np.rint(ground + (ink - ground) * share), 0, 255).astype(np.uint8)


def present(mask: Bytes, rng: Rng) -> Bytes:
    """An image of the ink `mask` (H, W): black on white, inverted, grey, coloured or transparent."""
    way = rng.random()
    if way < 0.3:
        return 255 - mask
    if way < 0.5:
        return mask
    if way < 0.85:
        dark = rng.uniform(0, 0.6)
        pair = dark, rng.uniform(dark + 0.3, 1.0)
        ink, ground = pair if rng.random() < 0.7 else pair[::-1]
        if way < 0.65:
            return mixed(mask, 255 * ink, 255 * ground)
        return mixed(mask, *(255 * paint(rng, value, value, 0.9) for value in (ink, ground)))
    # On transparency, browsers leave the colour below alpha 0 black, other programs leave it white.
    pixels = np.empty((*mask.shape, 4), np.uint8)
    pixels[..., :3] = rng.choice([np.zeros(3), np.zeros(3), np.full(3, 255), rng.uniform(0, 255, 3)])
    if rng.random() < 0.3:
        pixels[mask == 0, :3] = 255
    pixels[..., 3] = mask
    return pixels


@dataclass(frozen=True, slots=True)
class Look:
    """How scanners and old data sets show a digit, cut to its ink. Two numbers are a range to draw from.

    `side` is the digit's longer side in pixels; a pen is no thinner than `pen` pixels. `room` is the margin,
    in sides, `contrast` that of ink and ground (0 to 1). The rest are chances: that the digit is stretched to
    a square (`filled`), black and white (`levels`), worn by blur, noise and JPEG, or enlarged afterwards.
    """

    side: tuple[float, float]
    room: tuple[float, float]
    contrast: tuple[float, float]
    pen: float = 0.0
    filled: float = 0.0
    levels: float = 0.0
    worn: float = 0.0
    enlarged: float = 0.0


FAINT = Look((18, 80), (0.1, 0.3), (0.16, 0.43), worn=0.7)
"""A scan of low contrast."""
BOXED = Look((16, 110), (0.0, 0.1), (0.3, 1.0), pen=1.0, levels=0.4, worn=0.6)
"""Cut to the box of the ink, or a pixel or two wider."""
COARSE = Look((8, 17), (0.0, 0.35), (1.0, 1.0), filled=0.55, levels=0.4, worn=0.15, enlarged=0.3)
"""As old data sets keep digits: a raster of some 8 to 16 pixels, that the digit fills to its borders."""


def scan(look: Look) -> Way:
    """A way to scan ink, with that look."""

    def way(ink: Ink, rng: Rng) -> tuple[Bytes, Bytes]:
        own = tight(ink.mask)
        high, wide = own.shape
        side = max(between(rng, *look.side), max(high, wide) * look.pen / ink.pen)
        size = np.array([high, wide]) * side / max(high, wide) * np.exp(rng.normal(0, 0.1, 2))
        if rng.random() < look.filled:
            # A bare bar filled to a square would be a blot: what is very narrow stays narrower.
            narrow = wide / high * rng.uniform(1.2, 2.0)
            size = side * np.array([1.0, 1.0 if wide > 0.45 * high else narrow])
        height, width = np.maximum(3, np.rint(size)).astype(int).tolist()
        clean = resized(own, (height, width), one_of(rng, REDUCING))
        clean = np.pad(clean, np.rint(rng.uniform(*look.room, (2, 2)) * side).astype(int))
        levels, contrast = rng.random() < look.levels, rng.uniform(*look.contrast)
        ink_level = rng.uniform(0, 255 * (1 - contrast))
        shown = (clean > rng.uniform(70, 145)) * np.uint8(255) if levels else clean
        pixels = mixed(shown, ink_level, ink_level + 255 * contrast)
        if rng.random() < look.worn and not levels:
            pixels = blurred(pixels, rng.uniform(0, 0.015) * side + 0.2)
            pixels = jpeg(noisy(pixels, rng, contrast * rng.uniform(0, 14)), rng, 0.5, 40)
        if rng.random() < look.enlarged:
            filter_ = one_of(rng, (Image.Resampling.NEAREST, Image.Resampling.BICUBIC))
            pixels = stretched(pixels, int(rng.integers(2, 9)), filter_=filter_)
        return (255 - pixels if rng.random() < 0.35 else pixels), clean

    return way


def small_canvas(ink: Ink, rng: Rng) -> tuple[Bytes, Bytes]:
    """A drawing with a thick brush on 28x28 pixels, or a few more or fewer, sometimes in black and white."""
    side, way = 28 if rng.random() < 0.75 else int(rng.integers(16, 41)), rng.random()
    small = stretched(ink.mask, side / max(ink.mask.shape), filter_=Image.Resampling(int(rng.integers(6))))
    mask = pasted(small, (side, side), (side - small.shape[0]) // 2, (side - small.shape[1]) // 2)
    if way < 0.35:
        mask = (mask > rng.uniform(60, 130)) * np.uint8(255)
    elif way < 0.6:  # a soft brush
        mask = np.clip(blurred(mask, rng.uniform(0.4, 0.8)) * rng.uniform(1.2, 2.5), 0, 255).astype(np.uint8)
    return present(mask, rng), mask
