"""From a network's numbers to what the service says of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.metrics import CONFIDENCE, NO_DIGIT, PREDICTIONS
from app.models import Model
from model.recognition import Scores
from model.recognition.decision import SEVERAL, decide

HINT = "POST /read reads a whole number; /read/strokes reads one from strokes."


class _Counters:
    """The metrics of one model's answers, looked up once."""

    def __init__(self, model: str) -> None:
        self.digits = [PREDICTIONS.labels(model, str(digit)) for digit in range(10)]
        self.confidence = CONFIDENCE.labels(model)
        self.no_digit = NO_DIGIT.labels(model)


_counters: dict[str, _Counters] = {}


def predictions(
    model: Model, pieces: Sequence[int], found: Scores, accept: float | None
) -> list[dict[str, Any]]:
    """A `Prediction` for each of n fields, as JSON takes it.

    Args:
        model: Whose answers they are.
        pieces: How many digit-sized groups of ink each has.
        found: What the network made of them.
        accept: The score from which one counts as a digit; the model's own when None.
    """
    rows = _exact(found.probabilities)
    scores = found.digit_score.tolist()
    threshold = model.recogniser.accept if accept is None else accept
    name, size = model.name, model.recogniser.input_size
    answers = []
    for shares, score, groups in zip(rows, scores, pieces, strict=True):
        decision = decide(shares, score, pieces=groups, accept=threshold)
        answer: dict[str, Any] = {
            "digit": decision.digit,
            "confidence": shares[decision.digit],
            "probabilities": shares,
            "is_digit": decision.is_digit,
            "digit_score": score,
            "reason": decision.reason,
            "model": name,
            "input_size": size,
        }
        if decision.between is not None:
            answer["between"] = list(decision.between)
        if groups >= SEVERAL:
            answer["hint"] = HINT
        count(name, answer)
        answers.append(answer)
    return answers


def _exact(probabilities: NDArray[np.float32]) -> list[list[float]]:
    """Each row's probabilities with a sum of 1 to the last digit."""
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    rows: list[list[float]] = exact.tolist()
    return rows


def count(name: str, answer: Mapping[str, Any]) -> None:
    """Note an answer in the metrics."""
    counters = _counters.get(name)
    if counters is None:
        counters = _counters[name] = _Counters(name)
    counters.digits[answer["digit"]].inc()
    counters.confidence.observe(answer["confidence"])
    if not answer["is_digit"]:
        counters.no_digit.inc()


def seen(field: NDArray[np.uint8]) -> dict[str, Any]:
    """The normalised image (S, S), for `include=input`."""
    return {"size": field.shape[0], "pixels": field.ravel().tolist()}


def spoken(values: NDArray[np.float32]) -> dict[str, Any]:
    """Which ink spoke for the answer, for `include=saliency`: -1 to 1, row by row, rounded to 3 digits."""
    return {"size": values.shape[0], "pixels": np.round(values.astype(np.float64), 3).ravel().tolist()}


def inside(layers: Mapping[str, NDArray[np.float32]]) -> dict[str, Any]:
    """Every layer's feature maps, for `include=layers`: flat, row by row, rounded to 4 digits."""
    return {
        name: {"shape": list(values.shape), "values": np.round(values.astype(np.float64), 4).ravel().tolist()}
        for name, values in layers.items()
    }
