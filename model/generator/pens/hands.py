"""Hands, that is, writers: recorded strokes and stroke models, each time a little different.

The recorded strokes are from 30 writers (UCI Pen-Based Recognition of Handwritten Digits), each of one part.
"""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from model.generator.items import Part, Rng, Strokes, one_of
from model.generator.pens.templates import draw_digit
from model.generator.pens.vectors import handwarp, resampled_hand, to_unit
from model.generator.tables import table
from model.training.data import NO_DIGIT, DataError

HELD_OUT: dict[int, Part] = {**dict.fromkeys((3, 8, 18), "validation"), **dict.fromkeys((5, 15, 25), "test")}
"""Six of the thirty writers: none of their strokes is ever trained on."""
MISLABELLED: list[int] = table("mislabelled")["pendigits"]
"""Places in the file of digits whose label is wrong (a 2 labelled 3, a 5 labelled 6), found by eye."""


class Drawing(NamedTuple):
    """Unit-sized strokes (see `to_unit`), their label (0-9 or `NO_DIGIT`) and their writer or other group."""

    strokes: Strokes
    label: int
    group: int


Hand: TypeAlias = Callable[[Rng], Drawing]


def load_pendigits(data: Path, part: Part) -> list[Drawing]:
    """All digits of the part's writers. `data` holds pendigits/pendigits-train.json.gz.

    Raises DataError if the file is missing or not such a file.
    """
    path = data / "pendigits" / "pendigits-train.json.gz"
    try:
        with gzip.open(path) as file:
            samples = json.load(file)["samples"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: not the pendigits' strokes ({error})") from None
    return [
        Drawing(
            to_unit([np.asarray(stroke, np.float64).reshape(-1, 2) for stroke in sample["strokes"]]),
            int(sample["label"]),
            int(sample["writer"]),
        )
        for place, sample in enumerate(samples)
        if place not in MISLABELLED
        and HELD_OUT.get(int(sample["writer"]), "train") == part
        and any(sample["strokes"])
    ]


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
    """Strokes of the stroke models, all digits equally often."""

    def digit(rng: Rng) -> Drawing:
        label = int(rng.integers(10))
        return Drawing(draw_digit(label, rng), label, 0)

    return redrawn(digit, 1.2)


def by_hand(draw: Callable[[Rng], Strokes], strength: float = 1.2) -> Hand:
    """What is no digit, as `draw` gives it, redrawn by another hand."""
    return redrawn(lambda rng: Drawing(draw(rng), NO_DIGIT, 0), strength)
