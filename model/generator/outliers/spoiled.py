"""What was a digit and is no longer one: halves, struck out, overlapping; and several in a row."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from model.generator.items import Item, Rng, Source, Strokes, between, one_of
from model.generator.numbers.strings import Spacing, by_writer, compose, draw_number
from model.generator.numbers.texts import digits, letters_of
from model.generator.paper.cheques import ChequeDigit, cut_out, inked
from model.generator.paper.masks import stretched
from model.generator.paper.pictures import present
from model.generator.pens.hands import Drawing, Hand, redrawn
from model.generator.pens.templates import STRIKES
from model.generator.pens.vectors import bounds, resample, to_unit
from model.training.data import NO_DIGIT, LabelledImages

Spoil: TypeAlias = Callable[[Rng, Drawing], Strokes | None]
"""Spoils a digit, whose strokes are unit-sized; gives None where the result might still be one."""

HALVES = {0: ("top", "bottom"), 2: ("bottom",), 3: ("left",), 5: ("top", "left"), 8: ("left",)}
"""Which half of which digit is no digit itself. The lower half of a 6 is a 0, half an 8 a 3, half a 7 a 1,
the upper half of a 2 a 7, and half a 4 often a 4."""


def spoiled(hand: Hand, spoil: Spoil) -> Hand:
    """Digits of `hand`, spoiled until they are digits no more; where `spoil` gives None, another is drawn."""

    def spoiler(rng: Rng) -> Drawing:
        while True:
            strokes, label, group = hand(rng)
            found = spoil(rng, Drawing(to_unit(strokes), label, group))
            if found is not None:
                return Drawing(to_unit(found), NO_DIGIT, group)

    return spoiler


def half(rng: Rng, digit: Drawing) -> Strokes | None:
    """What is left of a digit where a slanting cut leaves less than 55 %."""
    if digit.label not in HALVES:
        return None
    side = one_of(rng, HALVES[digit.label])
    fine = [resample(stroke, 0.02) for stroke in digit.strokes]
    low, high = bounds(fine)
    share, tilt, kept = rng.uniform(0.33, 0.46), rng.normal(0, 0.1), []
    for stroke in fine:
        x, y = ((stroke - low) / np.maximum(high - low, 1e-6)).T
        place, across = {"top": (y, x), "bottom": (1 - y, x), "left": (x, y)}[side]
        inside = place + tilt * (across - 0.5) < share
        runs = np.split(stroke, np.flatnonzero(np.diff(inside)) + 1)
        kept += [run for run in runs[0 if inside[0] else 1 :: 2] if len(run) > 1]
    total, left = sum(map(len, fine)), sum(map(len, kept))
    return kept if kept and 0.15 * total < left < 0.55 * total else None


def struck_out(rng: Rng, digit: Drawing) -> Strokes:
    """Any digit with a cross, several bars or a scrawl over it: one bar may be a 7's or a slashed 0's."""
    low, high = bounds(digit.strokes)
    return [*digit.strokes, *(low + stroke * (high - low + 0.05) for stroke in one_of(rng, STRIKES)(rng))]


def overlapping(hand: Hand) -> Spoil:
    """Another digit of `hand` written over a different one. Neither is a 1: it may be part of the other."""

    def over(rng: Rng, digit: Drawing) -> Strokes | None:
        other = hand(rng)
        if digit.label == other.label or 1 in (digit.label, other.label):
            return None
        shift = rng.uniform((0.28, 0.0), (0.5, 0.3)) * rng.choice([-1, 1], 2)
        return [*digit.strokes, *(stroke + shift for stroke in to_unit(other.strokes))]

    return over


def rows(samples: Sequence[Drawing], spacings: Sequence[Spacing]) -> Hand:
    """Two to four digits of one writer beside each other, in one of the spacings or farther apart."""
    hands = by_writer(samples)

    def row(rng: Rng) -> Drawing:
        said = letters_of(one_of(rng, ("", "", " ")).join(digits(rng, 2, one_of(rng, (2, 2, 3, 4)))))
        number = compose(hands, rng, said, one_of(rng, spacings))
        return Drawing(to_unit([stroke for part in number.parts for stroke in part]), NO_DIGIT, number.writer)

    return redrawn(row, 0.8)


def image_pairs(images: LabelledImages) -> Source:
    """Pictures of two of MNIST's digits that touch."""

    def source(rng: Rng) -> Item:
        number = compose({0: {}}, rng, letters_of(digits(rng, 2, 2)), "touching", images)
        height = between(rng, 30, 110)
        parts = draw_number(number, rng, height, 0.1 * height)
        both = parts.max(axis=0)
        return Item(NO_DIGIT, 0, pixels=present(both, rng), clean=both, parts=tuple(parts))

    return source


def cheque_pairs(signs: list[ChequeDigit]) -> Source:
    """Two neighbours on a cheque, cut out together."""
    neighbours = [
        (first, second)
        for first, second in pairwise(signs)
        if first.amount is second.amount and second.place == first.place + 1
    ]

    def source(rng: Rng) -> Item:
        first, second = one_of(rng, neighbours)
        pixels = stretched(cut_out((first, second), np.ones(4)), rng.uniform(1.0, 2.5), least=10)
        return Item(NO_DIGIT, first.amount.group, pixels=pixels, parts=(inked(first), inked(second)))

    return source
