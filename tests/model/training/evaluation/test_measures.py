import math

import numpy as np
import pytest

from model.training.evaluation.measures import (
    area_under_roc,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    probabilities,
    reliability,
    risk_coverage,
    threshold_refusing,
)


def test_likelihood_of_two_images_by_hand() -> None:
    logits = np.log([[0.8, 0.2], [0.4, 0.6]])
    assert negative_log_likelihood(logits, np.array([0, 0])) == pytest.approx(
        -(math.log(0.8) + math.log(0.4)) / 2
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


ONES = np.ones(4)


def test_area_under_roc_by_counting_pairs() -> None:
    digits, others = np.array([0.9, 0.5, 0.5]), np.array([0.5, 0.1])
    # Of the six pairs, 0.9 wins two, each 0.5 wins one and ties one.
    assert area_under_roc(digits, others) == pytest.approx((2 + 2 * 1.5) / 6)


def test_area_under_roc_weighs_both_sides() -> None:
    digits, others = np.array([3.0, 1.0]), np.array([2.0, 0.0])
    found = area_under_roc(digits, others, np.array([0.75, 0.25]), np.array([0.9, 0.1]))
    assert found == pytest.approx(0.75 * 1 + 0.25 * 0.1)


def test_a_threshold_refuses_no_more_than_it_may() -> None:
    scores = np.arange(100) / 100
    assert threshold_refusing(scores) == 0.01
    assert threshold_refusing(scores, None, 0.015) == 0.01
    assert threshold_refusing(scores, None, 0.0) == 0


def test_a_threshold_keeps_equal_scores_together_and_weighs() -> None:
    scores = np.array([0.1, 0.1, 0.5, 0.9])
    assert threshold_refusing(scores, ONES, 0.25) == 0.1
    assert threshold_refusing(scores, ONES, 0.5) == 0.5
    assert threshold_refusing(scores, np.array([0.001, 0.001, 1, 1]), 0.01) == 0.5


def test_risk_and_coverage_by_hand() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    wrong = np.array([False, True, False, True])
    coverage, risk, threshold = risk_coverage(confidence, wrong)
    assert coverage == pytest.approx([0.25, 0.5, 0.75, 1])
    assert risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert threshold.tolist() == confidence.tolist()


def test_equally_confident_answers_are_given_together() -> None:
    coverage, risk, _ = risk_coverage(np.array([0.9, 0.9, 0.1]), np.array([True, False, False]))
    assert coverage == pytest.approx([2 / 3, 1])
    assert risk == pytest.approx([1 / 2, 1 / 3])


def test_area_under_roc_is_never_more_than_one() -> None:
    weights = np.full(150, 1 / 150)
    for count in range(2, 150):
        found = area_under_roc(np.full(count, 2.0), np.zeros(150), weights[:count], weights)
        assert found == pytest.approx(1)
        assert found <= 1
