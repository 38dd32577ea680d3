"""Number strings of one hand: digits of one writer set side by side, at four spacings, and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from model.generator.chance import one_of
from model.generator.items import Bytes, Floats, Rng, Strokes
from model.generator.pens.pendigits import Drawing
from model.generator.pens.rendering import draw
from model.generator.pens.vectors import affine, resample

Spacing: TypeAlias = Literal["wide", "normal", "tight", "touching"]
SPACINGS: tuple[Spacing, ...] = ("wide", "normal", "tight", "touching")

_GAPS: dict[Spacing, tuple[float, float]] = {
    "wide": (0.35, 0.9),
    "normal": (0.12, 0.3),
    "tight": (0.08, 0.14),
    "touching": (-0.08, 0.04),
}
"""The room between neighbours in digit heights; the pen's width takes some of it."""
_DEEPEST = {"tight": 0.25, "touching": 0.35}
"""How far these hands fit a digit into the room that the one before leaves, in digit heights at most."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in strokes; a digit is about 1 high, y points down."""

    text: str
    digits: tuple[Strokes, ...]
    """The strokes of each digit, in place."""
    spacing: Spacing
    writer: int
    beside: Strokes
    """Strokes beside the number that are no digits."""

    @property
    def strokes(self) -> Strokes:
        """All strokes."""
        return [*(stroke for digit in self.digits for stroke in digit), *self.beside]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number as a picture: ink (H, W) 0-255 on black, and each digit's own ink, (n, H, W)."""

    ink: Bytes
    digits: Bytes


def by_writer(samples: Sequence[Drawing]) -> dict[int, dict[int, list[Drawing]]]:
    """Digits by writer, then by label."""
    hands: dict[int, dict[int, list[Drawing]]] = {}
    for sample in samples:
        hands.setdefault(sample.group, {}).setdefault(sample.label, []).append(sample)
    return hands


def compose(
    hands: Mapping[int, Mapping[int, Sequence[Drawing]]],
    rng: Rng,
    length: int,
    spacing: Spacing,
) -> Number:
    """A number of `length` random digits of one random writer, with a slant and a wavy base line."""
    writer = int(rng.choice(sorted(hands)))
    hand = hands[writer]
    labels = rng.choice(sorted(hand), length)
    slant, turn = rng.normal(0, 0.08), rng.normal(0, 0.015)
    upright = rng.random() < 0.6  # whether digits are equally high; else their longer sides are alike
    digits: list[Strokes] = []
    wave = rng.uniform(0, 0.05)
    for place, label in enumerate(labels):
        choices = hand[int(label)]
        strokes = [resample(affine(stroke, slant=slant), 0.02) for stroke in one_of(rng, choices).strokes]
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        tall, wide = high[1] - low[1], high[0] - low[0]
        size = max(tall, 0.6 * wide, 1e-3) if upright else max(tall, wide, 1e-3)
        factor = float(np.exp(rng.normal(0, 0.06))) / size
        lift = rng.normal(0, 0.03) + wave * np.sin(0.9 * place)
        # Digits stand on the base line, as high as they are.
        digits.append([(stroke - [low[0], high[1]]) * factor + [0.0, lift] for stroke in strokes])
    placed = _side_by_side(digits, rng, spacing)
    if turn:
        placed = [[affine(stroke, angle=turn) for stroke in digit] for digit in placed]
    text = "".join(str(int(label)) for label in labels)
    return Number(text, tuple(placed), spacing, writer, _beside(placed, rng) if rng.random() < 0.3 else [])


def _beside(placed: list[Strokes], rng: Rng) -> Strokes:
    """A dash, two dashes, an equals sign or a dot after the number, or a dash before it."""
    first, last = np.concatenate(placed[0]), np.concatenate(placed[-1])
    x, y = last[:, 0].max() + rng.uniform(0.12, 0.5), last[:, 1].mean()
    wide, tilt = rng.uniform(0.18, 0.6), rng.normal(0, 0.05)
    if rng.random() < 0.2:
        foot = last[:, 1].max()
        return [np.array([[x - 0.08, foot - 0.03], [x - 0.06, foot]])]
    before = first[:, 0].min() - wide - rng.uniform(0.12, 0.4), y
    two, equals = ((x, y), (x + wide + 0.2, y)), ((x, y - 0.1), (x, y + 0.1))
    bars = one_of(rng, (((x, y),), ((x, y),), two, equals, (before,)))
    return [resample(np.array([[left, at], [left + wide, at + tilt]]), 0.02) for left, at in bars]


def _side_by_side(digits: list[Strokes], rng: Rng, spacing: Spacing) -> list[Strokes]:
    placed = [digits[0]]
    usual, deepest = rng.uniform(*_GAPS[spacing]), _DEEPEST.get(spacing, 0.0)
    for digit in digits[1:]:
        gap = usual + rng.normal(0, 0.25) * 0.5 * abs(usual)
        if spacing == "touching" and rng.random() < 0.15:
            gap = rng.uniform(0.03, 0.12)  # not every pair of a touching hand touches
        before, after = np.concatenate(placed[-1]), np.concatenate(digit)
        if deepest:
            gap = max(gap - _room(before, after), -deepest)
        placed.append([stroke + np.array([before[:, 0].max() + gap, 0.0]) for stroke in digit])
    return placed


def _room(before: Floats, after: Floats) -> float:
    """How far a digit (m, 2) can be moved over the end of the one before (n, 2) until their lines meet."""
    near = np.abs(before[:, None, 1] - after[:, 1]) < 0.15  # the pen has a width
    room = before[:, 0].max() - before[:, None, 0] + after[:, 0]
    return float(room[near].min()) if near.any() else 0.0


def draw_number(
    number: Number, rng: Rng, height: float, pen: float, room: tuple[float, float] = (0.1, 0.6)
) -> Drawn:
    """Draw a number with digits of `height` pixels and a pen of `pen` pixels, `room` (heights) around it."""
    points = np.concatenate(number.strokes) * height
    low, high = points.min(axis=0), points.max(axis=0)
    margin = pen + rng.uniform(*room, 4) * height
    shift = margin[:2] - low
    wide, tall = (high - low + margin[:2] + margin[2:]).astype(int).tolist()
    size = tall + 1, wide + 1
    pressure, taper = rng.uniform(0, 0.12), 0.3 if rng.random() < 0.2 else 0.0

    def inked(strokes: Strokes) -> Bytes:
        moved = [stroke * height + shift for stroke in strokes]
        return draw(moved, size, pen, rng, pressure=pressure, taper=taper)

    digits = np.stack([inked(digit) for digit in number.digits])
    return Drawn(np.maximum(digits.max(axis=0), inked(number.beside)), digits)


def random_length(rng: Rng) -> int:
    """1 to 20 digits; 2 to 8 are usual."""
    return int(rng.integers(1, 21)) if rng.random() < 0.15 else int(rng.integers(2, 9))


def on_paper(drawn: Drawn, rng: Rng) -> Bytes:
    """A grey picture of a number: dark on light or the reverse, even or with the grain and print of paper."""
    height, width = drawn.ink.shape
    cover = drawn.ink.astype(np.float32) / 255.0 * rng.uniform(0.75, 1.0)
    paper, ink = rng.uniform(170, 255), rng.uniform(0, 80)
    if rng.random() < 0.25:
        paper, ink = ink, paper
    ground = np.full((height, width), paper, np.float32)
    if rng.random() < 0.5:
        contrast = abs(paper - ink)
        ground += rng.normal(0, rng.uniform(0, 0.06) * contrast, (height, width)).astype(np.float32)
        if rng.random() < 0.6:
            y, x = np.mgrid[:height, :width].astype(np.float32)
            angle, period = rng.uniform(0, np.pi), rng.uniform(4, 12)
            wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period)
            ground += wave * rng.uniform(0, 0.08) * contrast
    picture = ground * (1 - cover) + ink * cover
    return np.asarray(np.clip(np.rint(picture), 0, 255), dtype=np.uint8)
