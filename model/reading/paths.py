"""The best texts of a segmentation graph, and how probable each is.

The Viterbi algorithm keeps the best path to a node. Here it keeps the best texts, each with the sum over
the paths that spell it (the forward algorithm: LeCun et al. 1998, section VI), so a text's probability is its
share of the sum over all paths. Texts unlike usual numbers count less. With a pattern, only texts that may
still grow to fit it are kept (the grammar's graph composed with the segmentation graph: section VIII).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p

import numpy as np

from model.reading.lattice import SYMBOLS, Real, Runs
from model.reading.pattern import USUAL, Pattern, State

Arc = tuple[int, int]
"""A run, and which of `SYMBOLS` it is."""

BEAM = 12
"""The most texts kept at a node, for each state of the pattern."""
SYMBOLS_EACH = 4
"""A run may stand for this many symbols at most: its best ones."""
MARGIN = 7.0
"""A symbol, or a text, that scores less than the best by more than this is dropped (natural logarithm)."""
UNEXPECTED = 0.2
"""The weight of the probability of texts that are unlike usual numbers, or do not fit the pattern."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that the graph spells."""

    text: str
    probability: float
    path: tuple[Arc, ...]
    """Its best path."""


@dataclass(slots=True)
class _Hypothesis:
    total: float
    best: float
    path: tuple[Arc, ...]
    state: State


def partition(runs: Runs, scores: Real, skips: Real) -> float:
    """The logarithm of the sum over all paths through a graph; see `best_texts`."""
    forward = np.zeros(len(skips) + 1)
    whole = np.logaddexp.reduce(scores, axis=1) if len(scores) else np.zeros(0)
    for node in range(1, len(forward)):
        arcs = np.flatnonzero(runs.ends == node)
        passed = forward[node - 1] + skips[node - 1]
        forward[node] = np.logaddexp.reduce([passed, *(forward[runs.starts[arcs]] + whole[arcs])])
    return float(forward[-1])


def best_texts(
    runs: Runs,
    scores: Real,
    skips: Real,
    *,
    most: int = 5,
    letters: Sequence[str] = SYMBOLS,
    pattern: Pattern | None = None,
) -> list[Text]:
    """The most probable texts, best first; the empty one is among them when nothing may be a digit.

    `scores` (m, len(letters)) are those of each run as each symbol, `letters` what each symbol adds to the
    text, and `skips` (n,) the scores for skipping each piece. With a `pattern`, only texts that fit it are
    returned, and `UNEXPECTED` weights the probability of all others; without one, that of unusual texts.
    """
    arcs: list[list[int]] = [[] for _ in range(len(skips) + 1)]
    for number, end in enumerate(runs.ends.tolist()):
        arcs[end].append(number)
    starts, passed = runs.starts.tolist(), skips.tolist()
    choices = [_choices(row, letters, every=pattern is not None) for row in scores.tolist()]
    begin = frozenset() if pattern is None else pattern.start
    nodes: list[dict[str, _Hypothesis]] = [{"": _Hypothesis(0.0, 0.0, (), begin)}]
    for node in range(1, len(arcs)):
        skip = passed[node - 1]
        here = {
            text: _Hypothesis(before.total + skip, before.best + skip, before.path, before.state)
            for text, before in nodes[-1].items()
        }
        least = -inf
        for arc in arcs[node]:
            for text, before in nodes[starts[arc]].items():
                for symbol, letter, score in choices[arc]:
                    total, best, state = before.total + score, before.best + score, before.state
                    if total < least:
                        break
                    if pattern is None or not letter or (state := pattern.after(state, letter)):
                        new = _Hypothesis(total, best, (*before.path, (arc, symbol)), state)
                        _add(here, text + letter, new)
                    if pattern is None:  # what is far below the best will be dropped
                        least = max(least, total - MARGIN)
        nodes.append(_pruned(here))
    total = partition(runs, scores, skips)
    found = list(nodes[-1].items())
    if pattern is None:
        unusual = [each for text, each in found if not USUAL.fullmatch(text)]
        total += log1p((UNEXPECTED - 1.0) * sum(exp(each.total - total) for each in unusual))
        for each in unusual:
            each.total += log(UNEXPECTED)
    else:
        found = [(text, each) for text, each in found if pattern.fits(each.state)]
        fitting = float(np.logaddexp.reduce([each.total for _, each in found])) if found else -inf
        others = max(1.0 - exp(min(fitting - total, 0.0)), 1e-12)
        total = float(np.logaddexp(fitting, total + log(UNEXPECTED * others)))
    found.sort(key=lambda item: -item[1].total)
    return [Text(text, min(1.0, exp(each.total - total)), each.path) for text, each in found[:most]]


def _choices(row: list[float], letters: Sequence[str], *, every: bool) -> list[tuple[int, str, float]]:
    """The likely symbols, or `every` one, of a run with these scores; with letters and scores, best first."""
    ranked = sorted(range(len(row)), key=lambda symbol: -row[symbol])
    if not every:
        ranked = [symbol for symbol in ranked[:SYMBOLS_EACH] if row[symbol] > row[ranked[0]] - MARGIN]
    return [(symbol, letters[symbol], row[symbol]) for symbol in ranked]


def _add(here: dict[str, _Hypothesis], text: str, new: _Hypothesis) -> None:
    known = here.setdefault(text, new)
    if known is not new:
        high, low = max(known.total, new.total), min(known.total, new.total)
        known.total = high + log1p(exp(low - high)) if low > -inf else high
        if new.best > known.best:
            known.best, known.path = new.best, new.path


def _pruned(here: dict[str, _Hypothesis]) -> dict[str, _Hypothesis]:
    """The best texts of each state of the pattern: a poor one may turn out to be the only one that fits."""
    states: dict[State, list[tuple[str, _Hypothesis]]] = {}
    for item in here.items():
        states.setdefault(item[1].state, []).append(item)
    kept: dict[str, _Hypothesis] = {}
    for items in states.values():
        items.sort(key=lambda item: -item[1].total)
        top = items[0][1].total
        kept.update(item for item in items[:BEAM] if item[1].total > top - MARGIN)
    return kept
