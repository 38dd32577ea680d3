"""What is decided about a picture, from its numbers."""

import pytest

from model.recognition.decision import Decision, decide


def probabilities(**values: float) -> list[float]:
    found = [(1 - sum(values.values())) / (10 - len(values))] * 10
    for name, value in values.items():
        found[int(name[1:])] = value
    return found


@pytest.mark.parametrize(
    ("given", "score", "several", "expected"),
    [
        ({"p7": 0.99}, 0.9, False, (7, True, None, None)),
        ({"p7": 0.99}, 0.5, False, (7, True, None, None)),
        ({"p7": 0.99}, 0.4, False, (7, False, "not one legible digit", None)),
        ({"p7": 0.99}, 0.9, True, (7, False, "looks like several digits", None)),
        ({"p7": 0.99}, 0.1, True, (7, False, "looks like several digits", None)),
        ({"p9": 0.5, "p4": 0.45}, 0.9, False, (9, True, "unsure between two", (4, 9))),
        ({"p4": 0.5, "p9": 0.45}, 0.9, False, (4, True, "unsure between two", (4, 9))),
        ({"p4": 0.65, "p9": 0.35}, 0.9, False, (4, True, None, None)),
        ({"p4": 0.4, "p9": 0.3}, 0.9, False, (4, True, None, None)),
        ({"p4": 0.5, "p9": 0.45}, 0.3, False, (4, False, "not one legible digit", None)),
    ],
)
def test_decisions(
    given: dict[str, float], score: float, several: bool, expected: tuple[object, ...]
) -> None:
    assert decide(probabilities(**given), score, several=several, plain=True, accept=0.5) == expected


def test_of_several_proposals_one_may_be_the_digit() -> None:
    certain = probabilities(p3=0.97)
    assert decide(certain, 0.9, several=True, plain=False, accept=0.5).is_digit
    refused = decide(certain, 0.4, several=True, plain=False, accept=0.5)
    assert refused == Decision(3, False, "looks like several digits", None)


def test_the_threshold_is_the_caller_s() -> None:
    certain = probabilities(p3=0.97)
    assert decide(certain, 0.0, several=False, plain=True, accept=0.0) == Decision(3, True, None, None)
    assert not decide(certain, 0.99, several=False, plain=True, accept=1.0).is_digit
