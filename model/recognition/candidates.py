"""Pictures in which the ink may be what is dark or what is light: the network sees both, and one is chosen.

What the picture says of its ink, and how much each candidate looks like a digit, are odds, and multiply.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.ink import NormalisedInk

LEAST = 1e-6
"""Digit scores nearer to 0 or 1 than this count as this near."""


def candidates(inks: Sequence[NormalisedInk]) -> list[NormalisedInk]:
    """Each of n inks, followed by the same picture's other candidate where there is one."""
    return [candidate for ink in inks for candidate in (ink, ink.other) if candidate is not None]


def choose(shown: Sequence[NormalisedInk], digit_score: NDArray[np.floating]) -> list[int]:
    """Choose one candidate of each picture.

    Args:
        shown: m `candidates` of n pictures.
        digit_score: (m,), the network's digit score of each, 0 to 1.

    Returns:
        The places in `shown` of the n that were chosen, in order.
    """
    chosen, place = [], 0
    while place < len(shown):
        if shown[place].other is None:
            chosen.append(place)
            place += 1
            continue
        first, second = map(log_odds, digit_score[place : place + 2].tolist())
        chosen.append(place if first + shown[place].log_odds >= second else place + 1)
        place += 2
    return chosen


def log_odds(score: float) -> float:
    """The logarithm of the odds that a digit score, 0 to 1, stands for."""
    score = min(max(score, LEAST), 1.0 - LEAST)
    return math.log(score / (1.0 - score))
