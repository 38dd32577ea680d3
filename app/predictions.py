"""Turn a recogniser's answers into what the API sends."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Counter, Histogram

from app.metrics import CONFIDENCE, NO_DIGIT, PREDICTIONS
from app.models import Model
from app.schemas import Input, Layer, OfPage, Prediction, Saliency
from model.documents import Page
from model.ink import InkError
from model.recognition import Answer
from model.recognition.files import noted

A = TypeVar("A", bound=OfPage)
HINT = "POST /read reads a whole number; /read/strokes reads one from strokes."


def prediction_of(model: Model, answer: Answer, include: Collection[str] = ()) -> Prediction:
    """What the API says of an answer of `model`, with its `input` if included."""
    size = model.recogniser.input_size
    prediction = Prediction(**answer.members(), model=model.name, input_size=size)
    if answer.reason == "looks like several digits":
        prediction.hint = HINT
    if "input" in include:
        (pixels,) = model.recogniser.network_input(answer.ink.field[None])
        prediction.input = Input(size=len(pixels), pixels=pixels.ravel().tolist())
    return prediction


def count(model: Model, answer: Answer) -> None:
    """Count an answer of `model`."""
    digits, confidence, no_digit = _counters(model.name)
    digits[answer.digit].inc()
    confidence.observe(answer.confidence)
    if not answer.is_digit:
        no_digit.inc()


def of_page(answer: A, page: Page | InkError) -> A:
    """The answer with the number of its page, if its file has several pages."""
    return answer.model_copy(update=noted(page))


@cache
def _counters(name: str) -> tuple[list[Counter], Histogram, Counter]:
    """The metrics of a model's answers; looking them up by label takes longer than counting."""
    digits = [PREDICTIONS.labels(name, str(digit)) for digit in range(10)]
    return digits, CONFIDENCE.labels(name), NO_DIGIT.labels(name)


def saliency_of(values: NDArray[np.float32]) -> Saliency:
    """How much each pixel (S, S), -1 to 1, speaks for the answer, for `include=saliency`."""
    return Saliency(size=values.shape[0], pixels=_rounded(values, 3))


def layers_of(layers: Mapping[str, NDArray[np.float32]]) -> dict[str, Layer]:
    """Every layer's feature maps, for `include=layers`."""
    return {name: Layer(shape=list(maps.shape), values=_rounded(maps, 4)) for name, maps in layers.items()}


def _rounded(values: NDArray[np.float32], digits: int) -> list[float]:
    rounded: list[float] = np.round(values.astype(np.float64), digits).ravel().tolist()
    return rounded
