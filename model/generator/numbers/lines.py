"""Lines with their true texts, as reading takes them: for fitting its weights and for measuring it."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from model.generator.chance import between, one_of
from model.generator.items import PARTS, Bytes, Part, Rng
from model.generator.numbers.printed import displayed, drawable, printed
from model.generator.numbers.segments import Owners, boxed, inked, picture_candidates, stroke_candidates
from model.generator.numbers.strings import (
    SPACINGS,
    Number,
    by_writer,
    compose,
    draw_number,
    on_paper,
    random_length,
)
from model.generator.numbers.texts import MARKED, Letter, letters_of, marked, signed, text_of, worded
from model.generator.paper.cheques import load_numbers
from model.generator.paper.fonts import Font, picker
from model.generator.pens.pendigits import load_pendigits
from model.ink.decode import decode
from model.ink.strokes import Strokes
from model.reading.fitting import UNSURE, Example
from model.reading.lattice import SYMBOLS
from model.reading.network import Network
from model.reading.symbols import Way
from model.training.data import load_data_set


@dataclass(frozen=True, slots=True)
class Sample:
    """A number as it reaches the service: an image file's bytes, strokes, or both of the same number."""

    text: str
    tag: str
    """Where it is from: `cheque`, the spacing, or the kind of what it says."""
    group: str
    """`composed`, `cheques`, `written`, `printed` or `displays`."""
    image: bytes
    strokes: Strokes | None
    letters: tuple[Letter, ...]
    owners: Owners
    """Which letter the ink of the picture is of."""
    stroke_owners: tuple[int, ...] = ()
    """Which letter each stroke is of, but for those at the end that are of none."""

    @property
    def symbols(self) -> list[int]:
        """Which of the lattice's symbols each letter is."""
        return [SYMBOLS.index(letter.text) for letter in self.letters]

    @property
    def marks(self) -> Literal["read", "ignore"]:
        """Whether the truth knows of marks: that of the cheques does not."""
        return "ignore" if self.group == "cheques" else "read"


def samples(
    data: Path,
    part: Part,
    seed: int,
    composed: int,
    *,
    others: int = 0,
    fonts: Sequence[Font] = (),
    cheques: bool = True,
    limit: int = 0,
) -> Iterator[Sample]:
    """Numbers with their truth.

    `composed` numbers of one hand each, spacings in turn; `others` each that are written with marks, printed
    in the `fonts` (those of the part; none without; some are words) and shown by displays; then the cheques'
    amounts (`limit` at most).

    Raises:
        DataError: the data is missing from the folder `data`.
    """
    rng = np.random.default_rng((seed, PARTS.index(part), 7))
    hands = by_writer(load_pendigits(data, part)) if composed or others else {}
    scans = _scans(data, part) if others else None
    for place in range(composed):
        made = compose(hands, rng, random_length(rng), SPACINGS[place % len(SPACINGS)])
        yield _written(made, made.spacing, "composed", rng)
    for _ in range(others):
        kind, said = marked(rng) if rng.random() < 0.75 else ("signs", signed(rng))
        spacing = SPACINGS[rng.choice(3, p=[0.35, 0.45, 0.2])]
        made = compose(hands, rng, letters_of(said), spacing)
        yield _written(made, kind, "written", rng, scans if rng.random() < SCANNED else None)
    pick = picker(list(fonts)) if fonts else None
    for _ in range(others if pick else 0):
        yield _printed(pick, rng)
    for _ in range(others):
        yield _displayed(rng)
    if cheques:
        for place, amount in enumerate(load_numbers(data, part)):
            if limit and place >= limit:
                break
            letters, picture = tuple(letters_of(amount.text)), amount.path.read_bytes()
            yield Sample(amount.text, "cheque", "cheques", picture, None, letters, boxed(amount.boxes))


def _scans(data: Path, part: Part) -> dict[int, list[Bytes]]:
    """MNIST's digits of one part, by label: of its training images, split as in training."""
    training, held_out = load_data_set("mnist", data).split()
    chosen = training if part == "train" else held_out
    return {digit: list(chosen.images[chosen.labels == digit]) for digit in range(10)}


SCANNED = 0.4
"""The share of written numbers whose digits are MNIST's."""


def _written(
    made: Number, tag: str, group: str, rng: Rng, scans: dict[int, list[Bytes]] | None = None
) -> Sample:
    """The number as a PNG, of some size, pen and paper, and as strokes, but for scanned digits."""
    height = between(rng, 24, 110)
    pen = rng.uniform(0.04, 0.13) if scans is None else rng.uniform(0.08, 0.14)
    drawn = draw_number(made, rng, height, pen * height, scans=scans)
    image, strokes = encoded(on_paper(drawn, rng)), None if scans else as_strokes(made, rng)
    return Sample(made.text, tag, group, image, strokes, made.letters, inked(drawn), made.owners)


def _printed(pick: Callable[[Rng], Font] | None, rng: Rng) -> Sample:
    assert pick is not None
    while True:
        font = pick(rng)
        kind = str(rng.choice(["marked", "signs", "words"], p=[0.35, 0.45, 0.2]))
        if kind == "marked":
            kind, said = marked(rng)
        else:
            said = signed(rng) if kind == "signs" else worded(rng)
        letters = letters_of(said)
        if drawable(font, [letter for letter in letters if letter.drawn != " "]):
            kept, drawn = printed(letters, font, rng)
            return Sample(
                text_of(kept), kind, "printed", encoded(on_paper(drawn, rng)), None, tuple(kept), inked(drawn)
            )


SHOWN = ("plain", "plain", "decimals", "decimals", "times", "negatives")
"""What displays say."""


def _displayed(rng: Rng) -> Sample:
    kind = one_of(rng, SHOWN)
    letters = letters_of(MARKED[kind](rng).replace(",", "."))
    drawn, pixels = displayed(letters, rng)
    return Sample(text_of(letters), kind, "displays", encoded(pixels), None, tuple(letters), inked(drawn))


def encoded(pixels: Bytes) -> bytes:
    """A picture as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def as_strokes(made: Number, rng: Rng) -> Strokes:
    """The number as the page would send it: some units, some place."""
    scale = between(rng, 20, 400)
    return [(stroke * scale + 3 * scale).round(2).tolist() for stroke in made.strokes]


def examples(chosen: Iterable[Sample], network: Network, way: Way) -> Iterator[Example]:
    """Each sample's candidates, and what they are; of the lines of a picture, the one with the most ink.

    Words are left out: trained to be nothing, they took 7 of 100 amounts on cheques with them.
    """
    for sample in (one for one in chosen if one.text):
        symbols, marks = sample.symbols, sample.marks == "read"
        if way == "strokes":
            if sample.strokes is not None:
                drawn = stroke_candidates(sample.strokes, sample.stroke_owners, symbols, network)
                found = max(drawn, key=lambda one: len(one[1]), default=None)
                if found is not None:
                    yield Example(found[0], sample.text, found[1])
            continue
        seen = picture_candidates(decode(sample.image).pixels, sample.owners, symbols, network)
        # What stands over or under the number, if anything, has less ink.
        line = max(seen, key=lambda one: float(one[0].ink.sum()) * one[0].factor ** 2, default=None)
        if line is not None:
            _, candidates, labels = line
            # What is no digit of an amount may be a mark: of those nobody says anything.
            labels = labels if marks else np.where(labels < 0, UNSURE, labels)
            yield Example(candidates, sample.text, labels, marks)
