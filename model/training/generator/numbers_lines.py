"""Lines with their true texts, as reading takes them: for fitting its weights and for measuring it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from model.ink.strokes import Strokes
from model.training.generator.items import Part
from model.training.generator.numbers import (
    SPACINGS,
    Number,
    by_writer,
    compose,
    draw_number,
    on_paper,
    random_length,
)
from model.training.generator.numbers_cheques import load_amounts
from model.training.generator.pendigits import load_pendigits


@dataclass(frozen=True, slots=True)
class Sample:
    """A number as it reaches the service: an image file's bytes, strokes, or both of the same number."""

    text: str
    tag: str
    """Where it is from: `cheque`, or the spacing."""
    image: bytes
    strokes: Strokes | None


def samples(
    data: Path, part: Part, seed: int, composed: int, cheques: bool = True, limit: int = 0
) -> Iterator[Sample]:
    """`composed` numbers of one hand each, spacings in turn; then the cheques' amounts (`limit` at most).

    Raises DataError if the data is missing from the folder `data`.
    """
    rng = np.random.default_rng((seed, part == "train", 7))
    if composed:
        hands = by_writer(load_pendigits(data, part))
        for place in range(composed):
            made = compose(hands, rng, random_length(rng), SPACINGS[place % len(SPACINGS)])
            yield Sample(made.text, made.spacing, picture(made, rng), as_strokes(made, rng))
    if cheques:
        for place, amount in enumerate(load_amounts(data, part)):
            if limit and place >= limit:
                break
            yield Sample(amount.text, "cheque", amount.path.read_bytes(), None)


def picture(made: Number, rng: np.random.Generator) -> bytes:
    """The number as a PNG, of some size, pen and paper."""
    height = float(np.exp(rng.uniform(np.log(24), np.log(110))))
    drawn = draw_number(made, rng, height, float(rng.uniform(0.04, 0.13)) * height)
    file = io.BytesIO()
    Image.fromarray(on_paper(drawn, rng)).save(file, "PNG")
    return file.getvalue()


def as_strokes(made: Number, rng: np.random.Generator) -> Strokes:
    """The number as the page would send it: some units, some place."""
    scale = float(np.exp(rng.uniform(np.log(20), np.log(400))))
    return [(stroke * scale + 3 * scale).round(2).tolist() for stroke in made.strokes]
