"""Numbers of one hand: digits of one writer and marks set side by side, at four spacings, and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from model.generator.chance import between, one_of
from model.generator.items import Bytes, Floats, Rng, Strokes
from model.generator.numbers.texts import Letter, text_of
from model.generator.paper.masks import Reals, pasted, resized, tight
from model.generator.paper.scene import area, ring
from model.generator.pens.pendigits import Drawing
from model.generator.pens.rendering import draw
from model.generator.pens.templates import draw_digit, sketched
from model.generator.pens.vectors import affine, resample
from model.generator.tables import table

Spacing: TypeAlias = Literal["wide", "normal", "tight", "touching"]
SPACINGS: tuple[Spacing, ...] = ("wide", "normal", "tight", "touching")

_GAPS: dict[Spacing, tuple[float, float]] = {
    "wide": (0.35, 0.9),
    "normal": (0.12, 0.3),
    "tight": (0.08, 0.14),
    "touching": (-0.08, 0.04),
}
"""The room between neighbours in digit heights; the pen's width takes some of it."""
TAUGHT = 0.2
"""The share of numbers that are written as people are taught to, a 1 as a bar, say."""
_SMALL = 0.45
"""What is lower than this is a mark, not a digit (digit heights)."""
_DEEPEST = {"tight": 0.25, "touching": 0.35}
"""How far these hands fit a digit into the room that the one before leaves, in digit heights at most."""


_HANDS = {sign: sketched(way) for sign, way in table("strokes")["around-numbers"].items()}
"""How signs are written; a digit is about 1 high and stands on 0."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in strokes; a digit is about 1 high, y points down."""

    letters: tuple[Letter, ...]
    parts: tuple[Strokes, ...]
    """The strokes of each letter, in place."""
    spacing: Spacing
    writer: int
    beside: Strokes
    """Strokes beside the number that are none of it."""

    @property
    def text(self) -> str:
        """What is to be read."""
        return text_of(self.letters)

    @property
    def strokes(self) -> Strokes:
        """All strokes."""
        return [*(stroke for part in self.parts for stroke in part), *self.beside]

    @property
    def owners(self) -> tuple[int, ...]:
        """Which letter each stroke is of, but for those at the end that are of none."""
        return tuple(place for place, part in enumerate(self.parts) for _ in part)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number as a picture: ink (H, W) 0-255 on black, and each letter's own ink, (n, H, W)."""

    ink: Bytes
    parts: Bytes


def by_writer(samples: Sequence[Drawing]) -> dict[int, dict[int, list[Drawing]]]:
    """Digits by writer, then by label."""
    hands: dict[int, dict[int, list[Drawing]]] = {}
    for sample in samples:
        hands.setdefault(sample.group, {}).setdefault(sample.label, []).append(sample)
    return hands


def compose(
    hands: Mapping[int, Mapping[int, Sequence[Drawing]]],
    rng: Rng,
    said: int | Sequence[Letter],
    spacing: Spacing,
) -> Number:
    """A number of one random writer, with a slant and a wavy base line.

    `said` is what is written, or how many random digits are.
    """
    writer = int(rng.choice(sorted(hands)))
    hand = hands[writer]
    if isinstance(said, int):
        letters = [Letter(str(label), str(label)) for label in rng.choice(sorted(hand), said)]
    else:
        letters = [letter for letter in said if letter.drawn != " " or letter is not said[-1]]
    slant, turn = rng.normal(0, 0.08), rng.normal(0, 0.015)
    upright = rng.random() < 0.6  # whether digits are equally high; else their longer sides are alike
    parts: list[Strokes] = []
    gaps: list[float] = []
    taught = not isinstance(said, int) and rng.random() < TAUGHT
    wave, gap = rng.uniform(0, 0.05), 0.0
    for place, letter in enumerate(letters):
        if letter.drawn == " ":
            gap = rng.uniform(0.3, 0.8)
            continue
        lift = rng.normal(0, 0.03) + wave * np.sin(0.9 * place)
        if letter.drawn.isdigit():
            label = int(letter.drawn)
            strokes = draw_digit(label, rng) if taught else one_of(rng, hand[label]).strokes
        else:
            strokes = _HANDS[letter.drawn](rng)
        strokes = [resample(affine(stroke, slant=slant), 0.02) for stroke in strokes]
        factor = float(np.exp(rng.normal(0, 0.06)))
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        base = 0.0
        if letter.drawn.isdigit():
            tall, wide = high[1] - low[1], high[0] - low[0]
            factor /= max(tall, 0.6 * wide, 1e-3) if upright else max(tall, wide, 1e-3)
            base = high[1]  # digits stand on the base line, as high as they are
        parts.append([(stroke - [low[0], base]) * factor + [0.0, lift] for stroke in strokes])
        gaps.append(gap)
        gap = 0.0
    placed = _side_by_side(parts, gaps, rng, spacing)
    if turn:
        placed = [[affine(stroke, angle=turn) for stroke in part] for part in placed]
    written = tuple(letter for letter in letters if letter.drawn != " ")
    beside = _beside(placed, rng) if isinstance(said, int) and rng.random() < 0.3 else []
    return Number(written, tuple(placed), spacing, writer, beside)


def _beside(placed: list[Strokes], rng: Rng) -> Strokes:
    """A dash, two dashes or an equals sign after the number, which end it and are none of it."""
    last = np.concatenate(placed[-1])
    x, y = last[:, 0].max() + rng.uniform(0.12, 0.5), last[:, 1].mean()
    wide, tilt = rng.uniform(0.18, 0.6), rng.normal(0, 0.05)
    two, equals = ((x, y), (x + wide + 0.2, y)), ((x, y - 0.1), (x, y + 0.1))
    bars = one_of(rng, (((x, y),), ((x, y),), two, equals))
    return [resample(np.array([[left, at], [left + wide, at + tilt]]), 0.02) for left, at in bars]


def _side_by_side(parts: list[Strokes], gaps: list[float], rng: Rng, spacing: Spacing) -> list[Strokes]:
    """Each part behind the one before; `gaps` is the further room before each."""
    placed = [parts[0]]
    usual, deepest = rng.uniform(*_GAPS[spacing]), _DEEPEST.get(spacing, 0.0)
    for part, further in zip(parts[1:], gaps[1:], strict=True):
        gap = usual + rng.normal(0, 0.25) * 0.5 * abs(usual)
        if spacing == "touching" and rng.random() < 0.15:
            gap = rng.uniform(0.03, 0.12)  # not every pair of a touching hand touches
        before, after = np.concatenate(placed[-1]), np.concatenate(part)
        small = min(np.ptp(before[:, 1]), np.ptp(after[:, 1])) < _SMALL
        if deepest and not small:
            gap = max(gap - _room(before, after), -deepest)
        if small:  # what is read as a mark stands apart
            gap = max(gap, rng.uniform(0.1, 0.2))
        placed.append([stroke + np.array([before[:, 0].max() + gap + further, 0.0]) for stroke in part])
    return placed


def _room(before: Floats, after: Floats) -> float:
    """How far a digit (m, 2) can be moved over the end of the one before (n, 2) until their lines meet."""
    near = np.abs(before[:, None, 1] - after[:, 1]) < 0.15  # the pen has a width
    room = before[:, 0].max() - before[:, None, 0] + after[:, 0]
    return float(room[near].min()) if near.any() else 0.0


def draw_number(
    number: Number,
    rng: Rng,
    height: float,
    pen: float,
    *,
    room: tuple[float, float] = (0.1, 0.6),
    scans: Mapping[int, Sequence[Bytes]] | None = None,
) -> Drawn:
    """Draw a number with digits of `height` pixels and a pen of `pen` pixels, `room` (heights) around it.

    With `scans`, each digit's fields (28, 28), scanned digits stand in the places of those that are drawn.
    """
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

    def scanned(letter: Letter, strokes: Strokes) -> Bytes:
        if scans is None or not letter.drawn.isdigit():
            return inked(strokes)
        ink = tight(one_of(rng, scans[int(letter.drawn)]), 0)
        points = np.concatenate(strokes) * height + shift
        (x, y), (wide, tall) = points.min(axis=0) - pen / 2, np.ptp(points, axis=0) + pen
        across = max(2, round(ink.shape[1] * tall / len(ink)))
        placed = resized(ink, (max(4, round(tall)), across))
        return pasted(placed, size, round(y), round(x + (wide - across) / 2))

    pairs = zip(number.letters, number.parts, strict=True)
    parts = np.stack([scanned(letter, part) for letter, part in pairs])
    return Drawn(np.maximum(parts.max(axis=0), inked(number.beside)), parts)


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
    if rng.random() < 0.25:
        cover = np.maximum(cover, _specks(drawn.ink.shape, rng))
    picture = ground * (1 - cover) + ink * cover
    return np.asarray(np.clip(np.rint(picture), 0, 255), dtype=np.uint8)


def _specks(size: tuple[int, ...], rng: Rng) -> Reals:
    """Dirt (H, W): a few specks, much smaller than a point is, anywhere."""
    height, width = size
    radii = between(rng, 0.004, 0.009) * min(size)
    places = rng.random((rng.integers(1, 6), 2)) * [width, height]
    specks = [ring(place, radii * rng.uniform(0.6, 1.4, 2)) for place in places]
    return area((height, width), *specks) * np.float32(rng.uniform(0.4, 0.9))
