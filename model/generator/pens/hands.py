"""Hands: who writes. Recorded strokes and stroke models, each time a little different."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from model.generator.chance import one_of
from model.generator.items import Rng, Strokes
from model.generator.pens.pendigits import Written
from model.generator.pens.templates import draw_digit
from model.generator.pens.vectors import handwarp, resampled_hand
from model.training.data import NO_DIGIT


class Drawing(NamedTuple):
    """What a hand draws: unit-sized strokes, their label (0-9 or `NO_DIGIT`) and their group."""

    strokes: Strokes
    label: int
    group: int


Hand: TypeAlias = Callable[[Rng], Drawing]


def writers(samples: Sequence[Written]) -> Hand:
    """Recorded strokes, bent a little: another digit of the same writer."""

    def hand(rng: Rng) -> Drawing:
        sample = one_of(rng, samples)
        return Drawing(resampled_hand(handwarp(sample.strokes, rng, 0.8), rng), sample.label, sample.writer)

    return hand


def modelled() -> Hand:
    """Strokes of the stroke models, all digits alike often."""

    def hand(rng: Rng) -> Drawing:
        digit = int(rng.integers(10))
        return Drawing(resampled_hand(handwarp(draw_digit(digit, rng), rng, 1.2), rng), digit, 0)

    return hand


def by_hand(draw: Callable[[Rng], Strokes], strength: float = 1.2) -> Hand:
    """What is no digit, as `draw` gives it, redrawn by another hand; `strength` as in `handwarp`."""
    return lambda rng: Drawing(resampled_hand(handwarp(draw(rng), rng, strength), rng), NO_DIGIT, 0)
