"""From probabilities and a digit score to the decision: is it a digit, and if not, why not."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Reason = Literal["not one legible digit", "looks like several digits", "unsure between two"]

UNSURE = 0.6
"""An answer whose digit is less probable than this is unsure, if the second one has most of the rest."""
BOTH = 0.85
"""The least sum of the two highest probabilities for the answer to name both digits."""


class Decision(NamedTuple):
    """What is decided about one picture.

    `digit` is the most probable digit even where `is_digit` is false. `between` has the two digits that it
    may be, in rising order, where the reason is "unsure between two".
    """

    digit: int
    is_digit: bool
    reason: Reason | None
    between: tuple[int, int] | None


def decide(
    probabilities: Sequence[float], digit_score: float, *, several: bool, plain: bool, accept: float
) -> Decision:
    """Decide about one picture.

    Args:
        probabilities: Ten, calibrated, their sum 1.
        digit_score: 0 to 1.
        several: Whether several digits seem to be there.
        plain: Whether the ink is plain to see, as in a drawing; elsewhere the others may be mere neighbours.
        accept: The least score of a digit.
    """
    confidence = max(probabilities)
    digit = probabilities.index(confidence)
    if digit_score < accept or (several and plain):
        reason: Reason = "looks like several digits" if several else "not one legible digit"
        return Decision(digit, False, reason, None)
    if confidence < UNSURE:
        first, second = sorted(sorted(range(10), key=probabilities.__getitem__)[-2:])
        if probabilities[first] + probabilities[second] >= BOTH:
            return Decision(digit, True, "unsure between two", (first, second))
    return Decision(digit, True, None, None)
