"""Best texts and their probabilities, against all paths counted out."""

from collections import defaultdict
from itertools import product
from math import exp

import numpy as np
import pytest

from model.reading.lattice import Runs
from model.reading.paths import UNEXPECTED, best_texts, partition
from model.reading.pattern import USUAL

LETTERS = "01/"


def graph(pieces: int, rng: np.random.Generator) -> tuple[Runs, np.ndarray, np.ndarray]:
    """Runs of three pieces at the most, and what they and the pieces score."""
    spans = [(s, e) for s in range(pieces) for e in range(s + 1, min(s + 3, pieces) + 1)]
    starts, ends = (np.array(side, np.int64) for side in zip(*spans, strict=True))
    return (
        Runs(starts, ends, np.zeros((len(spans), 4)), np.zeros(len(spans))),
        rng.normal([0, 0, -2], 3, (len(spans), len(LETTERS))),
        rng.normal(-1, 1, pieces),
    )


def all_paths(runs: Runs, skips: np.ndarray) -> list[tuple[tuple[int, ...], float]]:
    """Every path, as its runs and the score of the pieces that it passes over."""
    found = []

    def walk(node: int, taken: tuple[int, ...], skipped: float) -> None:
        if node == len(skips):
            found.append((taken, skipped))
            return
        if node < len(skips):
            walk(node + 1, taken, skipped + float(skips[node]))
        for arc in np.flatnonzero(runs.starts == node).tolist():
            walk(int(runs.ends[arc]), (*taken, arc), skipped)

    walk(0, (), 0.0)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_texts_and_probabilities_are_those_of_all_paths(seed: int) -> None:
    runs, scores, skips = graph(3, np.random.default_rng(seed))
    sums: dict[str, float] = defaultdict(float)
    for path, skipped in all_paths(runs, skips):
        for text in product(range(3), repeat=len(path)):
            sums["".join(LETTERS[each] for each in text)] += exp(
                skipped + scores[list(path), list(text)].sum()
            )
    assert partition(runs, scores, skips) == pytest.approx(np.log(sum(sums.values())), abs=1e-6)
    for spelt in filter(None, sums):  # hardly a number has a slash before, behind or beside another one
        if not all(part.isdigit() for part in spelt.split("/")):
            sums[spelt] *= UNEXPECTED
    total = sum(sums.values())
    told = best_texts(runs, scores, skips, most=3, letters=LETTERS)
    wanted = sorted(sums.items(), key=lambda item: -item[1])[:3]
    assert [text.text for text in told] == [text for text, _ in wanted]
    # The beam drops what is hopeless, so a little of the sum may be missing.
    assert [text.probability for text in told] == pytest.approx([s / total for _, s in wanted], rel=0.05)


def test_usual_numbers_are_told_from_others() -> None:
    assert all(map(USUAL.fullmatch, ("", "7", "-5", "1.2,3", "12:30:45", "12-34", "1/2/3")))
    assert not any(map(USUAL.fullmatch, (".5", "5.", "-1-2", "1/2-3", "12:30.5", "1..2", "--1")))


def test_nothing_but_skips_is_the_empty_text() -> None:
    runs = Runs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(0))
    (only,) = best_texts(runs, np.zeros((0, 10)), np.array([-1.0, -2.0]))
    assert only.text == ""
    assert only.probability == pytest.approx(1)
