"""Of pictures that may be seen in two ways the likelier one counts, whoever asks."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from model.ink import NormalisedInk, normalise_pixels
from model.ink.normalise import UNSURE
from model.recognition.candidates import shown, taken
from model.recognition.recogniser import Recogniser, Recognition
from tests.model.ink.test_slope import bold
from tests.support import Digits


def ink(mark: int, lead: float | None = None) -> NormalisedInk:
    field = np.full((28, 28), mark, np.uint8)
    other = None if lead is None else ink(mark + 100)
    return NormalisedInk(field, (0.0, 0.0, 1.0, 1.0), 1, other, np.inf if lead is None else lead)


def found(*scores: float) -> Recognition:
    probabilities = np.eye(10, dtype=np.float32)[: len(scores)]
    return Recognition(probabilities, np.array(scores, np.float32))


def test_both_sides_are_shown_one_after_the_other() -> None:
    assert [side.field[0, 0] for side in shown([ink(1), ink(2, 1.0), ink(3)])] == [1, 2, 102, 3]


def test_the_likelier_side_counts() -> None:
    inks = [ink(1), ink(2, 1.0), ink(3, 1.0), ink(4, 1.0)]
    answers = found(0.01, 0.2, 0.9, 0.6, 0.7, 0.9, 0.2)
    chosen, told = taken(shown(inks), answers)
    # Odds of 1 against 0.7 : 0.6, which is less, and against 0.9 : 0.2, which is more.
    assert [side.field[0, 0] for side in chosen] == [1, 102, 3, 4]
    assert told.digit_score.tolist() == pytest.approx([0.01, 0.9, 0.6, 0.9])
    assert told.digits.tolist() == [0, 2, 3, 5]


def test_scores_of_nought_and_one_are_no_trouble() -> None:
    chosen, _ = taken(shown([ink(1, 0.5), ink(2, 0.5)]), found(0.0, 0.0, 1.0, 1.0))
    assert [side.field[0, 0] for side in chosen] == [1, 2]


@dataclass(frozen=True)
class Doubtful:
    """Pictures of which it is not plain whether they are dark on light."""

    pictures: list[NDArray[np.uint8]]
    labels: list[int]


@pytest.fixture(scope="module")
def doubtful(mnist: Digits) -> Doubtful:
    pictures = [
        (bold(mnist.images[n], 60, 30.0, dark=n % 2 == 0, grow=3), int(mnist.labels[n])) for n in range(120)
    ]
    unsure = [(p, label) for p, label in pictures if normalise_pixels(p).other is not None]
    assert len(unsure) > 20
    return Doubtful(*map(list, zip(*unsure, strict=True)))


def read(recogniser: Recogniser, pictures: list[NDArray[np.uint8]]) -> tuple[list[int], list[NormalisedInk]]:
    both = shown([normalise_pixels(picture) for picture in pictures])
    chosen, told = taken(both, recogniser.recognise(np.stack([side.field for side in both])))
    return told.digits.tolist(), chosen


def test_doubtful_pictures_are_read(doubtful: Doubtful) -> None:
    digits, _ = read(Recogniser.load("lenet5"), doubtful.pictures)
    assert np.mean(np.array(digits) == doubtful.labels) > 0.9


def test_the_wrong_side_first_is_put_right(doubtful: Doubtful) -> None:
    """With next to no lead, the network alone must tell the sides apart."""
    recogniser, right = Recogniser.load("lenet5"), 0
    for picture, label in zip(doubtful.pictures, doubtful.labels, strict=True):
        first = normalise_pixels(picture)
        assert first.other is not None
        assert 0 <= first.lead < UNSURE
        assert first.other.other is None
        swapped = NormalisedInk(first.other.field, first.other.box, first.other.pieces, first, 0.0)
        both = shown([swapped])
        _, told = taken(both, recogniser.recognise(np.stack([side.field for side in both])))
        right += int(told.digits[0]) == label
    assert right > 0.8 * len(doubtful.labels)
