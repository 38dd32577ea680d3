"""What the segmentation graph asks the network about: true digits as they are cut, and wrong pieces.

LeCun et al. 1998, section VI.C: a network that is to read strings must be trained on the pieces that it
will be shown there, and to turn away those that are no character.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.generator.items import PARTS, Floats, Part, Rng
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
from model.generator.paper.cheques import Amount, load_numbers, varied
from model.generator.pens.pendigits import load_pendigits
from model.ink import InkError
from model.ink import strokes as pen
from model.ink.components import WEAK
from model.reading import page, segment
from model.reading import pen as by_pen
from model.reading.lattice import Runs, runs_of
from model.training.data import NO_DIGIT

GOOD, FAIR, BAD = 0.88, 0.68, 0.62
"""A run is a digit if it has the share GOOD of the digit's ink, and as much of its ink is the digit's; the
digit's best run is even with FAIR; it is none below BAD; between, nobody could say."""
WHOLE = 0.7
"""The share of its ink, that shared with neighbours included, that makes a digit whole enough."""

Labels: TypeAlias = NDArray[np.int64]
UNSURE = -2

_Batch: TypeAlias = tuple[NDArray[np.uint8], Labels, int]
"""Fields of one line, their labels and its group."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Fields (n, 28, 28), labels (n,) 0-9 or -1, groups (n,): the writer, or 1000 and the file's number."""

    fields: NDArray[np.uint8]
    labels: NDArray[np.int8]
    groups: NDArray[np.int32]


def segment_candidates(
    data_dir: Path, seed: int, part: Part = "train", count: int = 60_000, cheques: float = 0.35
) -> Segments:
    """Candidates of the segmentation graph, about half of them digits.

    `cheques` is the share from cheques; of the rest most come from digits that touch.

    `data_dir` holds pendigits/ and cheques/. Raises DataError if they are missing.
    """
    rng = np.random.default_rng((seed, PARTS.index(part)))
    amounts = load_numbers(data_dir, part)
    hands = by_writer(load_pendigits(data_dir, part))
    wanted = {"cheques": round(count * cheques), "pictures": round(count * (1 - cheques) * 0.75)}
    wanted["strokes"] = count - sum(wanted.values())

    def from_cheques() -> Iterator[_Batch]:
        amount = amounts[int(rng.integers(len(amounts)))]
        yield from cheque_runs(amount, rng)

    def number() -> tuple[Drawn, str, int]:
        spacing = SPACINGS[int(rng.choice(4, p=[0.08, 0.08, 0.17, 0.67]))]
        made = compose(hands, rng, random_length(rng), spacing)
        height = float(np.exp(rng.uniform(np.log(22), np.log(110))))
        return draw_number(made, rng, height, float(rng.uniform(0.04, 0.14)) * height), made.text, made.writer

    def from_pictures() -> Iterator[_Batch]:
        drawn, text, writer = number()
        yield from picture_runs(drawn, text, writer, rng)

    def from_strokes() -> Iterator[_Batch]:
        spacing = SPACINGS[int(rng.choice(4, p=[0.2, 0.3, 0.2, 0.3]))]
        yield from stroke_runs(compose(hands, rng, random_length(rng), spacing))

    sources: dict[str, Callable[[], Iterator[_Batch]]] = {
        "cheques": from_cheques,
        "pictures": from_pictures,
        "strokes": from_strokes,
    }
    fields, labels, groups = [], [], []
    for name, source in sources.items():
        have = 0
        while have < wanted[name]:
            for found, marks, group in source():
                chosen = _balanced(found, marks, rng)[: wanted[name] - have]
                fields.append(found[chosen])
                labels.append(marks[chosen].astype(np.int8))
                groups.append(np.full(len(chosen), group, np.int32))
                have += len(chosen)
    order = rng.permutation(count)
    return Segments(
        np.concatenate(fields)[order], np.concatenate(labels)[order], np.concatenate(groups)[order]
    )


def _balanced(fields: NDArray[np.uint8], labels: Labels, rng: Rng) -> Labels:
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


def _like_one(field: NDArray[np.uint8]) -> bool:
    """Whether a field holds one straight stroke, more upright than level."""
    y, x = np.nonzero(field > 100)
    if len(y) < 3:
        return False
    (low, high), vectors = np.linalg.eigh(np.cov(np.stack([x, y])))
    return bool(low < 0.04 * high and abs(vectors[1, 1]) > 0.5) or bool(np.ptp(x) < 8)


def picture_runs(drawn: Drawn, text: str, group: int, rng: Rng) -> Iterator[_Batch]:
    """Runs of a drawn number, put on paper first."""
    try:
        lines = page.lines(on_paper(drawn, rng))
    except InkError:
        return
    for line in lines:
        segmented = segment.segment(line)
        if segmented is None:
            continue
        runs = runs_of(segmented.pieces, line.height)
        if len(runs.starts):
            marks = ink_labels(segmented, runs, drawn, text)
            yield segment.fields(segmented, runs), marks, group


def ink_labels(segmented: segment.Segmented, runs: Runs, drawn: Drawn, text: str) -> Labels:
    """What each run is, by whose ink it holds: 0-9, NO_DIGIT or UNSURE."""
    line = segmented.line
    rows, columns = np.nonzero(line.ink >= WEAK)
    x = np.clip(line.origin[0] + (columns + 0.5) * line.factor, 0, drawn.ink.shape[1] - 1).astype(int)
    y = np.clip(line.origin[1] + (rows + 0.5) * line.factor, 0, drawn.ink.shape[0] - 1).astype(int)
    own = drawn.digits[:, y, x] > 100
    # A stroke's rim is nobody's, and what two digits share must go to one of them.
    sure = (own.sum(axis=0) == 1) | ((own.sum(axis=0) == 0) & (drawn.digits[:, y, x].max(axis=0) == 0))
    pieces = segmented.numbers[rows, columns]
    count = len(segmented.pieces.boxes)
    per_piece = np.stack([np.bincount(pieces[sure & mine], minlength=count) for mine in own])
    marks = _by_share(per_piece, np.bincount(pieces[sure], minlength=count), runs, text)
    # But a digit that lost much of its strokes to a neighbour is not what it was.
    with_shared = np.stack([np.bincount(pieces[mine], minlength=count) for mine in own])
    sums = np.pad(np.cumsum(with_shared.astype(np.float64), axis=1), ((0, 0), (1, 0)))
    held = (sums[:, runs.ends] - sums[:, runs.starts]) / np.maximum(sums[:, -1:], 1.0)
    return np.where((marks >= 0) & (held.max(axis=0) < WHOLE), UNSURE, marks)


def cheque_runs(amount: Amount, rng: Rng | None) -> Iterator[_Batch]:
    """Runs of an amount, varied at random where there is a generator."""
    pixels, boxes = varied(amount, rng) if rng is not None else (amount.pixels, amount.boxes)
    try:
        lines = page.lines(pixels)
    except InkError:
        return
    for line in lines:
        segmented = segment.segment(line)
        if segmented is None:
            continue
        runs = runs_of(segmented.pieces, line.height)
        if len(runs.starts):
            yield (
                segment.fields(segmented, runs),
                box_labels(segmented, runs, boxes, amount.text),
                1000 + amount.group,
            )


def box_labels(segmented: segment.Segmented, runs: Runs, boxes: Floats, text: str) -> Labels:
    """What each run is, by whose box its ink lies in: 0-9, NO_DIGIT or UNSURE.

    Ink within several boxes may belong to any of them, so it counts for none.
    """
    line = segmented.line
    rows, columns = np.nonzero(line.ink >= WEAK)
    x = line.origin[0] + (columns + 0.5) * line.factor
    y = line.origin[1] + (rows + 0.5) * line.factor
    left, top, wide, tall = (boxes[:, k, None] for k in range(4))
    inside = (x >= left - 1) & (x <= left + wide + 1) & (y >= top - 1) & (y <= top + tall + 1)
    sure = inside.sum(axis=0) <= 1
    pieces = segmented.numbers[rows, columns]
    count = len(segmented.pieces.boxes)
    mine = [np.bincount(pieces[sure & own], minlength=count) for own in inside]
    return _by_share(np.stack(mine), np.bincount(pieces[sure], minlength=count), runs, text)


def _by_share(per_piece: NDArray[np.int64], ink: NDArray[np.int64], runs: Runs, text: str) -> Labels:
    """Labels of runs from each digit's ink in each piece (digits, n) and all ink in each piece (n,)."""
    sums = np.pad(np.cumsum(per_piece.astype(np.float64), axis=1), ((0, 0), (1, 0)))
    whole = np.pad(np.cumsum(ink), (1, 0))
    total = np.maximum(sums[:, -1], 1.0)
    mine = sums[:, runs.ends] - sums[:, runs.starts]
    inside = np.maximum((whole[runs.ends] - whole[runs.starts]).astype(np.float64), 1.0)
    agreement = np.minimum(mine / total[:, None], mine / inside)
    best = agreement.argmax(axis=0)
    most = agreement[best, np.arange(len(best))]
    letters = np.array([int(letter) for letter in text])
    marks = np.where(most >= GOOD, letters[best], np.where(most < BAD, NO_DIGIT, UNSURE))
    # Where digits overlap, the best cut there is must do.
    for digit, run in enumerate(agreement.argmax(axis=1)):
        if agreement[digit, run] >= FAIR and best[run] == digit:
            marks[run] = letters[digit]
    return np.asarray(marks, dtype=np.int64)


def stroke_runs(number: Number) -> Iterator[_Batch]:
    """Runs of a number's pen strokes."""
    for line in by_pen.pen_lines(pen.read([stroke.tolist() for stroke in number.strokes])):
        runs = runs_of(line.pieces, line.height)
        if len(runs.starts):
            yield by_pen.fields(line, runs), stroke_labels(line, runs, number), number.writer


def stroke_labels(line: by_pen.PenLine, runs: Runs, number: Number) -> Labels:
    """What each run is, by whose points it holds: 0-9, NO_DIGIT or UNSURE."""
    owner: dict[tuple[float, float], int] = {}
    for place, digit in enumerate(number.digits):
        for stroke in digit:
            owner.update(dict.fromkeys(((float(x), float(y)) for x, y in stroke), place))
    per_piece = np.zeros((len(number.digits), len(line.parts)), np.int64)
    ink = np.zeros(len(line.parts), np.int64)
    for piece, part in enumerate(line.parts):
        for x, y in part[:, :2]:
            whose = owner.get((float(x), float(y)))
            ink[piece] += 1
            if whose is not None:
                per_piece[whose, piece] += 1
    return _by_share(per_piece, ink, runs, number.text)
