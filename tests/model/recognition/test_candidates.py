"""Of a picture's two candidates the likelier one is chosen."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from model.ink import NormalisedInk, normalise_pixels
from model.ink.normalise import UNSURE
from model.recognition import Recogniser
from model.recognition.candidates import candidates, choose
from tests.model.ink.test_planar_background import bold
from tests.support import Digits


def ink(mark: int, odds: float | None = None) -> NormalisedInk:
    field = np.full((28, 28), mark, np.uint8)
    other = None if odds is None else ink(mark + 100)
    return NormalisedInk(field, (0.0, 0.0, 1.0, 1.0), 1, other, np.inf if odds is None else odds)


def chosen(inks: list[NormalisedInk], *scores: float) -> list[int]:
    """The marks of the candidates that are chosen."""
    shown = candidates(inks)
    return [int(shown[place].field[0, 0]) for place in choose(shown, np.array(scores))]


def test_both_candidates_are_shown_one_after_the_other() -> None:
    assert [shown.field[0, 0] for shown in candidates([ink(1), ink(2, 1.0), ink(3)])] == [1, 2, 102, 3]


def test_the_likelier_candidate_is_chosen() -> None:
    inks = [ink(1), ink(2, 1.0), ink(3, 1.0), ink(4, 1.0)]
    # Odds of 1 against 0.7 : 0.6, which is less, and against 0.9 : 0.2, which is more.
    assert chosen(inks, 0.01, 0.2, 0.9, 0.6, 0.7, 0.9, 0.2) == [1, 102, 3, 4]


def test_scores_of_nought_and_one_are_no_trouble() -> None:
    assert chosen([ink(1, 0.5), ink(2, 0.5)], 0.0, 0.0, 1.0, 1.0) == [1, 2]


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


def test_doubtful_pictures_are_read(doubtful: Doubtful) -> None:
    answers = Recogniser.load("lenet5").answer([normalise_pixels(picture) for picture in doubtful.pictures])
    assert np.mean([answer.digit for answer in answers] == np.array(doubtful.labels)) > 0.9


def test_the_wrong_candidate_first_is_put_right(doubtful: Doubtful) -> None:
    """With odds of next to nothing, the network alone must tell the candidates apart."""
    swapped = []
    for picture in doubtful.pictures:
        first = normalise_pixels(picture)
        assert first.other is not None
        assert 0 <= first.log_odds < UNSURE
        assert first.other.other is None
        swapped.append(NormalisedInk(first.other.field, first.other.box, first.other.pieces, first, 0.0))
    answers = Recogniser.load("lenet5").answer(swapped)
    assert np.mean([answer.digit for answer in answers] == np.array(doubtful.labels)) > 0.8
