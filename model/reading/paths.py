"""The best texts of a segmentation graph, and how probable each is.

The Viterbi algorithm keeps the best path to a node; here it keeps the best texts, each with the sum over
the paths that spell it (the forward algorithm: LeCun et al. 1998, section VI), so that a text's
probability is its share of the sum over all paths.
"""

from dataclasses import dataclass
from math import exp, inf, log1p

import numpy as np
from numpy.typing import NDArray

from model.reading.lattice import Runs

Real = NDArray[np.float64]

BEAM = 12
"""How many texts are kept at a node."""
DIGITS = 4
"""How many digits a run may stand for: its best."""
MARGIN = 7.0
"""A digit, or a text, that scores less than the best by more than this is dropped (natural logarithm)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that the graph spells."""

    text: str
    probability: float
    runs: tuple[int, ...]
    """The runs of its best path."""


@dataclass(slots=True)
class _Hypothesis:
    total: float
    best: float
    runs: tuple[int, ...]


def partition(starts: NDArray[np.int64], ends: NDArray[np.int64], digits: Real, skips: Real) -> Real:
    """(n + 1,): for every node the logarithm of the sum over all paths to it."""
    count = len(skips)
    forward = np.full(count + 1, -np.inf)
    forward[0] = 0.0
    whole = np.logaddexp.reduce(digits, axis=1) if len(digits) else np.zeros(0)
    by_end = np.argsort(ends, kind="stable")
    at = np.searchsorted(ends[by_end], np.arange(count + 2))
    for node in range(1, count + 1):
        arcs = by_end[at[node] : at[node + 1]]
        terms = np.append(forward[starts[arcs]] + whole[arcs], forward[node - 1] + skips[node - 1])
        forward[node] = np.logaddexp.reduce(terms)
    return forward


def best_path(runs: Runs, digits: Real, skips: Real) -> list[int]:
    """The runs of the one best path (Viterbi)."""
    count = len(skips)
    top = digits.max(axis=1).tolist() if len(digits) else []
    arcs: list[list[int]] = [[] for _ in range(count + 1)]
    for number, end in enumerate(runs.ends.tolist()):
        arcs[end].append(number)
    starts = runs.starts.tolist()
    best, taken = [0.0], [-1]
    for node in range(1, count + 1):
        score, arc = best[node - 1] + float(skips[node - 1]), -1
        for number in arcs[node]:
            value = best[starts[number]] + top[number]
            if value > score:
                score, arc = value, number
        best.append(score)
        taken.append(arc)
    path, node = [], count
    while node > 0:
        arc = taken[node]
        if arc >= 0:
            path.append(arc)
            node = starts[arc]
        else:
            node -= 1
    return path[::-1]


def best_texts(runs: Runs, digits: Real, skips: Real, most: int = 5) -> list[Text]:
    """The most probable texts, best first; the empty one is among them when nothing may be a digit."""
    count = len(skips)
    arcs: list[list[int]] = [[] for _ in range(count + 1)]
    for number, end in enumerate(runs.ends):
        arcs[end].append(number)
    order = np.argsort(-digits, axis=1, kind="stable")[:, :DIGITS] if len(digits) else digits.astype(int)
    nodes: list[dict[str, _Hypothesis]] = [{"": _Hypothesis(0.0, 0.0, ())}]
    for node in range(1, count + 1):
        here: dict[str, _Hypothesis] = {}
        for text, before in nodes[node - 1].items():
            _add(here, text, before.total + skips[node - 1], before.best + skips[node - 1], before.runs)
        for arc in arcs[node]:
            row = digits[arc]
            top = row[order[arc, 0]]
            choices = [(str(d), float(row[d])) for d in order[arc] if row[d] > top - MARGIN]
            for text, before in nodes[int(runs.starts[arc])].items():
                path = (*before.runs, arc)
                for letter, score in choices:
                    _add(here, text + letter, before.total + score, before.best + score, path)
        nodes.append(_pruned(here))
    total = float(partition(runs.starts, runs.ends, digits, skips)[-1])
    ranked = sorted(nodes[-1].items(), key=lambda item: -item[1].total)[:most]
    return [Text(text, min(1.0, exp(found.total - total)), found.runs) for text, found in ranked]


def _add(here: dict[str, _Hypothesis], text: str, total: float, best: float, runs: tuple[int, ...]) -> None:
    known = here.get(text)
    if known is None:
        here[text] = _Hypothesis(total, best, runs)
        return
    high, low = max(known.total, total), min(known.total, total)
    known.total = high + log1p(exp(low - high)) if low > -inf else high
    if best > known.best:
        known.best, known.runs = best, runs


def _pruned(here: dict[str, _Hypothesis]) -> dict[str, _Hypothesis]:
    if len(here) <= 1:
        return here
    top = max(found.total for found in here.values())
    kept = [item for item in here.items() if item[1].total > top - MARGIN]
    kept.sort(key=lambda item: -item[1].total)
    return dict(kept[:BEAM])
