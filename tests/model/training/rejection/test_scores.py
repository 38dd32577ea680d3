"""Scores of what is a digit, against values computed by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from model.checkpoints.checkpoint import Checkpoint, describe
from model.networks.family import DigitHead, build, log_posterior
from model.training.data import LabelledImages
from model.training.evaluation.inference import run_as_served
from model.training.rejection.scores import (
    BackgroundUnit,
    ClassDistances,
    Responses,
    energy,
    highest_probability,
    respond,
    rubbish_odds,
    served_score,
)


def responses(logits: list[list[float]], head: list[float] | None = None) -> Responses:
    return Responses(
        np.array(logits, np.float32),
        np.zeros((len(logits), 84), np.float32),
        None if head is None else np.array(head, np.float32),
    )


def test_highest_probability_by_hand() -> None:
    """Odds of 3 to 1 to 1 to 1, and at temperature 2 of sqrt 3."""
    logits = np.array([[math.log(3), 0, 0, 0]])
    assert highest_probability(logits) == pytest.approx([1 / 2])
    assert highest_probability(logits, 2) == pytest.approx([math.sqrt(3) / (math.sqrt(3) + 3)])


def test_energy_by_hand() -> None:
    logits = np.array([[math.log(2), math.log(3), math.log(5)], [1000, 0, 0]])
    assert energy(logits) == pytest.approx([math.log(10), 1000])
    assert energy(2 * logits[:1], 2) == pytest.approx([2 * math.log(10)])


def test_rubbish_odds_are_those_of_equation_9() -> None:
    logits = -torch.tensor([[1.0, 4, 9], [30, 40, 50]], dtype=torch.float64)
    expected = 1 - log_posterior(logits, 5.0)[:, -1].exp()
    found = 1 / (1 + np.exp(-rubbish_odds(logits.numpy(), 5.0)))
    assert found == pytest.approx(expected.numpy())
    assert rubbish_odds(np.array([[-3.0]]), 5.0) == pytest.approx([2])


def test_distances_by_hand() -> None:
    """Two classes around (0, 0) and (10, 0), deviations 1 and 2 along the axes: covariance diag(1/2, 2)."""
    around = np.array([[1, 0], [-1, 0], [0, 2], [0, -2]], np.float32)
    features = np.concatenate([around, around + np.array([10, 0])])
    found = ClassDistances.fit(features, np.repeat([3, 7], 4))
    assert found.means == pytest.approx(np.array([[0, 0], [10, 0]]))
    scores = found.score(np.array([[0, 0], [10, 0], [0, 4], [12, 2], [5, 0]]))
    assert scores == pytest.approx([0, 0, -(16 / 2), -(4 / 0.5 + 4 / 2), -(25 / 0.5)], abs=1e-9)
    assert found.numbers == 2 * 2 + 3


def test_distances_leave_out_what_never_varies() -> None:
    features = np.array([[0, 5], [2, 5], [1, 5], [3, 5]])
    found = ClassDistances.fit(features, np.array([0, 0, 1, 1]))
    assert np.isfinite(found.score(features)).all()
    assert found.score(np.array([[1, 5]])) == pytest.approx([0])


def test_a_background_unit_finds_the_odds_that_made_the_labels() -> None:
    """Labels drawn by the odds energy - (w f + b); the unit finds w and b again."""
    random = np.random.default_rng(0)
    n = 40_000
    features = random.normal(0, 2, (n, 3)).astype(np.float32)
    logits = random.normal(0, 1, (n, 10)).astype(np.float32)
    true = energy(logits) - (features @ [1.0, -0.5, 0.0] + 2.3)
    digit = random.random(n) < 1 / (1 + np.exp(-true))
    labels = np.where(digit, 4, -1)
    given = Responses(logits, features, None)
    found = BackgroundUnit.fit(given, labels, decay=0)
    assert found.weights == pytest.approx([1, -0.5, 0], abs=0.05)
    # Both sides count the same, so that the bias has the prior's odds in it.
    assert found.bias == pytest.approx(2.3 + math.log(digit.sum() / (~digit).sum()), abs=0.05)
    assert found.parameters == 4
    assert found.odds(given)[0] == pytest.approx(energy(logits)[0] - features[0] @ found.weights - found.bias)


def test_the_served_score_is_the_heads_after_its_calibration() -> None:
    metadata = describe(build("lenet5"))
    given = responses([[0.0] * 10] * 3, head=[0.0, 1.0, -200.0])
    assert served_score(given, metadata) == pytest.approx([0.5, 1 / (1 + math.exp(-1)), 0], abs=1e-7)
    metadata.digit_scale, metadata.digit_offset = 2.0, -1.0
    assert served_score(given, metadata)[:2] == pytest.approx([1 / (1 + math.e), 1 / (1 + math.exp(-1))])


def test_without_a_head_the_served_score_is_the_highest_probability() -> None:
    metadata = describe(build("lenet5"))
    metadata.temperature = 1.7
    given = responses([[3.0, 1, *[0.0] * 8], [0.0] * 10])
    assert served_score(given, metadata) == pytest.approx(highest_probability(given.logits, 1.7))


@pytest.mark.parametrize("preset", ["lenet5", "lenet5-1998"])
def test_responses_are_the_networks(preset: str, mnist_test: LabelledImages) -> None:
    network, head = build(preset, seed=1).eval(), DigitHead()
    images = mnist_test.images[:7]
    border = (network.preset.input_size - 28) // 2
    fields = torch.from_numpy(np.pad(images, ((0, 0), (border, border), (border, border))))[:, None] / 255
    with torch.no_grad():
        logits, features = network.features(fields)
        score = head(features)
    once = replace(describe(network), second_look=None)
    found = respond(Checkpoint(network, once, head), images, torch.device("cpu"))
    np.testing.assert_allclose(found.logits, logits.numpy(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found.features, features.numpy(), rtol=1e-5, atol=1e-5)
    assert found.head is not None
    np.testing.assert_allclose(found.head, score.numpy(), rtol=1e-5, atol=1e-5)
    assert found.take(np.array([2])).logits.shape == (1, 10)


def test_responses_are_what_is_served_where_there_is_a_second_look(mnist_test: LabelledImages) -> None:
    network, head = build("lenet5", seed=1).eval(), DigitHead()
    loaded = Checkpoint(network, describe(network), head)
    images = mnist_test.images[:7]
    found = respond(loaded, images, torch.device("cpu"))
    logits, scores = run_as_served(loaded, images, torch.device("cpu"))
    np.testing.assert_allclose(found.logits, logits, rtol=1e-5, atol=1e-5)
    assert found.head is not None
    assert scores is not None
    np.testing.assert_allclose(found.head, scores, rtol=1e-5, atol=1e-5)
    # What is linear in the features, as an eleventh logit is, is weighed against logits of the same sights.
    weights = network.state_dict()
    linear = found.features @ weights["output.weight"].numpy().T + weights["output.bias"].numpy()
    np.testing.assert_allclose(linear, found.logits, rtol=1e-3, atol=1e-4)
