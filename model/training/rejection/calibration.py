"""Fitting a checkpoint's temperature, the two numbers of its digit score, and its threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import Metadata
from model.recognition.recogniser import digit_logit
from model.training.data import LabelledImages
from model.training.evaluation.calibration import (
    Floats,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    probabilities,
)
from model.training.rejection.material import Weights, balanced, grouped, kinds_of
from model.training.rejection.measures import threshold_refusing
from model.training.rejection.scores import Responses, served_score

BINS = 15
LEAST = 0.05
"""What the calibrated log-odds must vary by at the least, as a standard deviation."""
ALL = "all"
"""The name of all kinds taken together, each counting the same."""


@dataclass(frozen=True, slots=True)
class DigitFigures:
    """The digits of one kind, or of several: shares are fractions of 1.

    `refused` is the share whose digit score does not reach the checkpoint's threshold.
    """

    name: str
    images: int
    accuracy: float
    nll: float
    ece: float
    refused: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def figures_of_digits(part: LabelledImages, responses: Responses, metadata: Metadata) -> list[DigitFigures]:
    """The figures of each kind of digit in a gathered part, of each group of several kinds, and of all."""
    predicted = probabilities(responses.logits, metadata.temperature)
    score = served_score(responses, metadata)
    found = []
    for name, index, weights in sets_of(kinds_of(part, digits=True)):
        labels = part.labels[index]
        right = predicted[index].argmax(axis=1) == labels
        logits = responses.logits[index] / metadata.temperature
        found.append(
            DigitFigures(
                name,
                len(index),
                accuracy=float(weights @ right),
                nll=negative_log_likelihood(logits, labels, weights),
                ece=expected_calibration_error(predicted[index], labels, BINS, weights),
                refused=float(weights @ (score[index] < metadata.accept)),
            )
        )
    return found


def sets_of(kinds: Mapping[str, NDArray[np.int64]]) -> Iterator[tuple[str, NDArray[np.int64], Weights]]:
    """Each kind, each group of several kinds, and all: its name, its images, their weights (sum 1)."""
    for name in kinds:
        yield name, *balanced({name: kinds[name]})
    for group, names in grouped(kinds).items():
        if len(names) > 1 or group not in names:
            yield f"{ALL} {group}", *balanced({name: kinds[name] for name in names})
    if kinds:
        yield ALL, *balanced(kinds)


def calibrate(
    loaded: Checkpoint, part: LabelledImages, responses: Responses, accept: float = 0.99
) -> Metadata:
    """The checkpoint's metadata with temperature, digit score and threshold fitted to a gathered part.

    The temperature is that of the least likelihood loss over the digits; the digit score is calibrated by
    Platt's method, if the part has other things than digits; `accept` of the digits reach the threshold. Each
    kind of digit counts as much as any other, each kind of other things too, and both sides the same.

    Raises:
        ValueError: if the part has no digits, or the digit score is worth nothing.
    """
    digits, others = kinds_of(part, digits=True), kinds_of(part, digits=False)
    if not digits:
        raise ValueError("there are no digits to calibrate by")
    index, weights = balanced(digits)
    temperature = fit_temperature(responses.logits[index], part.labels[index], weights)
    metadata = replace(loaded.metadata, temperature=temperature)
    if others:
        other, other_weights = balanced(others)
        logit = digit_logit(responses.logits, responses.head, metadata)
        is_digit = np.arange(len(index) + len(other)) < len(index)
        scale, offset = platt(
            logit[np.concatenate([index, other])], is_digit, np.concatenate([weights, other_weights])
        )
        if scale * float(np.std(logit)) < LEAST:
            raise ValueError("the digit score tells digits from other things no better than chance")
        metadata = replace(metadata, digit_scale=scale, digit_offset=offset)
    score = served_score(responses, metadata)
    return replace(metadata, accept=threshold_refusing(score[index], weights, 1 - accept))


def platt(logit: Floats, positive: NDArray[np.bool_], weights: Weights) -> tuple[float, float]:
    """Scale > 0 and offset such that sigmoid(scale * logit + offset) is the probability of a positive.

    Platt 1999, section 2.2, with his targets, which keep the scale finite where the two sides do not overlap.
    `weights` set the prior: with equal sums on both sides 0.5 means even odds.
    """
    n, m = int(positive.sum()), int((~positive).sum())
    target = np.where(positive, (n + 1) / (n + 2), 1 / (m + 2))
    centre, spread = float(np.mean(logit)), max(float(np.std(logit)), 1e-6)
    scaled = (logit.astype(np.float64) - centre) / spread
    each = weights / weights.sum()

    def loss(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scale = float(np.exp(x[0]))
        odds = scale * scaled + x[1]
        value = each @ (np.logaddexp(0, odds) - target * odds)
        slope = each * (expit(odds) - target)
        return float(value), np.array([slope @ scaled * scale, slope.sum()])

    found = minimize(loss, np.zeros(2), jac=True, method="BFGS").x
    scale = float(np.exp(found[0])) / spread
    return scale, float(found[1]) - scale * centre


def digit_ece(score: Floats, positive: NDArray[np.bool_], weights: Weights) -> float:
    """The calibration error of digit scores: the gap of mean score and share of digits over 15 bins."""
    two = np.stack([1 - score, score], axis=1)
    return expected_calibration_error(two, positive.astype(np.int64), BINS, weights)
