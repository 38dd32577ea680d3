"""What stands before or behind the digits of an amount and is read as one: currency signs.

A slash between digits stays a 1: many a hand's 1 is as straight, and leans as far.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.reading.paths import Text

FOREIGN, SURE = 0.3, 0.9
"""A sign has a lower digit score than the first where the rest of the line has more than the second."""


def signs_of(best: Text, scores: NDArray[np.float32]) -> frozenset[int]:
    """Which runs at the ends of a line's best text are signs, and no digits; `scores` are all runs' (m,)."""
    arcs = list(best.runs)
    found = set()
    while len(arcs) > 1 and scores[arcs[0]] < FOREIGN and float(scores[arcs[1:]].mean()) > SURE:
        found.add(arcs.pop(0))
    while len(arcs) > 1 and scores[arcs[-1]] < FOREIGN and float(scores[arcs[:-1]].mean()) > SURE:
        found.add(arcs.pop())
    return frozenset(found)


def without(texts: Sequence[Text], signs: frozenset[int]) -> list[Text]:
    """The texts without those runs, the likeliest first; those that are the same then are one."""
    merged: dict[str, Text] = {}
    for text in texts:
        kept = [(letter, arc) for letter, arc in zip(text.text, text.runs, strict=True) if arc not in signs]
        letters = "".join(letter for letter, _ in kept)
        if letters in merged:
            same = merged[letters]
            merged[letters] = Text(letters, same.probability + text.probability, same.runs)
        elif letters:
            merged[letters] = Text(letters, text.probability, tuple(arc for _, arc in kept))
    return sorted(merged.values(), key=lambda text: -text.probability)
