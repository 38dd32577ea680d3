"""What stands before or behind digits and is read as one: currency signs, and brackets around them.

A slash between digits stays a 1: many a hand's 1 is as straight, and leans as far.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from model.reading.lattice import SYMBOLS, Real
from model.reading.paths import Text

Fields = NDArray[np.uint8]

FOREIGN, SURE = 0.3, 0.9
"""A sign has a lower digit score than the first where the rest of the line has more than the second."""

BELOW, ABOVE = 0.07, -0.02
"""A bracket reaches at least so far below and above the digits between (shares of their height)."""
NARROW = 0.5
"""It is no wider than this share of their height."""
BEND, BEND_ALONE = 0.5, 1.2
"""Its middle lies so far outside of its ends (field pixels): one of a pair, and one alone."""


def signs_of(best: Text, scores: NDArray[np.float64]) -> frozenset[int]:
    """Which runs at the ends of a line's best text are signs, and no digits; `scores` are all runs' (m,)."""
    arcs = list(best.runs)
    found = set()
    while len(arcs) > 1 and scores[arcs[0]] < FOREIGN and float(scores[arcs[1:]].mean()) > SURE:
        found.add(arcs.pop(0))
    while len(arcs) > 1 and scores[arcs[-1]] < FOREIGN and float(scores[arcs[:-1]].mean()) > SURE:
        found.add(arcs.pop())
    return frozenset(found)


def brackets_of(best: Text, boxes: Real, framed: Callable[[list[int]], Fields]) -> frozenset[int]:
    """Which runs at the ends of a line's best text are brackets, read as 1s.

    `boxes` are all runs' (m, 4): left, top, right, bottom; `framed` gives the fields (n, 28, 28) of some.
    """
    ends = [end for end in (0, -1) if len(best.runs) > 1 and best.text[end] == "1"]
    found: dict[int, float] = {}
    for end in ends:
        inner = boxes[[arc for arc in best.runs if arc not in (best.runs[0], best.runs[-1])]]
        if len(best.runs) == 2:
            inner = boxes[[best.runs[-1 - end]]]
        left, top, right, bottom = boxes[best.runs[end]]
        tall = float(np.median(inner[:, 3] - inner[:, 1]))
        reaches = bottom > inner[:, 3].max() + BELOW * tall and top < inner[:, 1].min() - ABOVE * tall
        if reaches and right - left <= NARROW * tall:
            found[end] = _bend(framed([best.runs[end]])[0]) * (1 if end else -1)
    if len(found) == 2 and min(found.values()) > BEND:
        return frozenset((best.runs[0], best.runs[-1]))
    return frozenset(best.runs[end] for end, bend in found.items() if bend > BEND_ALONE)


def _bend(field: Fields) -> float:
    """By how much the middle of an upright stroke lies to the right of its ends (pixels)."""
    ink = field.astype(np.float64)
    rows = ink.sum(axis=1)
    there = np.flatnonzero(rows > 0)
    centre = (ink[there] @ np.arange(ink.shape[1])) / rows[there]
    end = max(1, len(there) // 6)
    middle = centre[len(there) // 3 : -(len(there) // 3)]
    return float(middle.mean() - (centre[:end].mean() + centre[-end:].mean()) / 2)


def without(texts: Sequence[Text], signs: frozenset[int]) -> list[Text]:
    """The texts without those runs, the likeliest first; those that are the same then are one."""
    merged: dict[str, Text] = {}
    for text in texts:
        kept = [path for path in zip(text.runs, text.symbols, strict=True) if path[0] not in signs]
        letters = "".join(SYMBOLS[symbol] for _, symbol in kept)
        if letters in merged:
            same = merged[letters]
            merged[letters] = Text(letters, same.probability + text.probability, same.runs, same.symbols)
        elif letters:
            runs, symbols = (tuple(part) for part in zip(*kept, strict=True))
            merged[letters] = Text(letters, text.probability, runs, symbols)
    return sorted(merged.values(), key=lambda text: -text.probability)
