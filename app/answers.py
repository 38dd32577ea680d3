"""From a network's numbers to what the service says of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.metrics import CONFIDENCE, NO_DIGIT, PREDICTIONS
from app.models import Model
from model.recognition.decision import judge_two
from model.recognition.recogniser import Recognition

SEVERAL = 2
"""From so many pieces of ink on it is no single digit."""

HINT = "POST /read reads a whole number; /read/strokes reads one from strokes."


class _Counters:
    """The metrics of one model's answers, looked up once."""

    def __init__(self, model: str) -> None:
        self.digits = [PREDICTIONS.labels(model, str(digit)) for digit in range(10)]
        self.confidence = CONFIDENCE.labels(model)
        self.no_digit = NO_DIGIT.labels(model)


_counters: dict[str, _Counters] = {}


def predictions(
    model: Model, pieces: Sequence[int], found: Recognition, accept: float | None
) -> list[dict[str, Any]]:
    """A `Prediction` for each of n fields, as JSON takes it.

    Args:
        model: Whose answers they are.
        pieces: How many digit-sized groups of ink each has.
        found: What the network made of them.
        accept: The score from which one counts as a digit; the model's own when None.
    """
    rows, two = _exact(found.probabilities)
    scores = found.digit_score.tolist()
    threshold = model.recogniser.accept if accept is None else accept
    name, size = model.name, model.recogniser.input_size
    answers = []
    for shares, (second, first), score, groups in zip(rows, two, scores, pieces, strict=True):
        judged = judge_two(
            (first, shares[first]), (second, shares[second]), score, pieces=groups, accept=threshold
        )
        answer: dict[str, Any] = {
            "digit": first,
            "confidence": judged.confidence,
            "probabilities": shares,
            "is_digit": judged.is_digit,
            "digit_score": score,
            "reason": judged.reason,
            "model": name,
            "input_size": size,
        }
        if judged.between is not None:
            answer["between"] = list(judged.between)
        if groups >= SEVERAL:
            answer["hint"] = HINT
        count(name, answer)
        answers.append(answer)
    return answers


def _exact(probabilities: NDArray[np.float32]) -> tuple[list[list[float]], list[list[int]]]:
    """Each row's probabilities with a sum of 1 to the last digit, and where its second and its first are."""
    if len(probabilities) == 1:  # numpy takes longer to be called than to reckon with ten numbers
        (row,) = probabilities.tolist()
        total = sum(row)
        shares = [share / total for share in row]
        return [shares], [sorted(range(len(shares)), key=shares.__getitem__)[-2:]]
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    return exact.tolist(), exact.argsort(axis=1, kind="stable")[:, -2:].tolist()


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
