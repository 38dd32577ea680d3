"""Likelihood, calibration error, and the temperature with the greatest likelihood.

Logits are float arrays (n, classes), labels int arrays (n,), probabilities (n, classes) in [0,1]. Weights
(n,) say how much each image counts; without them each counts 1.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

Floats = NDArray[np.floating]
Labels = NDArray[np.integer]

BINS = 15
"""Equal intervals of confidence."""


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
    return np.asarray(softmax(logits.astype(np.float64) / temperature, axis=1))


def reliability(
    predicted: Floats, labels: Labels, bins: int = BINS, weights: Floats | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give the images' weight, mean confidence and accuracy in each of `bins` equal intervals of confidence.

    The intervals are (0, 1/bins], ..., (1 - 1/bins, 1]; an empty one has mean confidence and accuracy 0.
    """
    confidence = predicted.max(axis=1)
    right = predicted.argmax(axis=1) == labels
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    each = np.ones(len(labels)) if weights is None else weights
    count = np.bincount(place, each, bins).astype(np.float64)
    some = np.where(count > 0, count, 1)
    mean = np.bincount(place, confidence * each, bins) / some
    accuracy = np.bincount(place, right * each, bins) / some
    return count, mean, accuracy


def expected_calibration_error(
    predicted: Floats, labels: Labels, bins: int = BINS, weights: Floats | None = None
) -> float:
    """ECE: the mean gap of confidence and accuracy over the bins, weighted by their images (Guo 2017)."""
    count, mean, accuracy = reliability(predicted, labels, bins, weights)
    total = float(count.sum())
    return float((count * np.abs(mean - accuracy)).sum() / total) if total else 0.0
