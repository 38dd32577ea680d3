"""Numbers of one hand: digits of one writer and marks set side by side, at four spacings, and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, TypeAlias

import numpy as np

from model.generator.items import Bytes, Floats, Rng, Strokes, one_of
from model.generator.numbers.texts import Letter
from model.generator.paper.masks import pasted, stretched, tight
from model.generator.pens.hands import Drawing
from model.generator.pens.rendering import draw
from model.generator.pens.templates import LETTERS, sketched
from model.generator.pens.vectors import affine, bounds, handwarp, resample
from model.generator.tables import table
from model.geometry import SQUARE
from model.training.data import LabelledImages

Spacing: TypeAlias = Literal["wide", "normal", "tight", "touching"]
SPACINGS: tuple[Spacing, ...] = ("wide", "normal", "tight", "touching")
Hands: TypeAlias = Mapping[int, Mapping[int, Sequence[Drawing]]]
"""Digits by writer, then by label."""

_GAPS: dict[Spacing, tuple[float, float]] = {
    "wide": (0.35, 0.9),
    "normal": (0.12, 0.3),
    "tight": (0.08, 0.14),
    "touching": (-0.08, 0.04),
}
"""The room between neighbours in digit heights; the pen's width takes some of it."""
_SMALL = 0.45
"""Anything lower than this is a mark, not a digit (digit heights)."""
_DEEPEST = {"tight": 0.25, "touching": 0.35}
"""How far at most a digit moves into the space that the one before it leaves, in digit heights."""
_PEN = 0.1
"""How wide the strokes of scanned digits are (digit heights); gaps are between the middles of strokes."""
_SIGNS = {sign: sketched(way) for sign, way in table("strokes")["around-numbers"].items()}
"""How signs around numbers are written; a digit is about 1 high and stands on 0."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in strokes; a digit is about 1 high, y points down."""

    letters: tuple[Letter, ...]
    parts: tuple[Strokes, ...]
    """The strokes of each letter, in place; for a scanned digit, the points of its ink."""
    writer: int
    scans: tuple[Bytes | None, ...] = ()
    """Each letter's scan (H, W), or None if it is drawn; empty if all are drawn."""


def by_writer(samples: Sequence[Drawing]) -> dict[int, dict[int, list[Drawing]]]:
    """Digits by writer, then by label."""
    hands: dict[int, dict[int, list[Drawing]]] = {}
    for sample in samples:
        hands.setdefault(sample.group, {}).setdefault(sample.label, []).append(sample)
    return hands


def compose(
    hands: Hands, rng: Rng, letters: Sequence[Letter], spacing: Spacing, scans: LabelledImages | None = None
) -> Number:
    """Letters as one hand sets them side by side on a wavy line; `scans`, if given, are its digits."""
    writer = int(rng.choice(sorted(hands)))
    slant, turn, wave = rng.normal(0, 0.08), rng.normal(0, 0.015), rng.uniform(0, 0.12)
    usual, upright, unsteady = rng.uniform(*_GAPS[spacing]), rng.random() < 0.6, rng.uniform(0.02, 0.12)
    parts, inks, further = list[Strokes](), list[Bytes | None](), 0.0
    for place, letter in enumerate(letters):
        if letter.drawn == " ":
            further = rng.uniform(0.3, 0.8)
            continue
        digit, ink = letter.drawn.isdigit(), None
        if digit and scans:
            ink = tight(scans.images[rng.choice(np.flatnonzero(scans.labels == int(letter.drawn)))])
            written = [(np.argwhere(ink > 40)[:, ::-1] + corner) / len(ink) for corner in SQUARE]
        elif digit:
            written = handwarp(one_of(rng, hands[writer][int(letter.drawn)]).strokes, rng, 0.5)
        elif letter.drawn in _SIGNS:
            written = _SIGNS[letter.drawn](rng)
        else:
            written = [stroke - [0.0, 1.0] for stroke in one_of(rng, LETTERS[letter.drawn])(rng)]
        if ink is None:
            written = [resample(affine(stroke, slant=slant), 0.02) for stroke in written]
        (left, top), (right, foot) = bounds(written)
        scale = float(np.exp(rng.normal(0, unsteady)))
        if digit:  # digits stand on the base line, equally high, or with longer sides that are alike
            scale /= max(foot - top, (0.6 if upright else 1.0) * (right - left), 1e-3)
        lift = rng.normal(0, unsteady) + wave * np.sin(0.9 * place)
        part = [(stroke - [left, foot * digit]) * scale + [0.0, lift] for stroke in written]
        if parts:
            before = np.concatenate(parts[-1])
            room = usual - _PEN if ink is not None and inks[-1] is not None else usual
            gap = _gap(before, np.concatenate(part), room, rng, spacing) + further
            part = [stroke + np.array([before[:, 0].max() + gap, 0.0]) for stroke in part]
        parts.append(part)
        inks.append(ink)
        further = 0.0
    turned = tuple([affine(stroke, angle=turn) for stroke in part] for part in parts)
    drawn = tuple(letter for letter in letters if letter.drawn != " ")
    return Number(drawn, turned, writer, tuple(inks) if scans else ())


def _gap(before: Floats, after: Floats, usual: float, rng: Rng, spacing: Spacing) -> float:
    """The gap between two letters (n, 2) and (m, 2) of a hand whose gaps are `usual`."""
    gap = usual + rng.normal(0, 0.125) * abs(usual)
    if spacing == "touching" and rng.random() < 0.15:
        gap = rng.uniform(0.03, 0.12)  # not every pair of a touching hand touches
    if min(np.ptp(before[:, 1]), np.ptp(after[:, 1])) < _SMALL:  # what is read as a mark stands apart
        return max(gap, rng.uniform(0.1, 0.3))
    # Neither is written into more than half of the other.
    gap = max(gap, -0.5 * float(min(np.ptp(before[:, 0]), np.ptp(after[:, 0]))))
    if spacing not in _DEEPEST:
        return gap
    # How far the second can be moved over the end of the first until their lines meet: the pen has a width.
    near = np.abs(before[:, None, 1] - after[:, 1]) < 0.15
    room = before[:, 0].max() - before[:, None, 0] + after[:, 0]
    return max(gap - float(room[near].min()) if near.any() else gap, -_DEEPEST[spacing])


def draw_number(
    number: Number, rng: Rng, height: float, pen: float, *, room: tuple[float, float] = (0.1, 0.6)
) -> Bytes:
    """The ink (n, H, W) of each letter: digits `height` and a pen `pen` pixels, `room` heights of margin."""
    low, high = bounds([stroke * height for part in number.parts for stroke in part])
    margin = pen + rng.uniform(*room, 4) * height
    wide, tall = (high - low + margin[:2] + margin[2:] + 1).astype(int).tolist()
    parts, pressure = [], rng.uniform(0, 0.12)
    for part, scan in zip_longest(number.parts, number.scans):
        placed = [stroke * height + margin[:2] - low for stroke in part]
        if scan is None:
            parts.append(draw(placed, (tall, wide), pen, rng, pressure=pressure))
        else:
            (left, top), (right, foot) = bounds(placed)
            ink = stretched(scan, (foot - top) / len(scan))
            parts.append(pasted(ink, (tall, wide), round(top), round((left + right - ink.shape[1]) / 2)))
    return np.stack(parts)
