"""What a line says, by what the network made of its candidates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.reading.lattice import SYMBOLS, Pieces, Runs
from model.reading.paths import Text, best_path, best_texts, shares
from model.reading.pattern import Pattern
from model.reading.weights import Weights, arc_scores, features
from model.recognition import Scores

ALTERNATIVES = 4
"""How many other readings are given, at most, and those only with at least `LEAST` probability."""
LEAST = 0.001


@dataclass(frozen=True, slots=True)
class Decision:
    """What a line may say, best text first, and the scores (m, symbols) of its runs."""

    texts: list[Text]
    arc_scores: NDArray[np.float64]


def settle(
    pieces: Pieces, runs: Runs, scores: Scores, weights: Weights, height: float
) -> tuple[float, float]:
    """How high the digits of a line are and where their middle lies, by the best path at a first look."""
    middle = float(np.median((pieces.boxes[:, 1] + pieces.boxes[:, 3]) / 2))
    found = features(pieces, runs, scores, weights, height=height, middle=middle)
    best = best_path(runs, *arc_scores(found, weights), pieces.order())
    if not best:
        return height, middle
    boxes = runs.boxes[best]
    # A line that lies quite flat has no height of its own.
    tall = float(np.median(boxes[:, 3] - boxes[:, 1])) or height
    return tall, float(np.median((boxes[:, 3] + boxes[:, 1]) / 2))


def decide(
    pieces: Pieces,
    runs: Runs,
    scores: Scores,
    weights: Weights,
    height: float,
    *,
    letters: Sequence[str] = SYMBOLS,
    pattern: Pattern | None = None,
) -> Decision:
    """Weigh the candidates of a line; `height` is that of its largest ink.

    `letters` are what each of `SYMBOLS` adds to the text; with a `pattern` there may be no text that fits it.
    """
    height, middle = settle(pieces, runs, scores, weights, height)
    found = features(pieces, runs, scores, weights, height=height, middle=middle)
    arcs, skips = arc_scores(found, weights)
    texts = best_texts(
        runs, arcs, skips, pieces.order(), most=ALTERNATIVES + 1, letters=letters, pattern=pattern
    )
    return Decision(texts, arcs)


def likely(
    pieces: Pieces, runs: Runs, scores: Scores, weights: Weights, height: float
) -> NDArray[np.float64]:
    """(m,): the logarithm of each run's share in the sum over all paths: how probably it is a digit."""
    height, middle = settle(pieces, runs, scores, weights, height)
    found = features(pieces, runs, scores, weights, height=height, middle=middle)
    return shares(runs, *arc_scores(found, weights), pieces.order())
