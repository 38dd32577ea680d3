"""What a network is worth on a part of a data set: every figure from one look at its images."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from model.training.data import LabelledImages
from model.training.evaluation.calibration import (
    Floats,
    Labels,
    expected_calibration_error,
    negative_log_likelihood,
    probabilities,
)


@dataclass(frozen=True, slots=True)
class Rejection:
    """To be left with at most `error` among the accepted images, `rejected` of all must be turned away.

    Those of a confidence below `threshold` are; both are shares. The paper's measure (section III.C).
    """

    error: float
    rejected: float
    threshold: float


@dataclass(frozen=True, slots=True)
class GroupAccuracy:
    """The accuracy on one group of writers."""

    group: str
    images: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one evaluation; shares are fractions of 1.

    `interval` is Wilson's 95 % interval of the accuracy. `nll` and `ece` are at the network's
    temperature, `nll_raw` and `ece_raw` without it. `confusion[i][j]` counts images of i read as j.
    `first_look` is the accuracy of the first look alone, where there is a second one (`second_look`).
    """

    images: int
    errors: int
    accuracy: float
    interval: tuple[float, float]
    temperature: float
    nll_raw: float
    nll: float
    ece_raw: float
    ece: float
    confusion: tuple[tuple[int, ...], ...]
    rejections: tuple[Rejection, ...]
    groups: tuple[GroupAccuracy, ...]
    first_look: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def evaluate(logits: Floats, part: LabelledImages, temperature: float) -> Report:
    """The report of `logits` (n,10) for the images of `part`."""
    labels = part.labels
    calibrated = probabilities(logits, temperature)
    right = logits.argmax(axis=1) == labels
    n, correct = len(labels), int(right.sum())
    confidence = calibrated.max(axis=1)
    return Report(
        images=n,
        errors=n - correct,
        accuracy=correct / n,
        interval=wilson_interval(correct, n),
        temperature=temperature,
        nll_raw=negative_log_likelihood(logits, labels),
        nll=negative_log_likelihood(logits / temperature, labels),
        ece_raw=expected_calibration_error(probabilities(logits), labels),
        ece=expected_calibration_error(calibrated, labels),
        confusion=tuple(tuple(map(int, row)) for row in confusion_matrix(logits.argmax(axis=1), labels)),
        rejections=tuple(rejection(confidence, right, error) for error in (0.005, 0.001)),
        groups=group_accuracies(right, part),
    )


def wilson_interval(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share of `successes` in `n` trials (Wilson 1927)."""
    z = float(norm.ppf((1 + level) / 2))
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)))
    return max(0.0, centre - half), min(1.0, centre + half)


def confusion_matrix(predicted: Labels, labels: Labels, classes: int = 10) -> NDArray[np.int64]:
    """Counts (classes, classes): row = the label, column = what was read."""
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def rejection(confidence: Floats, right: NDArray[np.bool_], error: float) -> Rejection:
    """The fewest images to reject, the least confident first, so that at most `error` of the rest is wrong.

    Images of equal confidence are accepted or rejected together.
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence = confidence[order]
    wrong = np.cumsum(~right[order])
    accepted = np.arange(1, len(order) + 1)
    # Only the last image of a run of equal confidences is a place where a threshold can stand.
    last = np.append(sorted_confidence[1:] != sorted_confidence[:-1], True)
    possible = np.flatnonzero(last & (wrong <= error * accepted))
    if len(possible) == 0:
        return Rejection(error, 1.0, 1.0)
    best = int(possible[-1])
    return Rejection(error, 1 - (best + 1) / len(order), float(sorted_confidence[best]))


def group_accuracies(right: NDArray[np.bool_], part: LabelledImages) -> tuple[GroupAccuracy, ...]:
    """The accuracy of each group of writers, in the order of their numbers; empty if they are not known."""
    if part.groups is None:
        return ()
    found = []
    for writer in np.unique(part.groups):
        mine = right[part.groups == writer]
        name = part.group_names[int(writer)] if part.group_names else f"writer {writer}"
        found.append(GroupAccuracy(name, len(mine), float(mine.mean())))
    return tuple(found)
