"""What is likely a digit is scored once more: where it was cut, with the ink beyond its cuts.

A cut gives the shared ink to one of two digits, and leaves a gap in the other: an 8 becomes a 3. With the ink
beyond its cuts, as far as a pen is wide, the digit is whole, but has stumps of its neighbour. The network
scores it both ways, and the mean counts. Of what is likely it also takes its second look.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.reading.decision import Model, likely
from model.reading.graph import Effort, Graph
from model.reading.lattice import MOST_OVERLAPS, Pieces, Runs, Scored
from model.reading.segment import overlapping_fields
from model.recognition import Scores

LIKELY = -7.0
"""Runs whose share in all paths is less than this (natural logarithm) are not scored again."""
CUT = 0.3
"""Cuts through less ink than this (stroke widths) have none beyond them."""
CERTAIN = 0.97
"""What the network is surer of than this is not looked at again."""


def score_again(graph: Graph, model: Model, effort: Effort) -> Scored:
    """A line with the better scores of its likely runs."""
    line = graph.scored
    cut = cut_off(line.pieces, line.runs)
    doubtful = cut | (line.scores.probabilities.max(axis=1) < CERTAIN)
    if not doubtful.any():
        return line
    share = likely(line, model)
    chosen = np.flatnonzero(doubtful & (share > LIKELY))
    chosen = chosen[np.argsort(-share[chosen], kind="stable")[: max(0, MOST_OVERLAPS - effort.overlaps)]]
    if not len(chosen):
        return line
    effort.overlaps += len(chosen)
    beyond, which = _beyond(graph, chosen[cut[chosen]])
    again = effort.network.score(np.concatenate([line.fields[chosen], beyond]))
    probabilities, digit_score = line.scores.probabilities.copy(), line.scores.digit_score.copy()
    count = len(chosen)
    probabilities[chosen], digit_score[chosen] = again.probabilities[:count], again.digit_score[:count]
    probabilities[which] = _mean(probabilities[which], again.probabilities[count:])
    both = _mean(_both_ways(digit_score[which]), _both_ways(again.digit_score[count:]))
    digit_score[which] = both[:, 0]
    return replace(line, scores=Scores(probabilities, digit_score))


def _beyond(graph: Graph, chosen: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The fields of runs with the ink beyond their cuts, and which runs they are."""
    made, which = [np.zeros((0, *graph.scored.fields.shape[1:]), np.uint8)], [np.zeros(0, np.int64)]
    for part in graph.parts:
        own = chosen[(chosen >= part.first) & (chosen < part.first + len(part.runs.starts))]
        if len(own):
            made.append(overlapping_fields(part.segmented, part.runs.taken(own - part.first)))
            which.append(own)
    return np.concatenate(made), np.concatenate(which)


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
