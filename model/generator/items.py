"""What a source hands to the builder: strokes or a picture, its label, and what it must (not) look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

NOT_A_DIGIT = -1
"""The label of everything that is not exactly one legible digit."""

Floats: TypeAlias = NDArray[np.float64]
Bytes: TypeAlias = NDArray[np.uint8]
Strokes: TypeAlias = list[Floats]
"""Pen strokes: each an (n, 2) array of x, y with y pointing down."""

Part: TypeAlias = Literal["train", "validation", "test"]
"""What networks learn from; what choices are made by; what nobody looks at but to measure, at the end."""
PARTS: tuple[Part, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Item:
    """One raw thing on its way to the normaliser.

    `label` is 0-9 or `NOT_A_DIGIT`; `group` names the writer, file or font family, so that what comes from
    one hand can be held together. Exactly one of `strokes` and `pixels` is set: `pixels` is uint8, (H, W),
    (H, W, 3) or (H, W, 4).

    `clean` is the ink alone, white on black, when `pixels` buries it in paper, light or neighbours: the
    builder drops the item if what the normaliser found is less like it than `legible` (a cosine, 0 to 1).
    `whole` does the same for a drawing. `parts` are things of which no single one may be what the normaliser
    picked (the digits of a pair).
    """

    label: int
    group: int
    strokes: Strokes | None = None
    pixels: Bytes | None = None
    clean: Bytes | None = None
    whole: Strokes | None = None
    parts: tuple[Bytes, ...] = ()
    legible: float = 0.72


VALIDATION, TEST = (80, 200), (200, 280)
"""The hashes, of 1,000, that are held out. Those below 80 were looked at once too often: they train now."""

Source: TypeAlias = Callable[[np.random.Generator], Item]
"""A source draws one item, at random but repeatably, from the generator it is given."""


def part_of(key: str) -> Part:
    """The part of a file or a font family, by a hash that is the same on every machine.

    About 12 % are for validation, 8 % for the test, the rest for training.
    """
    value = 2166136261
    for byte in key.encode():  # FNV-1a: Python's own hash() differs from run to run
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    # The upper bits of short keys that differ in the last letter only are alike: mix once more.
    value = (value ^ (value >> 15)) * 0x85EBCA6B & 0xFFFFFFFF
    place = (value >> 8) % 1000
    if VALIDATION[0] <= place < VALIDATION[1]:
        return "validation"
    return "test" if TEST[0] <= place < TEST[1] else "train"
