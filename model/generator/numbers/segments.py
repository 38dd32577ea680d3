"""What the segmentation graph asks the network about: true digits as they are cut, and wrong pieces.

LeCun et al. 1998, section VI.C: a network that is to read strings must be trained on the pieces that it
will be shown there, and to turn away those that are no character.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.generator.chance import between, one_of
from model.generator.items import PARTS, Bytes, Floats, Part, Rng
from model.generator.numbers.strings import (
    SPACINGS,
    Drawn,
    Number,
    by_writer,
    compose,
    draw_number,
    on_paper,
    random_length,
)
from model.generator.paper.cheques import load_numbers, varied
from model.generator.pens.pendigits import load_pendigits
from model.ink import InkError
from model.ink import strokes as pen
from model.ink.components import WEAK
from model.ink.strokes import Strokes
from model.reading import graph, page
from model.reading import pen as by_pen
from model.reading.fitting import UNSURE
from model.reading.lattice import Candidates, Runs
from model.reading.network import Network
from model.recognition import Scores
from model.training.data import NO_DIGIT

GOOD, FAIR, BAD = 0.88, 0.68, 0.62
"""A run is a digit if it has the share GOOD of the digit's ink, and as much of its ink is the digit's; the
digit's best run is even with FAIR; it is none below BAD; between, nobody could say."""
WHOLE = 0.7
"""The share of its ink, that shared with neighbours included, that makes a digit whole enough."""

Mask: TypeAlias = NDArray[np.bool_]
Labels: TypeAlias = NDArray[np.int64]
"""(m,): what each of m runs is: 0-9, NO_DIGIT or UNSURE."""

Owners: TypeAlias = Callable[[NDArray[np.floating], NDArray[np.floating]], tuple[Mask, Mask]]
"""For points x, y (p,) in a picture: which digits' ink each may be (digits, p), and if that is sure (p,)."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Fields (n, 28, 28), labels (n,) 0-9 or -1, groups (n,): the writer, or 1000 and the file's number."""

    fields: Bytes
    labels: NDArray[np.int8]
    groups: NDArray[np.int32]


def segment_candidates(
    data: Path, seed: int, part: Part = "train", count: int = 60_000, cheques: float = 0.35
) -> Segments:
    """Candidates of the segmentation graph, about half of them digits.

    `cheques` is the share from cheques; of the rest most come from digits that touch. `data` holds pendigits/
    and cheques/.

    Raises:
        DataError: they are missing.
    """
    rng = np.random.default_rng((seed, PARTS.index(part)))
    amounts = load_numbers(data, part)
    hands = by_writer(load_pendigits(data, part))
    blind = Blind()

    def digits(text: str) -> list[int]:
        return [int(letter) for letter in text]

    def number(shares: tuple[float, ...]) -> Number:
        spacing = SPACINGS[int(rng.choice(len(SPACINGS), p=shares))]
        return compose(hands, rng, random_length(rng), spacing)

    def from_cheques() -> Iterator[tuple[Bytes, Labels, int]]:
        amount = one_of(rng, amounts)
        pixels, boxes = varied(amount.pixels, amount.boxes, rng)
        for _, found, labels in picture_candidates(pixels, boxed(boxes), digits(amount.text), blind):
            yield found.fields, labels, 1000 + amount.group

    def from_pictures() -> Iterator[tuple[Bytes, Labels, int]]:
        made = number((0.08, 0.08, 0.17, 0.67))
        height = between(rng, 22, 110)
        drawn = draw_number(made, rng, height, rng.uniform(0.04, 0.14) * height)
        pixels = on_paper(drawn, rng)
        for _, found, labels in picture_candidates(pixels, inked(drawn), digits(made.text), blind):
            yield found.fields, labels, made.writer

    def from_strokes() -> Iterator[tuple[Bytes, Labels, int]]:
        made = number((0.2, 0.3, 0.2, 0.3))
        strokes = [stroke.tolist() for stroke in made.strokes]
        for found, labels in stroke_candidates(strokes, made.owners, digits(made.text), blind):
            yield found.fields, labels, made.writer

    wanted = {from_cheques: round(count * cheques), from_pictures: round(count * (1 - cheques) * 0.75)}
    wanted[from_strokes] = count - sum(wanted.values())
    found: list[tuple[Bytes, Labels, Labels]] = []
    for source, most in wanted.items():
        have = 0
        while have < most:
            for fields, labels, group in source():
                chosen = _balanced(fields, labels, rng)[: most - have]
                found.append((fields[chosen], labels[chosen], np.full(len(chosen), group)))
                have += len(chosen)
    order = rng.permutation(count)
    fields, labels, groups = (np.concatenate(parts)[order] for parts in zip(*found, strict=True))
    return Segments(fields.astype(np.uint8), labels.astype(np.int8), groups.astype(np.int32))


def _balanced(fields: Bytes, labels: Labels, rng: Rng) -> Labels:
    """All digits of a line, and no more wrong pieces than one more than digits.

    A straight upright piece is left out: by itself it is a 1, and only its neighbours tell that it is not.
    Of runs much wider than high, most are left out: they are easily told.
    """
    good = np.flatnonzero(labels >= 0)
    bad = np.flatnonzero(labels == NO_DIGIT)
    bad = bad[[not _like_one(field) for field in fields[bad]]]
    solid = fields[bad] > 100
    wide = solid.any(axis=1).sum(axis=1) > 1.5 * solid.any(axis=2).sum(axis=1)
    bad = bad[~wide | (rng.random(len(bad)) < 0.35)]
    return np.concatenate([good, rng.permutation(bad)[: len(good) + 1]])


def _like_one(field: Bytes) -> bool:
    """Whether a field holds one straight stroke, more upright than level."""
    y, x = np.nonzero(field > 100)
    if len(y) < 3:
        return False
    (low, high), vectors = np.linalg.eigh(np.cov(np.stack([x, y])))
    return bool(low < 0.04 * high and abs(vectors[1, 1]) > 0.5) or bool(np.ptp(x) < 8)


class Blind:
    """A network that knows nothing: all ink is cut."""

    def score(self, fields: Bytes, *, again: bool = True) -> Scores:
        """Say of each field (n, 28, 28) that it is no digit."""
        return Scores(np.full((len(fields), 10), 0.1), np.zeros(len(fields)))


def picture_candidates(
    pixels: Bytes, owners: Owners, symbols: Sequence[int], network: Network
) -> Iterator[tuple[page.Line, Candidates, Labels]]:
    """The lines of a picture with their candidates, and what these are; `symbols` are what the owners are."""
    try:
        lines = page.lines(pixels)
    except InkError:
        return
    for line in lines:
        found = graph.candidates_of(line, graph.Work(network, "picture"))
        if found is not None:
            candidates, numbers = found
            rows, columns = np.nonzero((line.ink >= WEAK) & (numbers >= 0))
            x = line.origin[0] + (columns + 0.5) * line.factor
            y = line.origin[1] + (rows + 0.5) * line.factor
            labels = labels_of(numbers[rows, columns], *owners(x, y), candidates.runs, symbols)
            yield line, candidates, labels


def stroke_candidates(
    strokes: Strokes, owners: Sequence[int], symbols: Sequence[int], network: Network
) -> Iterator[tuple[Candidates, Labels]]:
    """The candidates of each line of a drawing, and what they are; `owners` says whose each stroke is;
    those at the end may be nobody's.
    """
    owner = {
        point: place for stroke, place in zip(strokes, owners, strict=False) for point in map(tuple, stroke)
    }
    for line in by_pen.pen_lines(pen.read(strokes)):
        found = by_pen.candidates_of(line, graph.Work(network, "drawing"))
        if found is not None:
            pieces = np.repeat(np.arange(len(line.parts)), [len(part) for part in line.parts])
            points = map(tuple, np.concatenate(line.parts)[:, :2].tolist())
            own = np.array([owner.get(point, -1) for point in points]) == np.arange(len(symbols))[:, None]
            yield found, labels_of(pieces, own, np.ones(len(pieces), bool), found.runs, symbols)


def inked(drawn: Drawn) -> Owners:
    """By whose ink it is in a drawn number."""

    def owners(x: NDArray[np.floating], y: NDArray[np.floating]) -> tuple[Mask, Mask]:
        height, width = drawn.ink.shape
        cover = drawn.parts[:, np.clip(y, 0, height - 1).astype(int), np.clip(x, 0, width - 1).astype(int)]
        own = cover > 100
        # A stroke's rim is nobody's, and what two digits share must go to one of them.
        return own, (own.sum(axis=0) == 1) | (cover.max(axis=0) == 0)

    return owners


def boxed(boxes: Floats) -> Owners:
    """By which of the boxes (n, 4) of an amount's digits it lies in; nobody's, if in several."""

    def owners(x: NDArray[np.floating], y: NDArray[np.floating]) -> tuple[Mask, Mask]:
        left, top, wide, tall = (boxes[:, k, None] for k in range(4))
        inside = (x >= left - 1) & (x <= left + wide + 1) & (y >= top - 1) & (y <= top + tall + 1)
        sure = inside.sum(axis=0) <= 1
        return inside & sure, sure

    return owners


def labels_of(pieces: Labels, own: Mask, sure: Mask, runs: Runs, symbols: Sequence[int]) -> Labels:
    """What each run is, by whose ink it holds.

    `pieces` (p,) are the pieces that the points of ink lie in; see `Owners` for `own` and `sure`. `symbols`
    (digits,) are what the owners are.
    """
    count = max(int(pieces.max()) + 1, int(runs.ends.max()))

    def held(points: Mask) -> tuple[Floats, Floats]:
        """How many of the points (k, p) each run holds (k, m), and how many there are (k, 1)."""
        per_piece = [np.bincount(pieces[some], minlength=count) for some in points]
        sums = np.pad(np.cumsum(per_piece, axis=1), ((0, 0), (1, 0))).astype(np.float64)
        return sums[:, runs.ends] - sums[:, runs.starts], np.maximum(sums[:, -1:], 1.0)

    mine, all_mine = held(own & sure)
    inside, _ = held(sure[None])
    agreement = np.minimum(mine / all_mine, mine / np.maximum(inside, 1.0))
    best = agreement.argmax(axis=0)
    most = agreement[best, np.arange(len(best))]
    letters = np.array(symbols)
    labels = np.where(most >= GOOD, letters[best], np.where(most < BAD, NO_DIGIT, UNSURE))
    # Where digits overlap, the best cut there is must do.
    for digit, run in enumerate(agreement.argmax(axis=1)):
        if agreement[digit, run] >= FAIR and best[run] == digit:
            labels[run] = letters[digit]
    # But a digit that lost much of its strokes to a neighbour is not what it was.
    shared, all_shared = held(own)
    lost = (shared / all_shared).max(axis=0) < WHOLE
    return np.asarray(np.where((labels >= 0) & lost, UNSURE, labels), dtype=np.int64)
