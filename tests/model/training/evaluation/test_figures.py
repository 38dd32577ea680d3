import numpy as np
import pytest

from model.training.data import LabelledImages
from model.training.evaluation.figures import confusion_matrix, evaluate, rejection, wilson_interval


def test_wilson_interval_by_hand() -> None:
    """8 of 10: (0.8 + 0.19207) / 1.38415 +- 1.95996 sqrt(0.016 + 0.009604) / 1.38415 = 0.7167 +- 0.2266."""
    assert wilson_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_confusion_matrix_by_hand() -> None:
    found = confusion_matrix(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), classes=3)
    assert found.tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 0]]


def test_rejection_by_hand() -> None:
    """Wrong ones at 0.95 and 0.3: for 25 % error the best four of five stay, for none wrong nobody does
    below the first mistake."""
    confidence = np.array([0.99, 0.95, 0.9, 0.8, 0.3])
    right = np.array([True, False, True, True, False])
    found = rejection(confidence, right, 0.25)
    assert found.rejected == pytest.approx(0.2)
    assert found.threshold == 0.8
    assert rejection(confidence, right, 0.0).rejected == pytest.approx(0.8)
    assert rejection(confidence, right, 0.5).rejected == 0


def test_rejection_takes_equal_confidences_together_and_everything_where_nothing_can_be_trusted() -> None:
    confidence = np.array([0.9, 0.5, 0.5, 0.5])
    right = np.array([True, True, True, False])
    assert rejection(confidence, right, 0.0).rejected == pytest.approx(0.75)
    assert rejection(np.array([0.9, 0.8]), np.array([False, True]), 0.1).rejected == 1.0


def test_a_report_by_hand() -> None:
    labels = np.arange(10)
    logits = np.log(np.full((10, 10), 0.02) + 0.8 * np.eye(10))
    logits[9] = logits[4]  # a nine that is read as a four, as surely as the rest
    part = LabelledImages(np.zeros((10, 28, 28), np.uint8), labels, labels // 5, ("low", "high"))
    report, warm = evaluate(logits, part, 1.0), evaluate(logits, part, 3.0)
    assert (report.images, report.errors, report.accuracy) == (10, 1, 0.9)
    assert report.confusion[9][4] == 1
    assert report.ece == pytest.approx(abs(0.82 - 0.9))
    assert report.nll == pytest.approx(-(9 * np.log(0.82) + np.log(0.02)) / 10)
    assert report.nll_raw == report.nll == warm.nll_raw != warm.nll
    assert report.ece_raw == warm.ece_raw
    assert [(group.group, group.accuracy) for group in report.groups] == [("low", 1.0), ("high", 0.8)]
