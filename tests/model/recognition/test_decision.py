"""What is said of an image, from its numbers."""

import numpy as np
import pytest

from model.recognition.decision import Judgement, judge


def probabilities(**values: float) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    found = np.full(10, (1 - sum(values.values())) / (10 - len(values)), np.float32)
    for name, value in values.items():
        found[int(name[1:])] = value
    return found


@pytest.mark.parametrize(
    ("given", "score", "pieces", "expected"),
    [
        ({"p7": 0.99}, 0.9, 1, (7, True, None, None)),
        ({"p7": 0.99}, 0.5, 1, (7, True, None, None)),
        ({"p7": 0.99}, 0.4, 1, (7, False, "not one legible digit", None)),
        ({"p7": 0.99}, 0.9, 2, (7, False, "looks like several digits", None)),
        ({"p7": 0.99}, 0.1, 3, (7, False, "looks like several digits", None)),
        ({"p9": 0.5, "p4": 0.45}, 0.9, 1, (9, True, "unsure between two", (4, 9))),
        ({"p4": 0.5, "p9": 0.45}, 0.9, 1, (4, True, "unsure between two", (4, 9))),
        ({"p4": 0.65, "p9": 0.35}, 0.9, 1, (4, True, None, None)),
        ({"p4": 0.4, "p9": 0.3}, 0.9, 1, (4, True, None, None)),
        ({"p4": 0.5, "p9": 0.45}, 0.3, 1, (4, False, "not one legible digit", None)),
    ],
)
def test_judgements(given: dict[str, float], score: float, pieces: int, expected: tuple[object, ...]) -> None:
    values = probabilities(**given)
    judged = judge(values, score, pieces=pieces, accept=0.5)
    assert (judged.digit, judged.is_digit, judged.reason, judged.between) == expected
    assert judged.confidence == pytest.approx(float(values.max()))


def test_the_threshold_is_the_caller_s() -> None:
    certain = probabilities(p3=0.97)
    assert judge(certain, 0.0, pieces=1, accept=0.0) == Judgement(3, float(certain[3]), True, None)
    assert not judge(certain, 0.99, pieces=1, accept=1.0).is_digit
