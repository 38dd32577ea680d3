"""What a line says, by what the networks made of its candidates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.reading import kinds
from model.reading.lattice import SYMBOLS, Real, Scored
from model.reading.paths import Text, best_path, best_texts, shares
from model.reading.pattern import Pattern
from model.reading.weights import Features, Weights, arc_scores, features

ALTERNATIVES = 4
"""How many other readings are given, at most, and those only with at least `LEAST` probability."""
LEAST = 0.001


@dataclass(frozen=True, slots=True)
class Model:
    """What weighs them: weights of the paths, and layers that tell kinds."""

    weights: Weights
    layers: tuple[Real, Real]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a line may say, best text first, and the scores (m, symbols) of its runs."""

    texts: list[Text]
    arc_scores: NDArray[np.float64]


def first_look(line: Scored) -> tuple[float, float]:
    """How high the digits of a line seem to be and where their middle seems to lie."""
    return line.height, float(np.median((line.pieces.boxes[:, 1] + line.pieces.boxes[:, 3]) / 2))


def settle(line: Scored, model: Model) -> tuple[float, float]:
    """How high the digits of a line are and where their middle lies, by the best path at a first look."""
    height, middle = first_look(line)
    arcs, skips = arc_scores(_features(line, model, height, middle), model.weights)
    best = best_path(line.runs, arcs, skips, line.pieces.order())
    digits = [arc for arc in best if int(arcs[arc].argmax()) < 10]
    if not digits:
        return height, middle
    boxes = line.runs.boxes[digits]
    # A line that lies quite flat has no height of its own.
    tall = float(np.median(boxes[:, 3] - boxes[:, 1])) or height
    return tall, float(np.median((boxes[:, 3] + boxes[:, 1]) / 2))


def settled_features(line: Scored, model: Model) -> Features:
    """The features of a line's arcs at a second look."""
    return _features(line, model, *settle(line, model))


def _features(line: Scored, model: Model, height: float, middle: float) -> Features:
    found = kinds.log_shares(kinds.features(line, height, middle), model.layers)
    return features(line, found, model.weights, height=height, middle=middle)


def decide(
    line: Scored, model: Model, *, letters: Sequence[str] = SYMBOLS, pattern: Pattern | None = None
) -> Decision:
    """Weigh the candidates of a line.

    `letters` are what each of `SYMBOLS` adds to the text; with a `pattern` there may be no text that fits it.
    """
    arcs, skips = arc_scores(settled_features(line, model), model.weights)
    order = line.pieces.order()
    texts = best_texts(line.runs, arcs, skips, order, most=ALTERNATIVES + 2, letters=letters, pattern=pattern)
    return Decision(_of_something(texts), arcs)


def _of_something(texts: list[Text]) -> list[Text]:
    """The texts given that something is written: whether there is, the digit scores decide, not the paths."""
    nothing = sum(text.probability for text in texts if not text.text)
    found = [text for text in texts if text.text]
    if not found:
        return texts
    rest = max(1.0 - nothing, sum(text.probability for text in found))
    return [replace(text, probability=text.probability / rest) for text in found]


def likely(line: Scored, model: Model) -> NDArray[np.float64]:
    """(m,): the logarithm of each run's share in the sum over all paths: how probably it is a symbol."""
    arcs, skips = arc_scores(settled_features(line, model), model.weights)
    return shares(line.runs, arcs, skips, line.pieces.order())
