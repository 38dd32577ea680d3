"""What two digits share is both's: likely candidates are looked at again with the ink beyond their cuts.

Where digits overlap, a cut gives what they share to one of them, and the other has a gap: an 8 becomes a 3.
With the ink beyond its cuts, as far as a pen is wide, it is whole, but has stumps of its neighbour. The
network is asked about both, and the mean counts.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from model.reading.decision import likely
from model.reading.lattice import Fields, Pieces, Runs
from model.reading.network import Recognition, Seen
from model.reading.segment import Segmented, fields_beyond
from model.reading.weights import Weights

LIKELY = -7.0
"""Runs whose share in all paths is less than this (natural logarithm) are not looked at again."""
CUT = 0.3
"""Nor are those whose cuts go through less ink than this (stroke widths)."""

Real = NDArray[np.float64]


def look_beyond(
    segmented: Segmented,
    runs: Runs,
    seen: Recognition,
    weights: Weights,
    *,
    recognise: Callable[[Fields], Recognition],
    most: int,
) -> tuple[Recognition, int]:
    """What the network makes of a line's runs, and how many it was asked about: `most` at the most."""
    if most <= 0:
        return seen, 0
    bound = np.flatnonzero(cut_off(segmented.pieces, runs))
    if not len(bound):
        return seen, 0
    share = likely(segmented.pieces, runs, seen, weights, segmented.line.height)[bound]
    chosen = bound[np.argsort(-share, kind="stable")[: min(most, int((share > LIKELY).sum()))]]
    if not len(chosen):
        return seen, 0
    some = runs.taken(chosen)
    again = recognise(fields_beyond(segmented, some))
    probabilities, score = seen.probabilities.copy(), seen.digit_score.copy()
    probabilities[chosen] = _mean(seen.probabilities[chosen], again.probabilities)
    both = np.stack([score[chosen], 1 - score[chosen]], axis=1)
    other = np.stack([again.digit_score, 1 - again.digit_score], axis=1)
    score[chosen] = _mean(both, other)[:, 0]
    return Seen(probabilities, score), len(chosen)


def cut_off(pieces: Pieces, runs: Runs) -> NDArray[np.bool_]:
    """(m,): which runs begin or end at a cut through ink."""
    cuts = np.concatenate([pieces.cuts, pieces.crossing.costs])
    return np.asarray(np.maximum(cuts[runs.starts], cuts[runs.ends]) > CUT)


def _mean(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """The geometric mean of two distributions (n, k), their sums 1: the mean of their logits."""
    mean = np.sqrt(np.maximum(first, 1e-6, dtype=np.float64) * np.maximum(second, 1e-6, dtype=np.float64))
    return np.asarray(mean / mean.sum(axis=1, keepdims=True), dtype=np.float32)
