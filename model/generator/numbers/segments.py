"""What the segmentation graph asks the network about: true digits as they are cut, and wrong pieces.

LeCun et al. 1998, section VI.C: a network that reads strings must be trained on the pieces that it will be
shown there, and must learn to reject those that are no character.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from model.generator.build import is_bar
from model.generator.items import PARTS, Bytes, Floats, Rng, one_of
from model.generator.materials import Materials
from model.generator.numbers.lines import Sample, variant, written
from model.generator.numbers.strings import SPACINGS, by_writer, compose
from model.generator.numbers.texts import Letter, letters_of, plain
from model.ink import InkError
from model.ink import strokes as pen
from model.ink.components import WEAK
from model.ink.decode import decode
from model.ink.grounds import grounds
from model.ink.morphology import Mask
from model.reading import graph, page
from model.reading import pen as by_pen
from model.reading.fitting import UNSURE, Example
from model.reading.lattice import SYMBOLS, Candidates, Network, Numbers, Runs
from model.reading.symbols import WAYS, Way
from model.recognition import Scores
from model.training.data import NO_DIGIT, LabelledImages

GOOD, FAIR, BAD = 0.88, 0.68, 0.62
"""A run is a digit if it holds the share GOOD or more of the digit's ink, and as much of its own ink is the
digit's; for the digit's best run FAIR is enough. Below BAD it is no digit; in between it is UNSURE."""
WHOLE = 0.7
"""The share of a digit's ink, shared with neighbours or not, that a run must hold to count as the digit."""
CHEQUES = 0.35
"""The share of the pieces that are from cheques."""
CLOSE = (0.1, 0.13, 0.18, 0.59)
"""The shares of the spacings, from wide to touching, in the other pieces: most are of digits that touch."""


def segment_candidates(materials: Materials, seed: int, count: int) -> LabelledImages:
    """Candidates of the segmentation graph, about half of them digits."""
    rng, blind = np.random.default_rng((seed, PARTS.index(materials.part))), Blind()
    amounts, hands = materials.amounts, by_writer(materials.pendigits)

    def number() -> Sample:
        spacing = SPACINGS[int(rng.choice(4, p=CLOSE))]
        return written(compose(hands, rng, letters_of(plain(rng)), spacing), "composed", spacing, rng)

    images, labels = np.zeros((count, 28, 28), np.uint8), np.zeros(count, np.int64)
    have, cheques = 0, round(count * CHEQUES)
    while have < count:
        sample, end = (variant(one_of(rng, amounts), rng), cheques) if have < cheques else (number(), count)
        for way in WAYS if rng.random() < 0.35 else WAYS[:1]:
            for found, called in candidates(sample, way, blind):
                chosen = _balanced(found.fields, called, rng)[: end - have]
                images[have : have + len(chosen)] = found.fields[chosen]
                labels[have : have + len(chosen)] = called[chosen]
                have += len(chosen)
    order = rng.permutation(count)
    return LabelledImages(images[order], labels[order])


def _balanced(fields: Bytes, labels: Numbers, rng: Rng) -> Numbers:
    """Choose all digits of a line, and at most one more wrong piece than there are digits.

    A straight upright piece is left out: by itself it is a 1, and only its neighbours show that it is not.
    So are signs that are no digits, and most runs that are much wider than high, which are easy to reject.
    """
    good = np.flatnonzero((labels >= 0) & (labels < 10))
    bad = np.flatnonzero(labels == NO_DIGIT)
    bad = bad[[not is_bar(field) for field in fields[bad]]]
    solid = fields[bad] > 100
    wide = solid.any(axis=1).sum(axis=1) > 1.5 * solid.any(axis=2).sum(axis=1)
    bad = bad[~wide | (rng.random(len(bad)) < 0.35)]
    return np.concatenate([good, rng.permutation(bad)[: len(good) + 1]])


class Blind:
    """A network that knows nothing: all ink is cut."""

    def score(self, fields: Bytes, *, again: bool = True) -> Scores:
        """Say of each field (n, 28, 28) that it is no digit."""
        return Scores(np.full((len(fields), 10), 0.1), np.zeros(len(fields)))


def candidates(sample: Sample, way: Way, network: Network) -> Iterator[tuple[Candidates, Numbers]]:
    """The candidates of each line of a number as it is sent, and what they are: see `labels_of`.

    The line with the most ink comes first.
    """
    found = _of_image(sample, network) if way == "image" else _of_strokes(sample, network)
    for _, runs, labels in sorted(found, key=lambda line: -line[0]):
        yield runs, labels


def _of_image(sample: Sample, network: Network) -> Iterator[tuple[float, Candidates, Numbers]]:
    try:
        lines = next(page.proposals(next(grounds(decode(sample.image).pixels))))
    except (InkError, StopIteration):
        return
    for line in lines:
        found = graph.candidates_of(line, graph.Work(network, "picture"))
        if found is not None:
            candidates, numbers = found
            rows, columns = np.nonzero((line.ink >= WEAK) & (numbers >= 0))
            x = line.origin[0] + (columns + 0.5) * line.factor
            y = line.origin[1] + (rows + 0.5) * line.factor
            own, sure = sample.owners(x, y)
            labels = labels_of(numbers[rows, columns], own, sure, candidates.runs, sample.letters)
            yield float(line.ink.sum()) * line.factor**2, candidates, labels


def _of_strokes(sample: Sample, network: Network) -> Iterator[tuple[float, Candidates, Numbers]]:
    if not sample.parts:
        return
    owner = {tuple(at): n for n, part in enumerate(sample.parts) for stroke in part for at in stroke}
    for line in by_pen.pen_lines(pen.read(sample.strokes)):
        found = by_pen.candidates_of(line, graph.Work(network, "drawing"))
        if found is not None:
            pieces = np.repeat(np.arange(len(line.parts)), [len(part) for part in line.parts])
            points = map(tuple, np.concatenate(line.parts)[:, :2].tolist())
            own = np.array([owner.get(at, -1) for at in points]) == np.arange(len(sample.parts))[:, None]
            sure = np.ones(len(pieces), bool)
            yield len(pieces), found, labels_of(pieces, own, sure, found.runs, sample.letters)


def labels_of(pieces: Numbers, own: Mask, sure: Mask, runs: Runs, letters: Sequence[Letter]) -> Numbers:
    """What each of m runs is, by whose ink it holds: one of SYMBOLS, NO_DIGIT or UNSURE.

    `pieces` (p,) has the piece that each point of ink lies in; `own` and `sure` are as `Owners` gives them
    for the `letters`.
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
    symbols = np.array([SYMBOLS.index(letter.text) for letter in letters])
    labels = np.where(most >= GOOD, symbols[best], np.where(most < BAD, NO_DIGIT, UNSURE))
    # Where digits overlap, the best cut there is must do.
    for digit, run in enumerate(agreement.argmax(axis=1)):
        if agreement[digit, run] >= FAIR and best[run] == digit:
            labels[run] = symbols[digit]
    # But a digit that lost much of its strokes to a neighbour is no longer that digit.
    shared, all_shared = held(own)
    lost = (shared / all_shared).max(axis=0) < WHOLE
    return np.asarray(np.where((labels >= 0) & lost, UNSURE, labels), dtype=np.int64)


def examples(chosen: Iterable[Sample], network: Network, way: Way) -> Iterator[Example]:
    """Each sample's candidates and their labels, from the line of the picture that has the most ink."""
    for sample in chosen:
        for line, labels in candidates(sample, way, network):
            marks = sample.marks == "read"
            # In an amount, what is no digit may be a mark: the truth does not say.
            yield Example(line, sample.text, labels if marks else np.where(labels < 0, UNSURE, labels), marks)
            break
