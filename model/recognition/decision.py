"""From probabilities and a digit score to what is said of an image: which digit, if any, and why not."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Reason = Literal["not one legible digit", "looks like several digits", "unsure between two"]

UNSURE = 0.6
"""A most probable digit below this is unsure when the second one makes most of the rest."""

BOTH = 0.85
"""What the two most probable digits must have together to be named as the two it may be."""


class Judgement(NamedTuple):
    """What is said of one field.

    `digit` is the most probable digit even where `is_digit` is false; `between` names the two that it may be,
    in rising order, where the reason is "unsure between two".
    """

    digit: int
    confidence: float
    is_digit: bool
    reason: Reason | None
    between: tuple[int, int] | None = None


def judge(probabilities: NDArray[np.floating], score: float, *, pieces: int, accept: float) -> Judgement:
    """Judge one field.

    Args:
        probabilities: (10,), calibrated, summing to 1.
        score: the digit score, 0 to 1.
        pieces: how many digit-sized groups of ink the normaliser saw.
        accept: the least score of a digit.
    """
    second, digit = (int(index) for index in probabilities.argsort(kind="stable")[-2:])
    best = (digit, float(probabilities[digit]))
    return judge_two(best, (second, float(probabilities[second])), score, pieces=pieces, accept=accept)


def judge_two(
    best: tuple[int, float], second: tuple[int, float], score: float, *, pieces: int, accept: float
) -> Judgement:
    """Judge one field by its two most probable digits, each with its probability; the rest as in `judge`."""
    digit, confidence = best
    if pieces >= 2:
        return Judgement(digit, confidence, False, "looks like several digits")
    if score < accept:
        return Judgement(digit, confidence, False, "not one legible digit")
    if confidence < UNSURE and confidence + second[1] >= BOTH:
        pair = (min(digit, second[0]), max(digit, second[0]))
        return Judgement(digit, confidence, True, "unsure between two", pair)
    return Judgement(digit, confidence, True, None)
