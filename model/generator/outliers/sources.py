"""Sources of what is no single legible digit, each drawn with the same pens as the digits are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from model.generator.items import NOT_A_DIGIT, Bytes, Item, Source, Strokes
from model.generator.outliers import letters, spoiled, textures
from model.generator.outliers.scripts import coverage
from model.generator.paper.camera import jpeg
from model.generator.paper.canvas import as_mnist, draw_on_canvas, placed_on_page, present, resized
from model.generator.paper.cheques import ChequeDigit
from model.generator.paper.disguises import sharp
from model.generator.paper.fonts import Font, by_family, glyph, pick
from model.generator.paper.surface import photograph
from model.generator.paper.warping import bent
from model.generator.pens.rendering import draw, fit
from model.generator.pens.templates import draw_digit
from model.generator.pens.vectors import handwarp, resampled_hand, to_unit
from model.generator.written import Hand
from model.training.data import LabelledImages as Images

LOOKS_ALIKE = 0.83
"""A printed character with a cosine above this to a printed digit is used for neither side."""

Rng: TypeAlias = np.random.Generator
Drawing: TypeAlias = Callable[[Rng], tuple[Strokes, int]]
"""Draws unit-sized strokes that are no digit, and their group."""


def drawn(drawing: Drawing, *, vectors: float = 0.55, photos: float = 0.15) -> Source:
    """A drawing as vectors (that share of the time), as a photograph of paper, or as a canvas's image."""

    def source(rng: Rng) -> Item:
        strokes, group = drawing(rng)
        way = rng.random()
        if way < vectors:
            return Item(NOT_A_DIGIT, group, strokes=[stroke * 200.0 + 200.0 for stroke in strokes])
        if way < vectors + photos:
            side = int(rng.uniform(50, 110))
            placed = fit(strokes, (side, side), rng, fill=(0.9, 1.0), margin=0.17 * side)
            width = max(1.4, side * float(np.exp(rng.uniform(np.log(0.02), np.log(0.07)))))
            photo = photograph(draw(placed, (side, side), width, rng), rng, width=width, free=0.15)
            return Item(NOT_A_DIGIT, group, pixels=photo.pixels, whole=strokes, legible=0.75)
        pixels = present(draw_on_canvas(strokes, rng), rng)
        # A letter that lost a stroke may be a digit: the bows of a B are a 3.
        return Item(NOT_A_DIGIT, group, pixels=pixels, whole=strokes, legible=0.75)

    return source


def by_hand(make: Callable[[Rng], Strokes], strength: float = 1.2) -> Drawing:
    """Let another hand redraw what `make` draws."""
    return lambda rng: (resampled_hand(handwarp(make(rng), rng, strength), rng), 0)


def hand_letters() -> Drawing:
    """Letters of the stroke models; their group is the letter."""

    def drawing(rng: Rng) -> tuple[Strokes, int]:
        strokes, number = letters.draw_letter(rng)
        return resampled_hand(handwarp(strokes, rng, 1.2), rng), number

    return drawing


def pairs(hand: Hand) -> Source:
    """Two or three digits in a row. Where the normaliser takes one of them alone, the item is dropped."""

    def source(rng: Rng) -> Item:
        drawings = [hand(rng) for _ in range(2 if rng.random() < 0.75 else 3)]
        digits = [to_unit(strokes) for strokes, _, _ in drawings]
        row = spoiled.side_by_side(digits, rng)
        if rng.random() < 0.6:
            return Item(NOT_A_DIGIT, drawings[0][2], strokes=[stroke * 200.0 + 200.0 for stroke in row])
        pixels = present(draw_on_canvas(row, rng), rng)
        return Item(NOT_A_DIGIT, drawings[0][2], pixels=pixels, whole=row, legible=0.8)

    return source


def image_pairs(images: Images) -> Source:
    """Two of MNIST's digits that touch."""

    def source(rng: Rng) -> Item:
        chosen = [images.images[int(index)] for index in rng.integers(len(images), size=2)]
        cut = [image[:, np.flatnonzero(image.max(axis=0) > 60)] for image in chosen]
        # A thin 1 may be narrower than the touch that was drawn: it cannot reach beyond its neighbour.
        touch = min(int(rng.integers(0, 4)), cut[0].shape[1] - 1, cut[1].shape[1] - 1)
        width = cut[0].shape[1] + cut[1].shape[1] - touch
        both = np.zeros((28, width), np.uint8)
        both[:, : cut[0].shape[1]] = cut[0]
        right = both[:, width - cut[1].shape[1] :]
        np.maximum(right, cut[1], out=right)
        mask = resized(both, (84, width * 3))
        pixels = present(placed_on_page(mask, rng, room=1.6), rng)
        return Item(NOT_A_DIGIT, 0, pixels=pixels, parts=tuple(chosen))

    return source


def cheque_pairs(digits: list[ChequeDigit]) -> Source:
    """Two neighbours on a cheque, cut out together."""
    neighbours = [
        (first, second)
        for first, second in pairwise(digits)
        if first.name == second.name and second.place == first.place + 1
    ]

    def source(rng: Rng) -> Item:
        first, second = neighbours[int(rng.integers(len(neighbours)))]
        x0, x1 = first.box[0], second.box[0] + second.box[2]
        y0 = min(first.box[1], second.box[1])
        y1 = max(first.box[1] + first.box[3], second.box[1] + second.box[3])
        pixels = first.amount[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1]
        parts = tuple(
            d.amount[d.box[1] : d.box[1] + d.box[3], d.box[0] : d.box[0] + d.box[2]] for d in (first, second)
        )
        factor = float(rng.uniform(1.0, 2.5))
        size = (max(10, round(pixels.shape[0] * factor)), max(10, round(pixels.shape[1] * factor)))
        return Item(NOT_A_DIGIT, first.group, pixels=resized(pixels, size), parts=parts)

    return source


def spoiled_digits(hand: Hand, way: str) -> Drawing:
    """Digits spoiled in the `way` "half", "struck", "overlapping" or "lying"."""

    def drawing(rng: Rng) -> tuple[Strokes, int]:
        while True:
            strokes, label, group = hand(rng)
            strokes = to_unit(strokes)
            if way == "struck":
                return spoiled.struck_out(strokes, rng), group
            if way == "overlapping":
                other, second, _ = hand(rng)
                if second != label and 1 not in (label, second):
                    return spoiled.overlapping(strokes, to_unit(other), rng), group
            elif way == "lying":
                if label in spoiled.LYING:
                    return spoiled.lying(strokes, rng), group
            else:
                rest = spoiled.half(label, strokes, rng)
                if rest is not None:
                    return to_unit(rest), group

    return drawing


def printed_characters(fonts: list[Font], digit_fonts: list[Font], scripts: tuple[str, ...] = ()) -> Source:
    """Characters of `scripts` (none named: all but Latin, each as often as the others), warped a little.

    Whatever comes near a digit of any of `digit_fonts` is left out.
    """
    resembles = like_digits(digit_fonts)
    covered = coverage(fonts)
    names = [name for name in (scripts or tuple(n for n in covered if n != "latin")) if name in covered]
    numbers = {name: number for number, name in enumerate(covered)}
    families = {name: by_family([font for font, _ in covered[name]]) for name in names}
    codes = {(name, font.path): codes for name in names for font, codes in covered[name]}

    def source(rng: Rng) -> Item:
        mask = np.zeros((1, 1), np.uint8)
        # Some fonts have blanks where their map promises a character.
        while mask.max() < 128 or resembles(mask):
            name = names[int(rng.integers(len(names)))]
            font = pick(families[name], rng)
            usable = codes[name, font.path]
            mask = glyph(font, chr(usable[int(rng.integers(len(usable)))]), int(rng.choice([24, 36, 48, 64])))
        if rng.random() < 0.6:
            mask = bent(mask, rng)
        if rng.random() < 0.15:
            free = int(max(mask.shape) * 0.25)
            photo = photograph(np.pad(mask, free), rng, width=mask.shape[0] * 0.06, free=0.15)
            return Item(NOT_A_DIGIT, numbers[name], pixels=photo.pixels, clean=photo.clean)
        return Item(NOT_A_DIGIT, numbers[name], pixels=present(placed_on_page(mask, rng, room=1.8), rng))

    return source


def like_digits(fonts: list[Font]) -> Callable[[Bytes], bool]:
    """Tells whether a printed shape (H, W) is nearly the same as a digit of some font or stroke model."""
    shapes = [
        glyph(family[0], text, 48) for family in by_family(fonts).members[:80] for text in family[0].digits
    ]
    rng = np.random.default_rng(0)
    for digit in np.repeat(np.arange(10), 40):  # written by hand, too: printed zeros are narrow
        placed = fit(draw_digit(int(digit), rng), (60, 60), rng, fill=(1.0, 1.0), margin=6)
        shapes.append(draw(placed, (60, 60), 5.0, rng))
    known = np.stack([as_mnist(shape).ravel() for shape in shapes]).astype(np.float32)
    known /= np.linalg.norm(known, axis=1, keepdims=True)

    def resembles(mask: Bytes) -> bool:
        field = as_mnist(mask).astype(np.float32).ravel()
        return bool((known @ field).max() > LOOKS_ALIKE * np.linalg.norm(field))

    return resembles


def pictures(make: Callable[[Rng], Bytes]) -> Source:
    """Textures and pictures, either polarity, maybe through a JPEG."""

    def source(rng: Rng) -> Item:
        pixels = make(rng)
        if rng.random() < 0.5:
            pixels = 255 - pixels
        if rng.random() < 0.3:
            pixels = jpeg(pixels, int(rng.integers(20, 90)))
        return Item(NOT_A_DIGIT, 0, pixels=pixels)

    return source


def fabrics(images: Images) -> Source:
    """Clothes of Fashion-MNIST, as they are, enlarged, or as silhouettes; a third are of our own cut."""

    def source(rng: Rng) -> Item:
        way = rng.random()
        if way < 0.3:
            return Item(NOT_A_DIGIT, 10, pixels=textures.draw_garment(rng))
        index = int(rng.integers(len(images)))
        cloth = images.images[index]
        if way < 0.6:
            cloth = resized(cloth, (84, 84))
        elif way < 0.7:
            cloth = sharp(cloth, 3.0, float(rng.uniform(40, 160)))
        return Item(
            NOT_A_DIGIT, int(images.labels[index]), pixels=255 - cloth if rng.random() < 0.4 else cloth
        )

    return source
