"""How well scores tell digits from other things: AUROC, shares at a threshold, risk against coverage.

Scores (n,) are higher for what looks more like a digit; weights (n,) say how much each image counts, and
without them each counts 1.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.training.evaluation.calibration import Floats

Weights = NDArray[np.float64]


class RiskCoverage(NamedTuple):
    """The risk (error among the answers) and the share of images answered, by threshold, the strictest first.

    El-Yaniv and Wiener 2010, section 2. Images of equal confidence are answered together.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    threshold: NDArray[np.float64]

    def risk_at(self, coverage: float) -> float:
        """The risk when at least that share is answered."""
        place = int(np.searchsorted(self.coverage, coverage * (1 - 1e-9)))
        return float(self.risk[min(place, len(self.risk) - 1)])


def area_under_roc(
    digits: Floats, others: Floats, weights: Weights | None = None, other_weights: Weights | None = None
) -> float:
    """How often a digit has the higher score than something else, ties counting half (Mann-Whitney U)."""
    weights = np.ones(len(digits)) if weights is None else weights
    other_weights = np.ones(len(others)) if other_weights is None else other_weights
    order = np.argsort(others, kind="stable")
    below = np.append(0.0, np.cumsum(other_weights[order]))
    left = below[np.searchsorted(others[order], digits, side="left")]
    right = below[np.searchsorted(others[order], digits, side="right")]
    share = float(weights @ (left + right) / 2 / (weights.sum() * below[-1]))
    return min(share, 1.0)  # sums of many weights are a little off


def threshold_refusing(scores: Floats, weights: Weights | None = None, share: float = 0.01) -> float:
    """The highest of the scores below which at most `share` of the digits' weight lies."""
    weights = np.ones(len(scores)) if weights is None else weights
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    below = np.append(0.0, np.cumsum(weights[order]))
    # Equal scores are refused or accepted together: what counts is the weight before the first of them.
    lost = below[np.searchsorted(ordered, ordered, side="left")]
    # A sum of many weights is a little off: a share of exactly 1 % shall pass for 1 %.
    possible = np.flatnonzero(lost <= share * below[-1] * (1 + 1e-9))
    return float(ordered[possible[-1]])


def share_accepted(scores: Floats, weights: Weights, threshold: float) -> float:
    """The share of the weight whose score reaches the threshold."""
    return float(weights[scores >= threshold].sum() / weights.sum())


def risk_coverage(
    confidence: Floats, wrong: NDArray[np.bool_], weights: Weights | None = None
) -> RiskCoverage:
    """Risk against coverage of answers of some confidence (n,), of which some are `wrong` (n,)."""
    weights = np.ones(len(confidence)) if weights is None else weights
    order = np.argsort(-confidence, kind="stable")
    answered = np.cumsum(weights[order])
    risk = np.cumsum((weights * wrong)[order]) / answered
    ordered = confidence[order]
    # Only the last image of a run of equal confidences is a place where a threshold can stand.
    last = np.append(ordered[1:] != ordered[:-1], True)
    return RiskCoverage(answered[last] / answered[-1], risk[last], ordered[last])
