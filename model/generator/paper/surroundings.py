"""Surroundings: strokes or ink, sent as vectors or shown on a canvas, a page, a photograph, in a cell.

Each makes a source (`items.Source`) of a hand or an ink, whoever wrote it and whatever it is.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from model.generator.items import Bytes, Item, Rng, Source
from model.generator.paper.canvas import draw_on_canvas, ink_box, placed_on_page, present, resized
from model.generator.paper.cheques import ChequeDigit, cut
from model.generator.paper.disguises import coarse_scan, faint, on_page
from model.generator.paper.inks import InkMaker
from model.generator.paper.surface import form_cell, photograph
from model.generator.pens.hands import Hand
from model.generator.pens.rendering import draw, fit
from model.training.data import LabelledImages

T = TypeVar("T")


def either(share: float, first: Callable[[Rng], T], second: Callable[[Rng], T]) -> Callable[[Rng], T]:
    """A hand, an ink or a source: `first` with probability `share`, else `second`."""
    return lambda rng: first(rng) if rng.random() < share else second(rng)


def as_strokes(hand: Hand) -> Source:
    """Vectors, as the page sends them: any unit, any place."""

    def source(rng: Rng) -> Item:
        strokes, label, group = hand(rng)
        scale = float(np.exp(rng.uniform(np.log(20), np.log(800))))
        return Item(label, group, strokes=[stroke * scale + scale for stroke in strokes])

    return source


def on_canvas(hand: Hand) -> Source:
    """Images of a canvas in any colours, size, place and pen width."""

    def source(rng: Rng) -> Item:
        strokes, label, group = hand(rng)
        mask = draw_on_canvas(strokes, rng)
        return Item(label, group, pixels=present(mask, rng), clean=mask)

    return source


def printed(ink: InkMaker, *, room: float = 2.5) -> Source:
    """Screenshots and clean scans: anywhere on a page up to `room` times as large, in any colours."""

    def source(rng: Rng) -> Item:
        mask, label, group, _ = ink(rng)
        return Item(label, group, pixels=present(placed_on_page(mask, rng, room=room), rng))

    return source


def photographed(ink: InkMaker) -> Source:
    """Photographs of the ink on paper."""

    def source(rng: Rng) -> Item:
        mask, label, group, pen = ink(rng)
        height, width = mask.shape
        rows, columns = ink_box(mask)
        margins = rows.start / height, 1 - rows.stop / height, columns.start / width, 1 - columns.stop / width
        photo = photograph(mask, rng, width=pen, free=min(margins))
        return Item(label, group, pixels=photo.pixels, clean=photo.clean)

    return source


def in_cell(ink: InkMaker, *, borders: bool) -> Source:
    """Cells of forms and table columns: lines around or cut off, the neighbours' ink at the sides."""

    def source(rng: Rng) -> Item:
        mask, label, group, _ = ink(rng)
        tight = mask[ink_box(mask)]
        tall = max(tight.shape)
        pads = [max(1, int(tall * rng.uniform(0.04, 0.45))) for _ in range(4)]
        cell = clean = np.pad(tight, (pads[:2], pads[2:]))
        if rng.random() < (0.35 if borders else 0.5):
            other = ink(rng).mask
            cell = _enter(cell, other[:, ink_box(other)[1]], rng)
        limit = 110 if rng.random() < 0.7 else 64
        if max(cell.shape) > limit:
            factor = limit / max(cell.shape)
            new = (max(8, int(cell.shape[0] * factor)), max(8, int(cell.shape[1] * factor)))
            cell, clean = resized(cell, new), resized(clean, new)
        return Item(label, group, pixels=form_cell(cell, rng, borders=borders), clean=clean)

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


def disguised(images: LabelledImages) -> Source:
    """MNIST enlarged, small, off-centre, inverted, coloured, faint, as JPEG."""

    def source(rng: Rng) -> Item:
        index = int(rng.integers(len(images)))
        label = int(images.labels[index])
        if rng.random() < 0.75:
            return Item(label, 0, pixels=on_page(images.images[index], rng))
        pixels, clean = faint(images.images[index], rng)
        return Item(label, 0, pixels=pixels, clean=clean)

    return source


def coarsely_scanned(images: LabelledImages, hand: Hand) -> Source:
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


def on_cheque(digits: list[ChequeDigit], *, wide: bool) -> Source:
    """Digits cut from bank cheques, tightly or with what stands around them."""

    def source(rng: Rng) -> Item:
        digit = digits[int(rng.integers(len(digits)))]
        pixels, clean = cut(digit, rng, wide=wide)
        return Item(digit.label, digit.group, pixels=pixels, clean=clean)

    return source
