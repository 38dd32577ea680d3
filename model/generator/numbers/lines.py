"""Lines with their true texts, as reading takes them: for fitting its weights and for measuring it."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from model.generator.chance import between
from model.generator.items import PARTS, Part, Rng
from model.generator.numbers.strings import (
    SPACINGS,
    Number,
    by_writer,
    compose,
    draw_number,
    on_paper,
    random_length,
)
from model.generator.paper.cheques import load_numbers
from model.generator.pens.pendigits import load_pendigits
from model.ink import InkError
from model.ink import strokes as pen
from model.ink.decode import decode
from model.ink.strokes import Strokes
from model.reading import page, segment
from model.reading import pen as by_pen
from model.reading.fitting import Example
from model.reading.lattice import MOST_CROSSING, MOST_OVERLAPS, runs_of
from model.reading.network import Network
from model.reading.overlap import score_overlaps
from model.reading.weights import shipped


@dataclass(frozen=True, slots=True)
class Sample:
    """A number as it reaches the service: an image file's bytes, strokes, or both of the same number."""

    text: str
    tag: str
    """Where it is from: `cheque`, or the spacing."""
    image: bytes
    strokes: Strokes | None


def samples(
    data: Path, part: Part, seed: int, composed: int, *, cheques: bool = True, limit: int = 0
) -> Iterator[Sample]:
    """`composed` numbers of one hand each, spacings in turn; then the cheques' amounts (`limit` at most).

    Raises DataError if the data is missing from the folder `data`.
    """
    rng = np.random.default_rng((seed, PARTS.index(part), 7))
    if composed:
        hands = by_writer(load_pendigits(data, part))
        for place in range(composed):
            made = compose(hands, rng, random_length(rng), SPACINGS[place % len(SPACINGS)])
            yield Sample(made.text, made.spacing, picture(made, rng), as_strokes(made, rng))
    if cheques:
        for place, amount in enumerate(load_numbers(data, part)):
            if limit and place >= limit:
                break
            yield Sample(amount.text, "cheque", amount.path.read_bytes(), None)


def picture(made: Number, rng: Rng) -> bytes:
    """The number as a PNG, of some size, pen and paper."""
    height = between(rng, 24, 110)
    drawn = draw_number(made, rng, height, rng.uniform(0.04, 0.13) * height)
    file = io.BytesIO()
    Image.fromarray(on_paper(drawn, rng)).save(file, "PNG")
    return file.getvalue()


def as_strokes(made: Number, rng: Rng) -> Strokes:
    """The number as the page would send it: some units, some place."""
    scale = between(rng, 20, 400)
    return [(stroke * scale + 3 * scale).round(2).tolist() for stroke in made.strokes]


def examples(chosen: Iterable[Sample], network: Network, way: Literal["image", "strokes"]) -> list[Example]:
    """Each sample's graph with the network's scores; only of samples that are one line.

    Which candidates of a picture are scored with their overlaps is decided by the shipped weights.
    """
    make = _image_example if way == "image" else _stroke_example
    found = (make(sample, network) for sample in chosen)
    return [example for example in found if example is not None]


def _image_example(sample: Sample, network: Network) -> Example | None:
    try:
        lines = page.lines(decode(sample.image).pixels)
    except InkError:
        return None
    # What stands over or under the number, if anything, has less ink.
    line = max(lines, key=lambda line: float(line.ink.sum()) * line.factor**2)
    segmented = segment.segment(line)
    if segmented is None:
        return None
    runs = segment.candidates(segmented, MOST_CROSSING)
    if not len(runs.starts):
        return None
    scores = network.score(segment.fields(segmented, runs))
    weights = shipped().image
    scores, _ = score_overlaps(segmented, runs, scores, weights, network=network, most=MOST_OVERLAPS)
    return Example(segmented.pieces, runs, scores, line.height, sample.text, sample.tag)


def _stroke_example(sample: Sample, network: Network) -> Example | None:
    if sample.strokes is None:
        return None
    line = max(by_pen.pen_lines(pen.read(sample.strokes)), key=lambda line: len(line.parts))
    runs = runs_of(line.pieces, line.height)
    if not len(runs.starts):
        return None
    scores = network.score(by_pen.fields(line, runs))
    return Example(line.pieces, runs, scores, line.height, sample.text, sample.tag)
