"""Best texts and their probabilities, against all paths counted out."""

from collections import defaultdict
from itertools import product
from math import exp

import numpy as np
import pytest

from model.reading.lattice import Runs
from model.reading.paths import best_path, best_texts, partition, shares


def graph(pieces: int, rng: np.random.Generator) -> tuple[Runs, np.ndarray, np.ndarray, np.ndarray]:
    """Runs of three pieces at the most, and two further nodes that cross the second cut."""
    spans = [(s, e) for s in range(pieces) for e in range(s + 1, min(s + 3, pieces) + 1)]
    first, second = pieces + 1, pieces + 2
    spans += [(0, first), (1, first), (1, second), (first, second), (first, 3), (second, 3), (second, 4)]
    order = np.array([0, 1, 4, *range(5, pieces + 3), 2, 3])
    starts, ends = (np.array(side, np.int64) for side in zip(*spans, strict=True))
    digits = np.full((len(spans), 10), -50.0)
    digits[:, :3] = rng.normal(0, 3, (len(spans), 3))
    return (
        Runs(starts, ends, np.zeros((len(spans), 4)), np.zeros(len(spans))),
        digits,
        rng.normal(-1, 1, pieces),
        order,
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
    runs, digits, skips, order = graph(4, np.random.default_rng(seed))
    sums: dict[str, float] = defaultdict(float)
    for path, skipped in all_paths(runs, skips):
        for text in product(range(3), repeat=len(path)):
            sums["".join(map(str, text))] += exp(skipped + digits[list(path), list(text)].sum())
    total = sum(sums.values())
    told = best_texts(runs, digits, skips, order, most=3)
    wanted = sorted(sums.items(), key=lambda item: -item[1])[:3]
    assert [text.text for text in told] == [text for text, _ in wanted]
    # The beam drops what is hopeless, so a little of the sum may be missing.
    assert [text.probability for text in told] == pytest.approx([s / total for _, s in wanted], rel=0.05)
    found = partition(runs.starts, runs.ends, digits, skips, order)[-1]
    assert found == pytest.approx(np.log(total), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_path_is_the_best_of_all(seed: int) -> None:
    runs, digits, skips, order = graph(5, np.random.default_rng(seed))
    tops = digits.max(axis=1)
    best = max(all_paths(runs, skips), key=lambda path: path[1] + tops[list(path[0])].sum())
    assert tuple(best_path(runs, digits, skips, order)) == best[0]


@pytest.mark.parametrize("seed", range(5))
def test_the_share_of_a_run_is_that_of_the_paths_through_it(seed: int) -> None:
    runs, digits, skips, order = graph(5, np.random.default_rng(seed))
    each, through, total = np.logaddexp.reduce(digits, axis=1), np.zeros(len(digits)), 0.0
    for path, skipped in all_paths(runs, skips):
        weight = exp(skipped + each[list(path)].sum())
        through[list(path)] += weight
        total += weight
    assert np.exp(shares(runs, digits, skips, order)) == pytest.approx(through / total, rel=1e-6)


def test_nothing_but_skips_is_the_empty_text() -> None:
    runs = Runs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(0))
    (only,) = best_texts(runs, np.zeros((0, 10)), np.array([-1.0, -2.0]), np.arange(3))
    assert only.text == ""
    assert only.probability == pytest.approx(1)
