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
"""How many digits a run may stand for, its best ones."""
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


def _passed(order: NDArray[np.int64], count: int) -> list[int]:
    """For each place in the order the piece that is passed over to get there, -1 if there is none."""
    passed = [-1] * len(order)
    for piece, place in enumerate(order[1 : count + 1].tolist()):
        passed[place] = piece
    return passed


def partition(
    starts: NDArray[np.int64], ends: NDArray[np.int64], digits: Real, skips: Real, order: NDArray[np.int64]
) -> Real:
    """(nodes,): for every node in the order the logarithm of the sum over all paths to it."""
    forward = np.full(len(order), -np.inf)
    forward[0] = 0.0
    whole = np.logaddexp.reduce(digits, axis=1) if len(digits) else np.zeros(0)
    starts, ends = order[starts], order[ends]
    by_end = np.argsort(ends, kind="stable")
    at = np.searchsorted(ends[by_end], np.arange(len(order) + 1))
    passed = _passed(order, len(skips))
    for node in range(1, len(order)):
        arcs = by_end[at[node] : at[node + 1]]
        terms = forward[starts[arcs]] + whole[arcs]
        if (piece := passed[node]) >= 0:
            terms = np.append(terms, forward[order[piece]] + skips[piece])
        if len(terms):
            forward[node] = np.logaddexp.reduce(terms)
    return forward


def shares(runs: Runs, digits: Real, skips: Real, order: NDArray[np.int64]) -> Real:
    """(m,): for every run the logarithm of its share in the sum over all paths (forward and backward)."""
    if not len(digits):
        return np.zeros(0)
    count, last = len(skips), len(order) - 1
    forward = partition(runs.starts, runs.ends, digits, skips, order)
    # Backward is forward in a mirror: node i of those between pieces becomes n - i.
    turned = np.arange(len(order))
    turned[: count + 1] = turned[count::-1]
    mirrored = (last - order)[turned]
    backward = partition(turned[runs.ends], turned[runs.starts], digits, skips[::-1], mirrored)[::-1]
    whole = np.logaddexp.reduce(digits, axis=1)
    return np.asarray(forward[order[runs.starts]] + whole + backward[order[runs.ends]] - forward[-1])


def best_path(runs: Runs, digits: Real, skips: Real, order: NDArray[np.int64]) -> list[int]:
    """The runs of the one best path (Viterbi)."""
    top = digits.max(axis=1).tolist() if len(digits) else []
    arcs: list[list[int]] = [[] for _ in order]
    for number, end in enumerate(order[runs.ends].tolist()):
        arcs[end].append(number)
    starts = order[runs.starts].tolist()
    passed = _passed(order, len(skips))
    best, taken = [0.0], [-1]
    for node in range(1, len(order)):
        score, arc = -inf, -1
        if (piece := passed[node]) >= 0:
            score = best[int(order[piece])] + float(skips[piece])
        for number in arcs[node]:
            value = best[starts[number]] + top[number]
            if value > score:
                score, arc = value, number
        best.append(score)
        taken.append(arc)
    path, node = [], len(order) - 1
    while node > 0:
        arc = taken[node]
        if arc >= 0:
            path.append(arc)
            node = starts[arc]
        else:
            node = int(order[passed[node]])
    return path[::-1]


def best_texts(runs: Runs, digits: Real, skips: Real, order: NDArray[np.int64], most: int = 5) -> list[Text]:
    """The most probable texts, best first; the empty one is among them when nothing may be a digit.

    `order` (nodes,) is the place of each node from left to right (`Pieces.order`).
    """
    arcs: list[list[int]] = [[] for _ in order]
    for number, end in enumerate(order[runs.ends].tolist()):
        arcs[end].append(number)
    starts = order[runs.starts].tolist()
    passed = _passed(order, len(skips))
    ranked = np.argsort(-digits, axis=1, kind="stable")[:, :DIGITS] if len(digits) else digits.astype(int)
    nodes: list[dict[str, _Hypothesis]] = [{"": _Hypothesis(0.0, 0.0, ())}]
    for node in range(1, len(order)):
        here: dict[str, _Hypothesis] = {}
        if (piece := passed[node]) >= 0:
            skip = float(skips[piece])
            for text, before in nodes[int(order[piece])].items():
                _add(here, text, before.total + skip, before.best + skip, before.runs)
        for arc in arcs[node]:
            row = digits[arc]
            top = row[ranked[arc, 0]]
            choices = [(str(d), float(row[d])) for d in ranked[arc] if row[d] > top - MARGIN]
            for text, before in nodes[starts[arc]].items():
                path = (*before.runs, arc)
                for letter, score in choices:
                    _add(here, text + letter, before.total + score, before.best + score, path)
        nodes.append(_pruned(here))
    total = float(partition(runs.starts, runs.ends, digits, skips, order)[-1])
    best = sorted(nodes[-1].items(), key=lambda item: -item[1].total)[:most]
    return [Text(text, min(1.0, exp(found.total - total)), found.runs) for text, found in best]


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
