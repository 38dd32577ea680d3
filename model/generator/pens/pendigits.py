"""Pen strokes of 30 writers (UCI Pen-Based Recognition of Handwritten Digits), writers held apart."""

import gzip
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from model.generator.items import Part, Strokes
from model.generator.pens.vectors import to_unit
from model.generator.tables import table
from model.training.data import DataError

HELD_OUT: dict[int, Part] = {
    **dict.fromkeys((3, 8, 18), "validation"),
    **dict.fromkeys((5, 15, 25), "test"),
}
"""Six of the thirty writers: none of their strokes is ever trained on."""
MISLABELLED: list[int] = table("mislabelled")["pendigits"]
"""Places in the file of digits whose label is wrong (a 2 labelled 3, a 5 labelled 6), found by eye."""


class Drawing(NamedTuple):
    """Unit-sized strokes (see `to_unit`), their label (0-9 or `NO_DIGIT`) and their writer or other group."""

    strokes: Strokes
    label: int
    group: int


def load_pendigits(data: Path, part: Part) -> list[Drawing]:
    """All digits of the part's writers. `data` holds pendigits/pendigits-train.json.gz.

    Raises DataError if the file is missing or no such file.
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
