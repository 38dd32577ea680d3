"""Hands: who writes. Recorded strokes and stroke models, each time a little different."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from model.generator.items import Rng, Strokes, one_of
from model.generator.pens.pendigits import Drawing
from model.generator.pens.templates import draw_digit
from model.generator.pens.vectors import handwarp, resampled_hand
from model.training.data import NO_DIGIT

Hand: TypeAlias = Callable[[Rng], Drawing]


def redrawn(draw: Hand, strength: float) -> Hand:
    """What `draw` gives, as another hand would draw it; `strength` as in `handwarp`."""

    def hand(rng: Rng) -> Drawing:
        strokes, label, group = draw(rng)
        return Drawing(resampled_hand(handwarp(strokes, rng, strength), rng), label, group)

    return hand


def writers(samples: Sequence[Drawing]) -> Hand:
    """Recorded strokes, bent a little: another digit of the same writer."""
    return redrawn(lambda rng: one_of(rng, samples), 0.8)


def modelled() -> Hand:
    """Strokes of the stroke models, all digits alike often."""

    def digit(rng: Rng) -> Drawing:
        label = int(rng.integers(10))
        return Drawing(draw_digit(label, rng), label, 0)

    return redrawn(digit, 1.2)


def by_hand(draw: Callable[[Rng], Strokes], strength: float = 1.2) -> Hand:
    """What is no digit, as `draw` gives it, redrawn by another hand."""
    return redrawn(lambda rng: Drawing(draw(rng), NO_DIGIT, 0), strength)
