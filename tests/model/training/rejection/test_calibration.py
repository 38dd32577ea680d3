"""Temperature, digit score and threshold, fitted to data whose right answer is known."""

import math

import numpy as np
import pytest

from model.checkpoints.checkpoint import Checkpoint, describe
from model.networks.family import DigitHead, build
from model.training.data import LabelledImages
from model.training.evaluation.calibration import probabilities
from model.training.rejection.calibration import calibrate, digit_ece, figures_of_digits, platt
from model.training.rejection.material import gather
from model.training.rejection.scores import Responses, served_score


def loaded() -> Checkpoint:
    network = build("lenet5")
    return Checkpoint(network, describe(network), DigitHead())


def drawn(temperature: float, count: int, head: float, seed: int) -> tuple[LabelledImages, Responses]:
    """Logits, labels drawn from them at a temperature, and head logits around `head`."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 3, (count, 10)).astype(np.float32)
    wanted = probabilities(logits, temperature)
    labels = (wanted.cumsum(axis=1) < random.random((count, 1))).sum(axis=1)
    part = LabelledImages(np.zeros((count, 28, 28), np.uint8), labels)
    scores = random.normal(head, 1, count).astype(np.float32)
    return part, Responses(logits, np.zeros((count, 84), np.float32), scores)


def joined(found: dict[str, tuple[LabelledImages, Responses]]) -> tuple[LabelledImages, Responses]:
    given = [responses for _, responses in found.values()]
    heads = [responses.head for responses in given if responses.head is not None]
    return gather({name: part for name, (part, _) in found.items()}), Responses(
        np.concatenate([responses.logits for responses in given]),
        np.concatenate([responses.features for responses in given]),
        np.concatenate(heads),
    )


def others(count: int, head: float, seed: int) -> tuple[LabelledImages, Responses]:
    part, responses = drawn(1, count, head, seed)
    return LabelledImages(part.images, np.full(count, -1)), responses


def test_platt_finds_the_odds_that_made_the_labels() -> None:
    random = np.random.default_rng(0)
    logit = random.normal(1, 3, 50_000)
    positive = random.random(50_000) < 1 / (1 + np.exp(-(0.7 * logit - 1.5)))
    scale, offset = platt(logit, positive, np.ones(50_000))
    assert scale == pytest.approx(0.7, abs=0.03)
    assert offset == pytest.approx(-1.5, abs=0.05)


def test_platt_with_equal_priors_is_even_in_the_middle_of_two_gaussians() -> None:
    """Two normal distributions of deviation 1 around 1 and 5: log-odds 4 x - 12, whatever their numbers."""
    random = np.random.default_rng(0)
    logit = np.concatenate([random.normal(5, 1, 30_000), random.normal(1, 1, 5_000)])
    positive = np.arange(35_000) < 30_000
    weights = np.where(positive, 1 / 30_000, 1 / 5_000)
    scale, offset = platt(logit, positive, weights)
    assert -offset / scale == pytest.approx(3, abs=0.1)
    assert scale == pytest.approx(4, rel=0.1)


def test_platt_stays_finite_where_nothing_overlaps() -> None:
    scale, offset = platt(np.array([5.0, 6, -5, -6]), np.array([True, True, False, False]), np.ones(4))
    assert 0 < scale < 10
    assert math.isfinite(offset)


def test_calibration_weighs_kinds_not_images() -> None:
    """A kind ten times as large pulls the temperature no further than the other one."""
    part, responses = joined(
        {"photos-pen": drawn(1.0, 20_000, 5, 1), "canvas-writers": drawn(3.0, 2_000, 5, 2)}
    )
    few = joined({"photos-pen": drawn(1.0, 2_000, 5, 3), "canvas-writers": drawn(3.0, 2_000, 5, 4)})
    many_found, few_found = calibrate(loaded(), part, responses), calibrate(loaded(), *few)
    assert many_found.temperature == pytest.approx(few_found.temperature, rel=0.05)
    assert 1.3 < many_found.temperature < 2.7
    # Digits alone tell nothing of other things.
    assert (many_found.digit_scale, many_found.digit_offset) == (1, 0)


def test_99_of_100_digits_are_accepted_and_the_score_means_odds() -> None:
    part, responses = joined(
        {
            "canvas-writers": drawn(2.0, 6_000, 4, 1),
            "photos-pen": drawn(2.0, 1_000, 3, 2),
            "scribbles": others(3_000, -2, 3),
            "fabrics": others(500, 0, 4),
        }
    )
    found = calibrate(loaded(), part, responses)
    assert found.temperature == pytest.approx(2, rel=0.05)
    checkpoint = loaded()
    score = served_score(responses, found)
    digits = part.labels >= 0
    refused = figures_of_digits(part, responses, found)[-1].refused
    assert 0.009 < refused <= 0.01 + 1e-9
    before = served_score(responses, checkpoint.metadata)
    weights = np.where(digits, 1 / digits.sum(), 1 / (~digits).sum())
    assert digit_ece(score, digits, weights) < digit_ece(before, digits, weights)
    assert responses.head is not None
    assert (np.diff(score[np.argsort(responses.head)]) >= 0).all()


def test_there_must_be_digits() -> None:
    with pytest.raises(ValueError, match="no digits"):
        calibrate(loaded(), *joined({"scribbles": others(10, 0, 0)}))


def test_a_score_that_is_worth_nothing_is_refused() -> None:
    part, responses = joined({"canvas": drawn(1, 500, 0, 0), "scribbles": others(500, 2, 1)})
    with pytest.raises(ValueError, match="no better than chance"):
        calibrate(loaded(), part, responses)


def test_figures_by_hand() -> None:
    """Two kinds: one right at even odds of two classes, one with one of two wrong."""
    part = gather(
        {
            "photos-pen": LabelledImages(np.zeros((1, 28, 28), np.uint8), np.array([0])),
            "canvas-models": LabelledImages(np.zeros((2, 28, 28), np.uint8), np.array([0, 1])),
        }
    )
    logits = np.full((3, 10), -1e9, np.float32)
    logits[:, 0], logits[0, 1] = 0, -1e-7
    logits[2, 1] = math.log(1 / 3)
    metadata = describe(build("lenet5"))
    metadata.accept = 0.7
    head = np.array([2.0, 2.0, 0.0], np.float32)
    rows = {
        row.name: row
        for row in figures_of_digits(part, Responses(logits, np.zeros((3, 84), np.float32), head), metadata)
    }
    assert list(rows) == ["photos-pen", "canvas-models", "all photographs", "all drawings", "all"]
    assert [row.accuracy for row in rows.values()] == pytest.approx([1, 0.5, 1, 0.5, 0.75])
    assert rows["photos-pen"].ece == pytest.approx(0.5)
    assert rows["canvas-models"].ece == pytest.approx(0.75 / 2)
    assert rows["canvas-models"].nll == pytest.approx(math.log(4) / 2)
    assert [row.refused for row in rows.values()] == pytest.approx([0, 0.5, 0, 0.5, 0.25])
