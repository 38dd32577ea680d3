"""Which of a picture's proposals is chosen, and what comes of the weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.ink import FEATURES, PLAIN, NormalisedInk, normalise_pixels
from model.recognition import Recogniser
from model.recognition.choice import OF_THE_NETWORK, Choice
from tests.support import Digits, bold


def test_the_weights_are_for_the_features_that_ink_has(recogniser: Recogniser, tmp_path: Path) -> None:
    choice = recogniser.choice
    assert choice.mean.shape == (len(OF_THE_NETWORK) + len(FEATURES),)
    path = tmp_path / "choice.json"
    choice.save(path)
    np.testing.assert_allclose(Choice.load(path).hidden, choice.hidden, atol=1e-5)
    path.write_text(path.read_text().replace('"ends"', '"corners"'))
    with pytest.raises(ValueError, match="other features"):
        Choice.load(path)


def test_of_what_is_plain_the_network_has_the_only_say(recogniser: Recogniser) -> None:
    odds = np.array([-3.0, 0.5])
    probabilities = np.full((2, 10), 0.1)
    told = recogniser.choice.log_odds(np.stack([PLAIN, PLAIN]), odds, probabilities)
    np.testing.assert_array_equal(told, odds)


def test_the_better_the_field_the_higher_the_odds(recogniser: Recogniser) -> None:
    features = np.zeros((5, len(FEATURES)), np.float32)
    probabilities = np.full((5, 10), 0.001)
    probabilities[:, 3] = 0.991
    odds = recogniser.choice.log_odds(features, np.linspace(-6, 6, 5), probabilities)
    assert (np.diff(odds) > 0).all()


def test_pictures_of_doubtful_polarity_are_read(mnist: Digits, recogniser: Recogniser) -> None:
    pictures = [bold(mnist.images[n], 60, 30.0, dark=n % 2 == 0) for n in range(120)]
    answers = recogniser.answer([normalise_pixels(picture) for picture in pictures])
    assert np.mean([answer.digit for answer in answers] == mnist.labels[:120]) > 0.9


def test_a_better_proposal_is_taken_wherever_it_stands(mnist: Digits, recogniser: Recogniser) -> None:
    digit = bold(mnist.images[0], 60, 30.0, dark=True)
    first, noise = normalise_pixels(digit), np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    spoiled = replace(first, field=noise, further=lambda: [first])
    (answer,) = recogniser.answer([spoiled])
    assert answer.ink.field is first.field
    assert answer.digit == mnist.labels[0]


def test_no_other_proposal_is_made_where_the_first_leaves_no_doubt(
    mnist: Digits, recogniser: Recogniser
) -> None:
    def never() -> list[NormalisedInk]:
        raise AssertionError("asked for nothing")

    field = NormalisedInk(mnist.images[0], (0.0, 0.0, 28.0, 28.0), 1, further=never)
    assert recogniser.answer([field])[0].digit == mnist.labels[0]


def test_two_digits_apart_are_said_to_be_several(mnist: Digits, recogniser: Recogniser) -> None:
    page = np.full((120, 220), 230.0)
    page[20:104, 15:99] -= np.kron(mnist.images[0], np.ones((3, 3))) * 0.7
    page[20:104, 115:199] -= np.kron(mnist.images[3], np.ones((3, 3))) * 0.7
    page += np.random.default_rng(0).normal(0, 3, page.shape)
    (answer,) = recogniser.answer([normalise_pixels(np.clip(page, 0, 255).astype(np.uint8))])
    assert not answer.is_digit
    assert answer.reason == "looks like several digits"
