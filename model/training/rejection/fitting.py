"""Fitting a checkpoint's temperature, the two numbers of its digit score, and its threshold.

They are fitted to digits and other things of many kinds; each kind counts the same, however many images it
has.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from model.checkpoints.metadata import Metadata
from model.recognition.calibration import calibrated, digit_logit
from model.training.data import NO_DIGIT, LabelledImages
from model.training.evaluation.inference import Outputs
from model.training.evaluation.measures import Floats, Weights, fit_temperature, threshold_refusing


def gather(parts: Mapping[str, LabelledImages]) -> LabelledImages:
    """Join all `parts`, grouped by kind: each part's own kinds, or one kind named after the part.

    Kinds of the same name are joined.
    """
    numbers: dict[str, int] = {}
    kinds = []
    for name, part in parts.items():
        names: tuple[str, ...] = (name,)
        within = np.zeros(len(part), np.int64)
        if part.groups is not None and part.group_names is not None:
            names, within = part.group_names, part.groups
        kinds.append(np.array([numbers.setdefault(kind, len(numbers)) for kind in names])[within])
    return LabelledImages(
        np.concatenate([part.images for part in parts.values()]),
        np.concatenate([part.labels for part in parts.values()]),
        np.concatenate(kinds),
        tuple(numbers),
    )


def balanced(kinds: NDArray[np.integer], is_digit: NDArray[np.bool_]) -> Weights:
    """Weights of n pictures: digits and others sum to 1 each, shared equally among the kinds of a side."""
    weights = np.zeros(len(kinds))
    for side in (is_digit, ~is_digit):
        counts = np.bincount(kinds[side])
        weights[side] = 1 / (counts[kinds[side]] * np.count_nonzero(counts))
    return weights


LEAST = 0.05
"""The least standard deviation that the calibrated log-odds must have."""


def calibrate(
    metadata: Metadata, gathered: LabelledImages, outputs: Outputs, accept: float = 0.99
) -> Metadata:
    """Fit temperature, digit score and threshold to what the checkpoint gives for images of several kinds.

    The temperature has the least negative log-likelihood over the digits; the digit score is calibrated by
    Platt's method, if there are other things than digits; the share `accept` of the digits reaches the
    threshold. Each kind of digit counts the same, each kind of other things too, and so do both sides as a
    whole.

    Raises:
        ValueError: there are no digits, or the digit score tells nothing.
    """
    is_digit = gathered.labels != NO_DIGIT
    if not is_digit.any():
        raise ValueError("there are no digits to calibrate by")
    assert gathered.groups is not None
    weights = balanced(gathered.groups, is_digit)
    of_digits = weights[is_digit]
    temperature = fit_temperature(outputs.logits[is_digit], gathered.labels[is_digit], of_digits)
    metadata = replace(metadata, temperature=temperature)
    if not is_digit.all():
        logit = digit_logit(outputs.logits, outputs.digit, metadata)
        scale, offset = platt(logit, is_digit, weights)
        if scale * float(np.std(logit)) < LEAST:
            raise ValueError("the digit score tells digits from other things no better than chance")
        metadata = replace(metadata, digit_scale=scale, digit_offset=offset)
    score = calibrated(*outputs, metadata).digit_score[is_digit]
    return replace(metadata, accept=threshold_refusing(score, of_digits, 1 - accept))


def platt(logit: Floats, positive: NDArray[np.bool_], weights: Weights) -> tuple[float, float]:
    """Fit scale > 0 and offset such that sigmoid(scale * logit + offset) is the probability of a positive.

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
