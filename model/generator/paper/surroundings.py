"""Surroundings: strokes or ink, sent as vectors, or shown as a picture.

Each makes a source (`items.Source`) of a hand or an ink, whoever wrote it and whatever it is.
"""

from collections.abc import Callable
from typing import TypeAlias

from model.generator.chance import between, one_of
from model.generator.items import Bytes, Item, Rng, Source
from model.generator.paper.canvas import placed_on_page, present
from model.generator.paper.cheques import ChequeDigit, cut
from model.generator.paper.inks import Ink, InkMaker, pen_ink
from model.generator.pens.hands import Hand
from model.training.data import NO_DIGIT

Way: TypeAlias = Callable[[Ink, Rng], tuple[Bytes, Bytes | None]]
"""Makes a picture of ink: its pixels, and the ink alone as it stands there, if that is to be found."""


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


def on_canvas(hand: Hand) -> Source:
    """Images of a canvas in any colours, size, place and pen width."""
    return shown(pen_ink(hand, (0.35, 1.0)), lambda ink, rng: (present(ink.mask, rng), ink.mask))


def printed(ink: InkMaker, *, room: float = 2.5) -> Source:
    """Screenshots and clean scans: anywhere on a page up to `room` times as large, in any colours."""

    def on_page(ink: Ink, rng: Rng) -> tuple[Bytes, Bytes | None]:
        mask = placed_on_page(ink.mask, rng, room=room)
        # A part of a character is no digit either.
        return present(mask, rng), None if ink.label == NO_DIGIT else mask

    return shown(ink, on_page)


def on_cheque(digits: list[ChequeDigit], *, wide: bool) -> Source:
    """Digits cut from bank cheques, tightly or with what stands around them."""

    def source(rng: Rng) -> Item:
        digit = one_of(rng, digits)
        pixels, clean = cut(digit, rng, wide=wide)
        return Item(digit.label, digit.amount.group, pixels=pixels, clean=clean)

    return source
