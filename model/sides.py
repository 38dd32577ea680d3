"""Pictures of which it is not plain whether what is dark or what is light is the ink.

Both are shown to the network, and what looks more like a digit counts.
"""

from collections.abc import Sequence
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.recogniser import Recognition


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

    That is the one of the higher digit score. Gives n inks, and what the network made of them.
    """
    chosen, at = [], 0
    while at < len(both):
        sides = 1 if both[at].other is None else 2
        chosen.append(at + int(found.digit_score[at : at + sides].argmax()))
        at += sides
    if len(chosen) == len(both):
        return list(both), found
    return [both[at] for at in chosen], Recognition(found.probabilities[chosen], found.digit_score[chosen])
