"""The best texts of a segmentation graph, and how probable each is.

The Viterbi algorithm keeps the best path to a node; here it keeps the best texts, each with the sum over
the paths that spell it (the forward algorithm: LeCun et al. 1998, section VI), so that a text's
probability is its share of the sum over all paths. With a pattern those texts alone are kept that may still
become what fits it (the grammar's graph composed with the segmentation's: the same, section VIII).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.reading.lattice import SYMBOLS, Runs
from model.reading.pattern import Pattern, State

Real = NDArray[np.float64]

BEAM = 12
"""How many texts are kept at a node."""
SYMBOLS_EACH = 4
"""How many symbols a run may stand for, its best ones."""
MARGIN = 7.0
"""A symbol, or a text, that scores less than the best by more than this is dropped (natural logarithm)."""
UNEXPECTED = 0.2
"""How probable it is beforehand that a number does not fit the pattern that it is said to have."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that the graph spells."""

    text: str
    probability: float
    runs: tuple[int, ...]
    """The runs of its best path, ..."""
    symbols: tuple[int, ...]
    """... and which of `SYMBOLS` each is there."""


@dataclass(slots=True)
class _Hypothesis:
    total: float
    best: float
    path: tuple[tuple[int, int], ...]
    """Runs and symbols."""
    state: State


class _Step(NamedTuple):
    """One step of a path: a run as a symbol, or a piece passed over (-1), and the pattern's state then."""

    score: float
    state: State
    run: int = -1
    symbol: int = -1


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


def best_texts(
    runs: Runs,
    scores: Real,
    skips: Real,
    order: NDArray[np.int64],
    *,
    most: int = 5,
    letters: Sequence[str] = SYMBOLS,
    pattern: Pattern | None = None,
) -> list[Text]:
    """The most probable texts, best first; the empty one is among them when nothing may be a digit.

    `scores` (m, len(letters)) are those of every run as every symbol, `letters` what each adds to the text,
    and `order` (nodes,) is the place of each node from left to right (`Pieces.order`). With a `pattern`, the
    texts that fit it, and of the probability of all others `UNEXPECTED` counts.
    """
    arcs: list[list[int]] = [[] for _ in order]
    for number, end in enumerate(order[runs.ends].tolist()):
        arcs[end].append(number)
    starts = order[runs.starts].tolist()
    passed = _passed(order, len(skips))
    choices = [_choices(row, letters, None if pattern is None else len(row)) for row in scores.tolist()]
    begin = frozenset() if pattern is None else pattern.start
    nodes: list[dict[str, _Hypothesis]] = [{"": _Hypothesis(0.0, 0.0, (), begin)}]
    for node in range(1, len(order)):
        here: dict[str, _Hypothesis] = {}
        if (piece := passed[node]) >= 0:
            skip = float(skips[piece])
            for text, before in nodes[int(order[piece])].items():
                _add(here, text, before, _Step(skip, before.state))
        for arc in arcs[node]:
            for text, before in nodes[starts[arc]].items():
                for symbol, letter, score in choices[arc]:
                    state = before.state
                    if pattern is not None and letter and not (state := pattern.after(state, letter)):
                        continue
                    _add(here, text + letter, before, _Step(score, state, arc, symbol))
        nodes.append(_pruned(here))
    total = float(partition(runs.starts, runs.ends, scores, skips, order)[-1])
    found = list(nodes[-1].items())
    if pattern is not None:
        found = [(text, each) for text, each in found if pattern.fits(each.state)]
        fitting = float(np.logaddexp.reduce([each.total for _, each in found])) if found else -inf
        others = max(1.0 - exp(min(fitting - total, 0.0)), 1e-12)
        total = float(np.logaddexp(fitting, total + log(UNEXPECTED * others)))
    found.sort(key=lambda item: -item[1].total)
    return [
        Text(
            text,
            min(1.0, exp(each.total - total)),
            tuple(arc for arc, _ in each.path),
            tuple(symbol for _, symbol in each.path),
        )
        for text, each in found[:most]
    ]


def _choices(row: list[float], letters: Sequence[str], most: int | None) -> list[tuple[int, str, float]]:
    """The symbols that a run of these scores may stand for, with their letters and scores, best first.

    `most` of them, however improbable; without it the likely ones.
    """
    ranked = sorted(range(len(row)), key=lambda symbol: -row[symbol])
    least = -inf
    if most is None:
        ranked, least = ranked[:SYMBOLS_EACH], row[ranked[0]] - MARGIN
    return [(symbol, letters[symbol], row[symbol]) for symbol in ranked if row[symbol] > least]


def _add(here: dict[str, _Hypothesis], text: str, before: _Hypothesis, step: _Step) -> None:
    total, best = before.total + step.score, before.best + step.score
    known = here.get(text)
    if known is None:
        here[text] = _Hypothesis(total, best, _path(before, step), step.state)
        return
    high, low = max(known.total, total), min(known.total, total)
    known.total = high + log1p(exp(low - high)) if low > -inf else high
    if best > known.best:
        known.best, known.path = best, _path(before, step)


def _path(before: _Hypothesis, step: _Step) -> tuple[tuple[int, int], ...]:
    return before.path if step.run < 0 else (*before.path, (step.run, step.symbol))


def _pruned(here: dict[str, _Hypothesis]) -> dict[str, _Hypothesis]:
    """The best texts of each state of the pattern: one that is behind may be the only one to fit at last."""
    states: dict[State, list[tuple[str, _Hypothesis]]] = {}
    for item in here.items():
        states.setdefault(item[1].state, []).append(item)
    kept: dict[str, _Hypothesis] = {}
    for items in states.values():
        items.sort(key=lambda item: -item[1].total)
        top = items[0][1].total
        kept.update(item for item in items[:BEAM] if item[1].total > top - MARGIN)
    return kept
