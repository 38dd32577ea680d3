"""Number strings of one hand: digits of one writer set side by side, at four spacings, and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.generator.chance import one_of
from model.generator.items import Bytes, Floats, Rng, Strokes
from model.generator.pens.pendigits import Written
from model.generator.pens.rendering import draw
from model.generator.pens.vectors import affine, resample

Spacing: TypeAlias = Literal["wide", "normal", "tight", "touching"]
SPACINGS: tuple[Spacing, ...] = ("wide", "normal", "tight", "touching")

_ROWS = 40
"""Rows over two digit heights in which the room between two neighbours is measured."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in strokes; a digit is about 1 high, y points down."""

    text: str
    digits: tuple[Strokes, ...]
    """The strokes of each digit, in place."""
    spacing: Spacing
    writer: int
    before: Strokes = field(default_factory=list)
    after: Strokes = field(default_factory=list)
    """Strokes beside the number that are no digits."""

    @property
    def strokes(self) -> Strokes:
        """All strokes, in the order of writing."""
        return [*self.before, *(stroke for digit in self.digits for stroke in digit), *self.after]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number as a picture: ink (H, W) 0-255 on black, and each digit's own ink, (n, H, W)."""

    ink: Bytes
    digits: Bytes


def by_writer(samples: Sequence[Written]) -> dict[int, dict[int, list[Written]]]:
    """Digits by writer, then by label."""
    hands: dict[int, dict[int, list[Written]]] = {}
    for sample in samples:
        hands.setdefault(sample.writer, {}).setdefault(sample.label, []).append(sample)
    return hands


def compose(
    hands: Mapping[int, Mapping[int, Sequence[Written]]],
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
    before, after = _beside(placed, rng) if rng.random() < 0.3 else ([], [])
    return Number(text, tuple(placed), spacing, writer, before, after)


def _beside(placed: list[Strokes], rng: Rng) -> tuple[Strokes, Strokes]:
    """A dash, two dashes, an equals sign or a dot after the number, or a dash before it."""
    first, last = np.concatenate(placed[0]), np.concatenate(placed[-1])
    tall = float(np.ptp(last[:, 1]))
    middle = float(last[:, 1].mean())
    x = float(last[:, 0].max()) + rng.uniform(0.12, 0.5)
    wide = rng.uniform(0.18, 0.6)
    tilt = rng.normal(0, 0.05)

    def bar(left: float, y: float) -> Floats:
        return resample(np.array([[left, y], [left + wide, y + tilt]]), 0.02)

    way = rng.random()
    if way < 0.3:
        return [], [bar(x, middle)]
    if way < 0.45:
        return [], [bar(x, middle), bar(x + wide + 0.2, middle)]
    if way < 0.65:
        return [], [bar(x, middle - 0.1), bar(x, middle + 0.1)]
    if way < 0.85:
        return [], [np.array([[x - 0.08, middle + 0.47 * tall], [x - 0.06, middle + 0.5 * tall]])]
    return [bar(float(first[:, 0].min()) - wide - rng.uniform(0.12, 0.4), middle)], []


def _side_by_side(digits: list[Strokes], rng: Rng, spacing: Spacing) -> list[Strokes]:
    placed = [digits[0]]
    usual = rng.uniform(*_RANGES[spacing])
    for digit in digits[1:]:
        gap = usual + rng.normal(0, 0.25) * 0.5 * abs(usual)
        if spacing == "touching" and rng.random() < 0.15:
            gap = rng.uniform(0.03, 0.12)  # not every pair of a touching hand touches
        before = placed[-1]
        right = max(float(stroke[:, 0].max()) for stroke in before)
        boxes_apart = right + gap
        # Tight and touching hands fit a digit into the room that the one before leaves.
        shift = boxes_apart if spacing in ("wide", "normal") else right + _contact(before, digit) + gap
        if spacing == "tight":
            shift = max(shift, right - 0.25)
        if spacing == "touching":
            shift = max(shift, right - 0.35)
        placed.append([stroke + np.array([shift, 0.0]) for stroke in digit])
    return placed


_RANGES: dict[Spacing, tuple[float, float]] = {
    "wide": (0.35, 0.9),
    "normal": (0.12, 0.3),
    "tight": (0.08, 0.14),
    "touching": (-0.08, 0.04),
}
"""The room between neighbours in digit heights; the pen's width takes some of it."""


def _contact(before: Strokes, after: Strokes) -> float:
    """How far from the right end of `before` the digit `after` begins when the two lines just meet (<= 0)."""
    rightmost = np.full(_ROWS, -np.inf)
    leftmost = np.full(_ROWS, np.inf)
    first, second = np.concatenate(before), np.concatenate(after)
    np.maximum.at(rightmost, _row(first), first[:, 0])
    np.minimum.at(leftmost, _row(second), second[:, 0])
    # A row above and below counts too: the pen has a width.
    for profile, worst in ((rightmost, np.maximum), (leftmost, np.minimum)):
        profile[1:-1] = worst(worst(profile[:-2], profile[1:-1]), profile[2:])
    room = leftmost + float(first[:, 0].max()) - rightmost
    room = room[np.isfinite(room)]
    return -float(room.min()) if len(room) else 0.0


def _row(points: Floats) -> NDArray[np.int64]:
    return np.asarray(np.clip((points[:, 1] + 1.5) * (_ROWS / 2), 0, _ROWS - 1), dtype=np.int64)


def draw_number(number: Number, rng: Rng, height: float, pen: float) -> Drawn:
    """Draw a number with digits of `height` pixels and a pen of `pen` pixels, some margin around it."""
    points = np.concatenate(number.strokes) * height
    low, high = points.min(axis=0), points.max(axis=0)
    margin = pen + rng.uniform(0.1, 0.6, 4) * height
    shift = margin[:2] - low
    size = (
        int(high[1] - low[1] + margin[1] + margin[3]) + 1,
        int(high[0] - low[0] + margin[0] + margin[2]) + 1,
    )
    pressure, taper = rng.uniform(0, 0.12), 0.3 if rng.random() < 0.2 else 0.0
    digits = np.stack(
        [
            draw(
                [stroke * height + shift for stroke in digit], size, pen, rng, pressure=pressure, taper=taper
            )
            for digit in number.digits
        ]
    )
    beside = [stroke * height + shift for stroke in (*number.before, *number.after)]
    ink = np.maximum(digits.max(axis=0), draw(beside, size, pen, rng))
    return Drawn(ink, digits)


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
