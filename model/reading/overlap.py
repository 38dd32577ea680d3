"""Overlaps: ink that two digits share belongs to both, so likely candidates are scored once more with it.

A cut gives the shared ink to one of the two, and leaves a gap in the other: an 8 becomes a 3. With the ink
beyond its cuts, as far as a pen is wide, the digit is whole, but has stumps of its neighbour. The network
scores it both ways, and the mean counts.
"""

import numpy as np
from numpy.typing import NDArray

from model.reading.decision import likely
from model.reading.lattice import Pieces, Runs
from model.reading.network import Network
from model.reading.segment import Segmented, overlapping_fields
from model.reading.weights import Weights
from model.recognition import Scores

LIKELY = -7.0
"""Runs whose share in all paths is less than this (natural logarithm) are not scored again."""
CUT = 0.3
"""Nor are those whose cuts go through less ink than this (stroke widths)."""


def score_overlaps(
    segmented: Segmented, runs: Runs, scores: Scores, weights: Weights, *, network: Network, most: int
) -> tuple[Scores, int]:
    """Score a line's likely runs, `most` at the most, with the ink beyond their cuts.

    Gives the scores of all runs, and how many were scored again.
    """
    cut = np.flatnonzero(cut_off(segmented.pieces, runs))
    if most <= 0 or not len(cut):
        return scores, 0
    share = likely(segmented.pieces, runs, scores, weights, segmented.line.height)[cut]
    chosen = cut[np.argsort(-share, kind="stable")[: min(most, int((share > LIKELY).sum()))]]
    if not len(chosen):
        return scores, 0
    again = network.score(overlapping_fields(segmented, runs.taken(chosen)))
    probabilities, digit_score = scores.probabilities.copy(), scores.digit_score.copy()
    probabilities[chosen] = _mean(scores.probabilities[chosen], again.probabilities)
    digit_score[chosen] = _mean(_both_ways(digit_score[chosen]), _both_ways(again.digit_score))[:, 0]
    return Scores(probabilities, digit_score), len(chosen)


def cut_off(pieces: Pieces, runs: Runs) -> NDArray[np.bool_]:
    """(m,): which runs begin or end at a cut through ink."""
    cuts = np.concatenate([pieces.cuts, pieces.crossing.costs])
    return np.asarray(np.maximum(cuts[runs.starts], cuts[runs.ends]) > CUT)


def _both_ways(score: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([score, 1 - score], axis=1)


def _mean(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """The geometric mean of two distributions (n, k), their sums 1: the mean of their logits."""
    mean = np.sqrt(np.maximum(first, 1e-6, dtype=np.float64) * np.maximum(second, 1e-6, dtype=np.float64))
    return np.asarray(mean / mean.sum(axis=1, keepdims=True))
