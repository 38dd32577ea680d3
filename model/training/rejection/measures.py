"""How well scores tell digits from what is none: AUROC, shares at a threshold, risk against coverage.

Scores (n,) are higher for what looks more like a digit; weights (n,) say how much each image counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.training.evaluation.calibration import Floats
from model.training.rejection.material import Weights

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def area_under_roc(digits: Floats, weights: Weights, others: Floats, other_weights: Weights) -> float:
    """How often a digit has the higher score than something else, ties counting half (Mann-Whitney U)."""
    order = np.argsort(others, kind="stable")
    below = np.append(0.0, np.cumsum(other_weights[order]))
    left = below[np.searchsorted(others[order], digits, side="left")]
    right = below[np.searchsorted(others[order], digits, side="right")]
    share = float(weights @ (left + right) / 2 / (weights.sum() * below[-1]))
    return min(share, 1.0)  # sums of many weights are a little off


def threshold_refusing(scores: Floats, weights: Weights, share: float = 0.01) -> float:
    """The highest threshold below which at most `share` of the digits' weight lies; it is one of `scores`."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    below = np.append(0.0, np.cumsum(weights[order]))
    # Equal scores are refused or accepted together: what counts is the weight before the first of them.
    lost = below[np.searchsorted(ordered, ordered, side="left")]
    # A sum of many weights is a little off: a share of exactly 1 % shall pass for 1 %.
    possible = np.flatnonzero(lost <= share * below[-1] * (1 + 1e-9))
    return float(ordered[possible[-1]])


def accepted(scores: Floats, weights: Weights, threshold: float) -> float:
    """The share of the weight whose score reaches the threshold."""
    return float(weights[scores >= threshold].sum() / weights.sum())


def roc(digits: Floats, weights: Weights, others: Floats, other_weights: Weights) -> Curve:
    """The ROC: shares of the others and of the digits that are accepted, from the strictest threshold on."""
    thresholds = np.unique(np.concatenate([digits, others]))[::-1]

    def shares(scores: Floats, each: Weights) -> NDArray[np.float64]:
        order = np.argsort(-scores, kind="stable")
        above = np.append(0.0, np.cumsum(each[order])) / each.sum()
        return np.asarray(above[np.searchsorted(-scores[order], -thresholds, side="right")])

    return (
        np.append(0.0, shares(others, other_weights)),
        np.append(0.0, shares(digits, weights)),
    )


def risk_coverage(confidence: Floats, wrong: NDArray[np.bool_], weights: Weights) -> Curve:
    """Coverage and risk, the error among what is answered, for every threshold, the strictest first.

    El-Yaniv and Wiener 2010, section 2. Images of equal confidence are answered together.
    """
    order = np.argsort(-confidence, kind="stable")
    coverage = np.cumsum(weights[order])
    risk = np.cumsum((weights * wrong)[order]) / coverage
    ordered = confidence[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    return coverage[last] / coverage[-1], risk[last]


def risk_at(curve: Curve, coverage: float) -> float:
    """The risk when at least that share is answered."""
    place = int(np.searchsorted(curve[0], coverage * (1 - 1e-9)))
    return float(curve[1][min(place, len(curve[1]) - 1)])


def area_under_risk(curve: Curve) -> float:
    """AURC: the mean risk over all coverages (Geifman, Uziel, El-Yaniv 2019, section 2)."""
    return float(np.diff(curve[0], prepend=0.0) @ curve[1])
