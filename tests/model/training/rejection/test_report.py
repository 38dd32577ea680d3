"""The report of a checkpoint on digits and on other things, and its section of a card."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model.checkpoints import checkpoint
from model.training.data import LabelledImages
from model.training.rejection.card import HEADING, section, with_section
from model.training.rejection.kinds import gather
from model.training.rejection.report import Evidence, RejectionReport, figures_of_others, measure

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def measured(mnist_test: LabelledImages) -> tuple[RejectionReport, Evidence]:
    """The shipped default on 400 digits of two kinds, on digits upside down, and on noise."""
    noise = np.random.default_rng(0).integers(0, 256, (50, 28, 28)).astype(np.uint8)
    turned = mnist_test.images[400:500, ::-1, ::-1].copy()
    gathered = gather(
        {
            "canvas-writers": mnist_test.first(300),
            "photos-pen": mnist_test.take(np.arange(300, 400)),
            "spoiled": LabelledImages(turned, np.full(100, -1)),
            "textures": LabelledImages(noise, np.full(50, -1)),
        }
    )
    return measure(checkpoint.load("lenet5"), gathered, CPU)


def test_other_things_are_told_from_digits_by_kind(measured: tuple[RejectionReport, Evidence]) -> None:
    others = {row.name: row for row in measured[0].others}
    assert list(others) == ["spoiled", "textures", "all"]
    assert [row.images for row in others.values()] == [100, 50, 150]
    assert others["textures"].auroc > 0.99
    assert others["all"].auroc == pytest.approx((others["spoiled"].auroc + others["textures"].auroc) / 2)


def test_the_digits_are_counted_by_kind(measured: tuple[RejectionReport, Evidence]) -> None:
    report, _ = measured
    assert report.digits == 400
    assert report.accuracy > 0.98
    assert report.risks[0].coverage == 1
    assert report.risks[0].by_confidence == pytest.approx(1 - report.accuracy)
    assert report.risks[-1].by_confidence <= report.risks[0].by_confidence


def test_shares_by_hand() -> None:
    """Of the others' 2, 6 and 20 against the digits 5 to 104, the lowest of which may be refused."""
    labels = np.array([1] * 100 + [-1] * 3)
    part = gather({"canvas": LabelledImages(np.zeros((103, 28, 28), np.uint8), labels)})
    found = figures_of_others(part, np.array([*range(5, 105), 2.0, 6.0, 20.0]), 15.0)[-1]
    assert found.images == 3
    assert found.accepted_at_refused == pytest.approx(2 / 3)
    assert found.accepted == pytest.approx(1 / 3)
    assert found.auroc == pytest.approx((100 + 98.5 + 84.5) / 300)


@pytest.mark.parametrize("label", [3, -1])
def test_there_must_be_both_sides(label: int) -> None:
    part = gather({"one": LabelledImages(np.zeros((2, 28, 28), np.uint8), np.full(2, label))})
    with pytest.raises(ValueError, match="no other things" if label == 3 else "no digits"):
        measure(checkpoint.load("lenet5"), part, CPU)


def test_a_card_has_the_section_once_and_nothing_else_changed(
    measured: tuple[RejectionReport, Evidence],
) -> None:
    card = "# lenet5\n\nText.\n\n## Data\n\nMNIST.\n\n## Digest of the weights\n\nSHA-256 `0`\n"
    text = section(measured[0], [Path("folder/lenet5-roc.png")], "Measured on MNIST.")
    once = with_section(card, text)
    assert once.count(HEADING) == 1
    assert with_section(once, text) == once
    assert with_section(with_section(card, HEADING + "\n\nOld.\n"), text) == once
    assert once.index("## Data") < once.index(HEADING) < once.index("## Digest")
    assert "![lenet5-roc](lenet5-roc.png)" in once
    assert "| textures | 50 | " in once
    before, after = once[: once.index(HEADING)], once[once.index("## Digest") :]
    assert before + after == card
