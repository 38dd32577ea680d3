"""Surroundings: strokes or ink, sent as vectors or shown on a canvas or a page, in disguise, on cheques.

Each makes a source (`items.Source`) of a hand or an ink, whoever wrote it and whatever it is.
"""

from model.generator.chance import between, one_of
from model.generator.items import Item, Rng, Source
from model.generator.paper.canvas import draw_on_canvas, placed_on_page, present
from model.generator.paper.cheques import ChequeDigit, cut
from model.generator.paper.disguises import coarse_scan, faint, on_page
from model.generator.paper.inks import InkMaker, any_image
from model.generator.pens.hands import Hand
from model.generator.pens.rendering import draw, fit
from model.training.data import NO_DIGIT, LabelledImages


def as_strokes(hand: Hand) -> Source:
    """Vectors, as the page sends them: any unit, any place."""

    def source(rng: Rng) -> Item:
        strokes, label, group = hand(rng)
        scale = between(rng, 20, 800)
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
        mask = placed_on_page(mask, rng, room=room)
        # What is no digit counts whatever the normaliser finds of it.
        clean = None if label == NO_DIGIT else mask
        return Item(label, group, pixels=present(mask, rng), clean=clean)

    return source


def disguised(images: LabelledImages) -> Source:
    """MNIST enlarged, small, off-centre, inverted, coloured, faint, as JPEG."""

    def source(rng: Rng) -> Item:
        digit, label = any_image(images, rng)
        pixels, clean = on_page(digit, rng) if rng.random() < 0.75 else faint(digit, rng)
        return Item(label, 0, pixels=pixels, clean=clean)

    return source


def coarsely_scanned(images: LabelledImages, hand: Hand) -> Source:
    """16x16 and 8x8 rasters of MNIST's digits and, a third of them, of pen strokes."""

    def source(rng: Rng) -> Item:
        if rng.random() < 0.33:
            strokes, label, group = hand(rng)
            placed = fit(strokes, (28, 28), rng, fill=(1.0, 1.0), margin=4.5)
            digit = draw(placed, (28, 28), rng.uniform(1.6, 3.2), rng)
        else:
            (digit, label), group = any_image(images, rng), 0
        pixels, clean = coarse_scan(digit, rng)
        return Item(label, group, pixels=pixels, clean=clean)

    return source


def on_cheque(digits: list[ChequeDigit], *, wide: bool) -> Source:
    """Digits cut from bank cheques, tightly or with what stands around them."""

    def source(rng: Rng) -> Item:
        digit = one_of(rng, digits)
        pixels, clean = cut(digit, rng, wide=wide)
        return Item(digit.label, digit.group, pixels=pixels, clean=clean)

    return source
