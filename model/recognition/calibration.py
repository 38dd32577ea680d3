"""From a network's outputs to scores that can be trusted: probabilities of the digits, and a digit score."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from model.checkpoints.metadata import Metadata

T = TypeVar("T", bound=np.floating)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says of n fields.

    `probabilities` (n, 10): calibrated, each row's sum 1. `digit_score` (n,): 0 to 1, how much the field
    looks like one legible digit.
    """

    probabilities: NDArray[np.float64]
    digit_score: NDArray[np.float64]

    @property
    def digits(self) -> NDArray[np.int64]:
        """The most probable digit of each field, (n,)."""
        return np.asarray(self.probabilities.argmax(axis=1))


def calibrated(logits: NDArray[np.float32], digit: NDArray[np.float32] | None, metadata: Metadata) -> Scores:
    """Calibrate a network's outputs: logits (n, 10), and the digit head's (n,) if there is one."""
    wide = logits.astype(np.float64)
    score = score_of(digit_logit(wide, digit, metadata), metadata)
    return Scores(softmax(wide / metadata.temperature), score)


def softmax(logits: NDArray[T]) -> NDArray[T]:
    """The softmax of each row of (n, 10)."""
    shares: NDArray[T] = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def digit_logit(
    logits: NDArray[np.floating], digit: NDArray[np.floating] | None, metadata: Metadata
) -> NDArray[np.float64]:
    """How much each field looks like one legible digit, as log-odds (n,) before they are calibrated.

    They are the digit head's logits `digit` (n,) if the checkpoint has one; for lenet5-1998, the log-odds of
    digits against its rubbish class; else those of the likeliest digit. `logits` are the network's (n, 10).
    """
    if digit is not None:
        return digit.astype(np.float64)
    wide = logits.astype(np.float64)
    if metadata.rubbish is not None:
        return np.asarray(np.logaddexp.reduce(wide, axis=1) + metadata.rubbish)
    ordered = np.sort(wide / metadata.temperature, axis=1)
    return np.asarray(ordered[:, -1] - np.logaddexp.reduce(ordered[:, :-1], axis=1))


def calibrated_odds(logit: NDArray[np.float64], metadata: Metadata) -> NDArray[np.float64]:
    """Calibrate log-odds of a digit (n,) by the checkpoint's scale and offset."""
    return np.asarray(metadata.digit_scale * logit + metadata.digit_offset)


def score_of(logit: NDArray[np.float64], metadata: Metadata) -> NDArray[np.float64]:
    """The digit score, 0 to 1, of log-odds (n,): their sigmoid by the checkpoint's calibration."""
    return np.asarray(expit(calibrated_odds(logit, metadata)))
