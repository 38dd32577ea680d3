import math

import numpy as np
import pytest

from model.checkpoints.checkpoint import describe
from model.networks.family import build
from model.recognition.calibration import calibrated
from model.training.data import LabelledImages
from model.training.evaluation.inference import Outputs
from model.training.evaluation.measures import probabilities
from model.training.rejection.fitting import balanced, calibrate, gather, platt


def part(
    labels: list[int], kinds: list[int] | None = None, names: tuple[str, ...] | None = None
) -> LabelledImages:
    images = np.zeros((len(labels), 28, 28), np.uint8)
    return LabelledImages(images, np.array(labels), None if kinds is None else np.array(kinds), names)


def test_kinds_of_several_files_are_gathered_by_name() -> None:
    found = gather(
        {
            "validation": part([1, -1, 2], [0, 1, 0], ("canvas-writers", "scribbles")),
            "segments-validation": part([-1, 3]),
            "more": part([-1], [0], ("scribbles",)),
        }
    )
    assert found.group_names == ("canvas-writers", "scribbles", "segments-validation")
    assert found.groups is not None
    assert found.groups.tolist() == [0, 1, 0, 2, 2, 1]


def test_every_kind_weighs_the_same_on_its_side() -> None:
    weights = balanced(np.array([7, 2, 2, 2, 2, 4]), np.array([True] * 5 + [False]))
    assert weights == pytest.approx([1 / 2, *[1 / 8] * 4, 1])
    assert balanced(np.array([1, 1]), np.array([False, False])) == pytest.approx([1 / 2, 1 / 2])


METADATA = describe(build("lenet5"))


def drawn(temperature: float, count: int, head: float, seed: int) -> tuple[LabelledImages, Outputs]:
    """Logits, labels drawn from them at a temperature, and head logits around `head`."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 3, (count, 10)).astype(np.float32)
    wanted = probabilities(logits, temperature)
    labels = (wanted.cumsum(axis=1) < random.random((count, 1))).sum(axis=1)
    part = LabelledImages(np.zeros((count, 28, 28), np.uint8), labels)
    scores = random.normal(head, 1, count).astype(np.float32)
    return part, Outputs(logits, scores)


def joined(found: dict[str, tuple[LabelledImages, Outputs]]) -> tuple[LabelledImages, Outputs]:
    given = [outputs for _, outputs in found.values()]
    heads = [outputs.digit for outputs in given if outputs.digit is not None]
    logits = np.concatenate([outputs.logits for outputs in given])
    return gather({name: part for name, (part, _) in found.items()}), Outputs(logits, np.concatenate(heads))


def others(count: int, head: float, seed: int) -> tuple[LabelledImages, Outputs]:
    part, outputs = drawn(1, count, head, seed)
    return LabelledImages(part.images, np.full(count, -1)), outputs


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
    part, outputs = joined(
        {"photos-pen": drawn(1.0, 20_000, 5, 1), "canvas-writers": drawn(3.0, 2_000, 5, 2)}
    )
    few = joined({"photos-pen": drawn(1.0, 2_000, 5, 3), "canvas-writers": drawn(3.0, 2_000, 5, 4)})
    many_found, few_found = calibrate(METADATA, part, outputs), calibrate(METADATA, *few)
    assert many_found.temperature == pytest.approx(few_found.temperature, rel=0.05)
    assert 1.3 < many_found.temperature < 2.7
    # Digits alone tell nothing of other things.
    assert (many_found.digit_scale, many_found.digit_offset) == (1, 0)


def test_99_of_100_digits_are_accepted_and_the_score_means_odds() -> None:
    part, outputs = joined(
        {
            "canvas-writers": drawn(2.0, 6_000, 4, 1),
            "photos-pen": drawn(2.0, 1_000, 3, 2),
            "scribbles": others(3_000, -2, 3),
            "fabrics": others(500, 0, 4),
        }
    )
    found = calibrate(METADATA, part, outputs)
    assert found.temperature == pytest.approx(2, rel=0.05)
    score = calibrated(*outputs, found).digit_score
    assert part.groups is not None
    is_digit = part.labels >= 0
    weights = balanced(part.groups, is_digit)[is_digit]
    assert 0.99 - 1e-9 <= weights[score[is_digit] >= found.accept].sum() < 0.991
    assert outputs.digit is not None
    assert (np.diff(score[np.argsort(outputs.digit)]) >= 0).all()


def test_there_must_be_digits() -> None:
    with pytest.raises(ValueError, match="no digits"):
        calibrate(METADATA, *joined({"scribbles": others(10, 0, 0)}))


def test_a_score_that_is_worth_nothing_is_refused() -> None:
    part, outputs = joined({"canvas": drawn(1, 500, 0, 0), "scribbles": others(500, 2, 1)})
    with pytest.raises(ValueError, match="no better than chance"):
        calibrate(METADATA, part, outputs)
