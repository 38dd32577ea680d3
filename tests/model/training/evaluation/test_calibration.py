import math

import numpy as np
import pytest

from model.training.evaluation.calibration import (
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    probabilities,
    reliability,
)


def test_likelihood_of_two_images_by_hand() -> None:
    logits = np.log([[0.8, 0.2], [0.4, 0.6]])
    assert negative_log_likelihood(logits, np.array([0, 0])) == pytest.approx(
        -(math.log(0.8) + math.log(0.4)) / 2
    )


def test_likelihood_of_huge_logits_is_finite() -> None:
    assert negative_log_likelihood(np.array([[1e4, 0.0]]), np.array([1])) == pytest.approx(1e4)


def test_calibration_error_by_hand() -> None:
    """Two images at 0.9, one right; two at 0.6, both right: (2 |0.9 - 0.5| + 2 |0.6 - 1|) / 4 = 0.4."""
    predicted = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]])
    labels = np.array([0, 1, 0, 1])
    assert expected_calibration_error(predicted, labels) == pytest.approx(0.4)


def test_bins_hold_their_upper_edge() -> None:
    predicted = np.array([[2 / 3, 1 / 3], [2 / 3 + 1e-6, 1 / 3 - 1e-6], [1.0, 0.0]])
    count, mean, accuracy = reliability(predicted, np.array([0, 0, 1]), bins=3)
    assert count.tolist() == [0, 1, 2]
    assert mean == pytest.approx([0, 2 / 3, (2 / 3 + 1e-6 + 1) / 2])
    assert accuracy.tolist() == [0, 1, 0.5]


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(true: float) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (20_000, 10))
    wanted = probabilities(logits, true)
    labels = (wanted.cumsum(axis=1) < random.random((20_000, 1))).sum(axis=1)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(true, rel=0.05)
    assert expected_calibration_error(probabilities(logits, found), labels) < 0.015


def test_probabilities_sum_to_one() -> None:
    found = probabilities(np.array([[1000.0, 0, -1000], [0, 0, 0]]), 2)
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert found[1] == pytest.approx([1 / 3] * 3)
