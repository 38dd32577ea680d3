"""Sources of handwritten digits: pen strokes and stroke models, as vectors, on canvases and on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from model.generator.items import Bytes, Item, Source, Strokes
from model.generator.paper.canvas import draw_on_canvas, placed_on_page, present, resized
from model.generator.paper.cheques import ChequeDigit, cut
from model.generator.paper.disguises import coarse_scan, faint, on_page, sharp
from model.generator.paper.fonts import Font, by_family, glyph, pick
from model.generator.paper.surface import form_cell, photograph
from model.generator.pens.pendigits import Written
from model.generator.pens.rendering import draw, fit
from model.generator.pens.templates import draw_digit
from model.generator.pens.vectors import handwarp, resampled_hand
from model.training.data import LabelledImages as Images

Rng: TypeAlias = np.random.Generator
Hand: TypeAlias = Callable[[Rng], tuple[Strokes, int, int]]
"""Draws strokes (unit-sized), their label and group."""
Ink: TypeAlias = Callable[[Rng], tuple[Bytes, int, int, float]]
"""Draws an ink mask on some free room, its label and group, and the pen's width in pixels."""


def writers(samples: list[Written]) -> Hand:
    """Recorded strokes, bent a little: another digit of the same writer."""

    def hand(rng: Rng) -> tuple[Strokes, int, int]:
        sample = samples[int(rng.integers(len(samples)))]
        return resampled_hand(handwarp(sample.strokes, rng, 0.8), rng), sample.label, sample.writer

    return hand


def modelled() -> Hand:
    """Strokes of the stroke models, all digits alike often."""

    def hand(rng: Rng) -> tuple[Strokes, int, int]:
        digit = int(rng.integers(10))
        return resampled_hand(handwarp(draw_digit(digit, rng), rng, 1.2), rng), digit, 0

    return hand


def either(first: Hand, second: Hand, share: float) -> Hand:
    """`first` with probability `share`, else `second`."""
    return lambda rng: first(rng) if rng.random() < share else second(rng)


def mixed(first: Source, second: Source, share: float) -> Source:
    """`first` with probability `share`, else `second`."""
    return lambda rng: first(rng) if rng.random() < share else second(rng)


def as_strokes(hand: Hand) -> Source:
    """Vectors, as the page sends them: any unit, any place."""

    def source(rng: Rng) -> Item:
        strokes, label, group = hand(rng)
        scale = float(np.exp(rng.uniform(np.log(20), np.log(800))))
        return Item(label, group, strokes=[stroke * scale + scale for stroke in strokes])

    return source


def as_canvas(hand: Hand) -> Source:
    """Images of a canvas in any colours, size, place and pen width."""

    def source(rng: Rng) -> Item:
        strokes, label, group = hand(rng)
        pixels = present(draw_on_canvas(strokes, rng), rng)
        return Item(label, group, pixels=pixels, whole=strokes, legible=0.6)

    return source


def pen_ink(hand: Hand) -> Ink:
    """Ink of a pen on paper: a digit of 40 to 130 pixels with room around it."""

    def ink(rng: Rng) -> tuple[Bytes, int, int, float]:
        strokes, label, group = hand(rng)
        side = int(rng.uniform(40, 130))
        width = max(1.4, side * float(np.exp(rng.uniform(np.log(0.02), np.log(0.12)))))
        size = (int(side * rng.uniform(1.4, 2.0)), int(side * rng.uniform(1.3, 2.2)))
        placed = fit(strokes, size, rng, fill=(0.85, 1.0), margin=0.17 * min(size))
        mask = draw(placed, size, width, rng, pressure=float(rng.uniform(0.0, 0.3)))
        return mask, label, group, width

    return ink


def image_ink(images: Images) -> Ink:
    """MNIST's digits with crisp edges, 45 to 130 pixels large, with room around them."""

    def ink(rng: Rng) -> tuple[Bytes, int, int, float]:
        index = int(rng.integers(len(images)))
        factor = float(rng.uniform(2.4, 6.5))
        mask = sharp(images.images[index], factor, float(rng.uniform(85, 165)), float(rng.uniform(15, 45)))
        free = int(mask.shape[0] * rng.uniform(0.05, 0.25))
        return np.pad(mask, free), int(images.labels[index]), 0, 2.2 * factor

    return ink


def printed_ink(fonts: list[Font], *, small: bool = False) -> Ink:
    """Digits of fonts, upright or slightly turned, filled, emboldened or in outline.

    `small` gives 9 to 40 pixels an em, as on screens; else 28 to 110.
    """
    families = by_family(fonts)

    def ink(rng: Rng) -> tuple[Bytes, int, int, float]:
        font = pick(families, rng)
        text = font.digits[int(rng.integers(len(font.digits)))]
        sizes = (14, 18, 22, 28, 36) if small else (36, 48, 64, 96)
        size = sizes[int(rng.integers(len(sizes)))]
        stroke = int(rng.random() < 0.12) * max(1, size // 32)
        mask = glyph(font, text, size, stroke=stroke)
        if not small and rng.random() < 0.06:  # in outline
            inner, outer = mask, glyph(font, text, size, stroke=stroke + max(1, size // 24))
            pad = [(outer.shape[axis] - inner.shape[axis]) for axis in (0, 1)]
            if min(pad) >= 0:
                hole = np.pad(inner, [(value // 2, value - value // 2) for value in pad])
                mask = np.where(hole > 127, 0, outer)
        free = int(max(mask.shape) * rng.uniform(0.1, 0.4))
        return np.pad(mask, free), int(text), font.number, size * 0.08

    return ink


def as_print(ink: Ink) -> Source:
    """Screenshots and clean scans of print, anywhere on a page, in any colours."""

    def source(rng: Rng) -> Item:
        mask, label, group, _ = ink(rng)
        page = placed_on_page(mask, rng, room=2.5)
        return Item(label, group, pixels=present(page, rng))

    return source


def as_photo(ink: Ink) -> Source:
    """Photographs of the ink on paper."""

    def source(rng: Rng) -> Item:
        mask, label, group, width = ink(rng)
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        height, breadth = mask.shape
        free = 0.0
        if len(rows):
            free = min(
                rows[0] / height, 1 - rows[-1] / height, columns[0] / breadth, 1 - columns[-1] / breadth
            )
        photo = photograph(mask, rng, width=width, free=float(free))
        return Item(label, group, pixels=photo.pixels, clean=photo.clean)

    return source


def _enter(cell: Bytes, neighbour: Bytes, rng: Rng) -> Bytes:
    """Let a neighbour's ink come in from the left or right, a part of it only."""
    height, width = cell.shape
    scale = height * float(rng.uniform(0.6, 1.0)) / neighbour.shape[0]
    other = resized(
        neighbour, (max(4, int(neighbour.shape[0] * scale)), max(3, int(neighbour.shape[1] * scale)))
    )
    visible = max(1, min(int(width * rng.uniform(0.03, 0.16)), other.shape[1]))
    top = int(rng.integers(-(other.shape[0] // 4), max(1, height - other.shape[0] + other.shape[0] // 4)))
    out = cell.copy()
    rows = slice(max(0, top), min(height, top + other.shape[0]))
    part = other[rows.start - top : rows.stop - top]
    if rng.random() < 0.5:
        out[rows, :visible] = np.maximum(out[rows, :visible], part[:, -visible:])
    else:
        out[rows, width - visible :] = np.maximum(out[rows, width - visible :], part[:, :visible])
    return out


def as_cell(ink: Ink, *, borders: bool) -> Source:
    """Cells of forms and table columns: lines around or cut off, the neighbours' ink at the sides."""

    def source(rng: Rng) -> Item:
        mask, label, group, _ = ink(rng)
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else mask
        tall = max(tight.shape)
        pads = [max(1, int(tall * rng.uniform(0.04, 0.45))) for _ in range(4)]
        cell = np.pad(tight, ((pads[0], pads[1]), (pads[2], pads[3])))
        clean = cell
        if rng.random() < (0.35 if borders else 0.5):
            other = ink(rng)[0]
            inked = np.flatnonzero(other.any(axis=0))
            if len(inked):
                cell = _enter(cell, other[:, inked[0] : inked[-1] + 1], rng)
        limit = 110 if rng.random() < 0.7 else 64
        if max(cell.shape) > limit:
            factor = limit / max(cell.shape)
            new = (max(8, int(cell.shape[0] * factor)), max(8, int(cell.shape[1] * factor)))
            cell, clean = resized(cell, new), resized(clean, new)
        photo = form_cell(cell, rng, borders=borders)
        return Item(label, group, pixels=photo.pixels, clean=clean)

    return source


def as_disguise(images: Images) -> Source:
    """MNIST enlarged, small, off-centre, inverted, coloured, faint, as JPEG."""

    def source(rng: Rng) -> Item:
        index = int(rng.integers(len(images)))
        label = int(images.labels[index])
        if rng.random() < 0.75:
            return Item(label, 0, pixels=on_page(images.images[index], rng))
        pixels, clean = faint(images.images[index], rng)
        return Item(label, 0, pixels=pixels, clean=clean)

    return source


def as_coarse_scan(images: Images, hand: Hand) -> Source:
    """16x16 and 8x8 rasters of MNIST's digits and, a third of them, of pen strokes."""

    def source(rng: Rng) -> Item:
        if rng.random() < 0.33:
            strokes, label, group = hand(rng)
            placed = fit(strokes, (28, 28), rng, fill=(1.0, 1.0), margin=4.5)
            digit = draw(placed, (28, 28), float(rng.uniform(1.6, 3.2)), rng)
        else:
            index = int(rng.integers(len(images)))
            digit, label, group = images.images[index], int(images.labels[index]), 0
        pixels, clean = coarse_scan(digit, rng)
        return Item(label, group, pixels=pixels, clean=clean)

    return source


def as_cheque(digits: list[ChequeDigit], *, wide: bool) -> Source:
    """Digits cut from bank cheques."""

    def source(rng: Rng) -> Item:
        digit = digits[int(rng.integers(len(digits)))]
        pixels, clean = cut(digit, rng, wide=wide)
        return Item(digit.label, digit.group, pixels=pixels, clean=clean, legible=0.62)

    return source
