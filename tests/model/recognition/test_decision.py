"""What is decided about a picture, from its numbers."""

import pytest

from model.recognition.decision import Decision, decide


def probabilities(**values: float) -> list[float]:
    found = [(1 - sum(values.values())) / (10 - len(values))] * 10
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
def test_decisions(given: dict[str, float], score: float, pieces: int, expected: tuple[object, ...]) -> None:
    assert decide(probabilities(**given), score, pieces=pieces, accept=0.5) == expected


def test_the_threshold_is_the_caller_s() -> None:
    certain = probabilities(p3=0.97)
    assert decide(certain, 0.0, pieces=1, accept=0.0) == Decision(3, True, None, None)
    assert not decide(certain, 0.99, pieces=1, accept=1.0).is_digit
