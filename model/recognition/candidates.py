"""Pictures of which it is not plain whether what is dark or what is light is the ink.

Both are shown to the network. What the picture tells of its ink, and how much each side looks like a digit,
are odds, and multiply.
"""

import math
from collections.abc import Sequence
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.recognition.recogniser import Recognition


class Sided(Protocol):
    """Ink as the network takes it, and maybe the same picture the other way round."""

    @property
    def field(self) -> NDArray[np.uint8]:
        """(S, S), 0 background to 255 ink."""
        ...

    @property
    def other(self) -> Self | None:
        """The same picture with the other of dark and light as the ink, if that may be."""
        ...

    @property
    def lead(self) -> float:
        """The odds (logarithmic) of this side against the other, as far as the picture tells."""
        ...


LEAST = 1e-6
"""No digit score is taken for nearer to 0 or 1 than this."""

S = TypeVar("S", bound=Sided)


def shown(inks: Sequence[S]) -> list[S]:
    """What the network is to see of n inks: each, and its other side after it where there is one."""
    both: list[S] = []
    for ink in inks:
        both.append(ink)
        if ink.other is not None:
            both.append(ink.other)
    return both


def taken(both: Sequence[S], found: Recognition) -> tuple[list[S], Recognition]:
    """Of what `shown` gave, and what the network made of it, the side of each ink that counts.

    Gives n inks, and what the network made of them.
    """
    chosen, at = [], 0
    while at < len(both):
        if both[at].other is None:
            chosen.append(at)
            at += 1
            continue
        this, that = (_odds(float(score)) for score in found.digit_score[at : at + 2])
        chosen.append(at if this + both[at].lead >= that else at + 1)
        at += 2
    if len(chosen) == len(both):
        return list(both), found
    return [both[at] for at in chosen], Recognition(found.probabilities[chosen], found.digit_score[chosen])


def _odds(score: float) -> float:
    """The odds (logarithmic) that a digit score stands for."""
    score = min(max(score, LEAST), 1.0 - LEAST)
    return math.log(score / (1.0 - score))
