"""Measures of probabilities and scores: likelihood, calibration error, AUROC, risk against coverage.

Logits are float arrays (n, classes), labels int arrays (n,), probabilities (n, classes) in [0,1]; scores (n,)
are higher for what looks more like a digit. Weights (n,) say how much each image counts; without them each
counts 1.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.stats import rankdata

from model.recognition.calibration import softmax

Floats = NDArray[np.floating]
Labels = NDArray[np.integer]

BINS = 15
"""The number of equal intervals of confidence."""


def negative_log_likelihood(logits: Floats, labels: Labels, weights: Floats | None = None) -> float:
    """Compute the mean of -log p(label), in nats."""
    chosen = log_softmax(logits.astype(np.float64), axis=1)[np.arange(len(labels)), labels]
    return float(-np.average(chosen, weights=weights))


def fit_temperature(logits: Floats, labels: Labels, weights: Floats | None = None) -> float:
    """Find the temperature T > 0 whose softmax(logits / T) has the least negative log-likelihood.

    Guo et al. 2017, section 4.2. Sought between 1/20 and 20.
    """
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(logits / np.exp(log_t), labels, weights),
        bounds=(-np.log(20), np.log(20)),
        method="bounded",
        options={"xatol": 1e-4},
    )
    return float(np.exp(found.x))


def probabilities(logits: Floats, temperature: float = 1.0) -> NDArray[np.float64]:
    """Compute softmax(logits / temperature)."""
    return softmax(logits.astype(np.float64) / temperature)


def reliability(
    predicted: Floats, labels: Labels, bins: int = BINS
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give the number, mean confidence and accuracy of the images in each of `bins` intervals of confidence.

    The intervals are (0, 1/bins], ..., (1 - 1/bins, 1]; an empty one has mean confidence and accuracy 0.
    """
    confidence = predicted.max(axis=1)
    right = predicted.argmax(axis=1) == labels
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins).astype(np.float64)
    some = np.maximum(count, 1)
    return count, np.bincount(place, confidence, bins) / some, np.bincount(place, right, bins) / some


def expected_calibration_error(predicted: Floats, labels: Labels) -> float:
    """ECE: the mean gap of confidence and accuracy over the bins, weighted by their images (Guo 2017)."""
    count, mean, accuracy = reliability(predicted, labels)
    total = float(count.sum())
    return float((count * np.abs(mean - accuracy)).sum() / total) if total else 0.0


Weights = NDArray[np.float64]


class RiskCoverage(NamedTuple):
    """The error rate among the answers and the share of images answered, by threshold, the strictest first.

    El-Yaniv and Wiener 2010, section 2. Images of equal confidence are answered together.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    threshold: NDArray[np.float64]


def area_under_roc(digits: Floats, others: Floats) -> float:
    """How often a digit has the higher score than something else, ties counting half (Mann-Whitney U)."""
    n, ranks = len(digits), rankdata(np.concatenate([digits, others]))
    return float(ranks[:n].sum() - n * (n + 1) / 2) / (n * len(others))


def threshold_refusing(scores: Floats, weights: Weights | None = None, share: float = 0.01) -> float:
    """The highest of the scores below which at most `share` of the digits' weight lies."""
    weights = np.ones(len(scores)) if weights is None else weights
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    below = np.append(0.0, np.cumsum(weights[order]))
    # Equal scores are refused or accepted together: what counts is the weight before the first of them.
    lost = below[np.searchsorted(ordered, ordered, side="left")]
    # A sum of many weights is a little off: a share of exactly 1 % must still count as 1 %.
    possible = np.flatnonzero(lost <= share * below[-1] * (1 + 1e-9))
    return float(ordered[possible[-1]])


def risk_coverage(confidence: Floats, wrong: NDArray[np.bool_]) -> RiskCoverage:
    """Risk against coverage of answers with `confidence` (n,); `wrong` (n,) marks those that are wrong."""
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(confidence) + 1)
    risk = np.cumsum(wrong[order]) / answered
    ordered = confidence[order]
    # A threshold can only lie after the last image of a run of equal confidences.
    last = np.append(ordered[1:] != ordered[:-1], True)
    return RiskCoverage(answered[last] / len(confidence), risk[last], ordered[last])
