"""The best texts of a segmentation graph, and how probable each is.

The Viterbi algorithm keeps the best path to a node; here it keeps the best texts, each with the sum over
the paths that spell it (the forward algorithm: LeCun et al. 1998, section VI), so that a text's
probability is its share of the sum over all paths, in which texts like no usual number count less. With a
pattern those texts alone are kept that may still become what fits it (the grammar's graph composed with the
segmentation's: the same, section VIII).
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
"""How many texts are kept at a node."""
SYMBOLS_EACH = 4
"""How many symbols a run may stand for, its best ones."""
MARGIN = 7.0
"""A symbol, or a text, that scores less than the best by more than this is dropped (natural logarithm)."""
UNEXPECTED = 0.2
"""So much counts the probability of a text that is like no usual number, or does not fit the pattern."""


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

    `scores` (m, len(letters)) are those of every run as every symbol, `letters` what each adds to the text,
    and `skips` (n,) the scores of passing over each piece. With a `pattern`, the texts that fit it alone; of
    the probability of all others, and without one of the unusual texts among them, `UNEXPECTED` counts.
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
    """The symbols that a run of these scores may stand for, with their letters and scores, best first.

    The likely ones, or `every` one.
    """
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
