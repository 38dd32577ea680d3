import numpy as np
import pytest

from model.training.evaluation.measures import (
    area_under_roc,
    expected_calibration_error,
    fit_temperature,
    probabilities,
    reliability,
    threshold_refusing,
)


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


def test_area_under_roc_by_counting_pairs() -> None:
    digits, others = np.array([0.9, 0.5, 0.5]), np.array([0.5, 0.1])
    # Of the six pairs, 0.9 wins two, each 0.5 wins one and ties one.
    assert area_under_roc(digits, others) == pytest.approx((2 + 2 * 1.5) / 6)


def test_a_threshold_refuses_no_more_than_it_may_keeps_equal_scores_together_and_weighs() -> None:
    scores = np.arange(100) / 100
    assert threshold_refusing(scores) == 0.01
    assert threshold_refusing(scores, None, 0.015) == 0.01
    assert threshold_refusing(scores, None, 0.0) == 0
    scores, ones = np.array([0.1, 0.1, 0.5, 0.9]), np.ones(4)
    assert threshold_refusing(scores, ones, 0.25) == 0.1
    assert threshold_refusing(scores, ones, 0.5) == 0.5
    assert threshold_refusing(scores, np.array([0.001, 0.001, 1, 1]), 0.01) == 0.5
