"""The report of a checkpoint on digits and on other things, and its section of a card."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import describe
from model.networks.family import build
from model.training.data import LabelledImages
from model.training.evaluation.inference import Outputs, run_checkpoint
from model.training.rejection.fitting import gather
from model.training.rejection.report import HEADING, RejectionReport, measure, section, with_section


@pytest.fixture(scope="module")
def report(mnist_test: LabelledImages) -> RejectionReport:
    """The shipped default on 400 digits of two kinds, on digits upside down, and on noise."""
    noise = np.random.default_rng(0).integers(0, 256, (50, 28, 28)).astype(np.uint8)
    turned = mnist_test.images[400:500, ::-1, ::-1].copy()
    gathered = gather(
        {
            "canvas-writers": replace(mnist_test.first(300), groups=None),
            "photos-pen": replace(mnist_test.take(np.arange(300, 400)), groups=None),
            "spoiled": LabelledImages(turned, np.full(100, -1)),
            "textures": LabelledImages(noise, np.full(50, -1)),
        }
    )
    loaded = checkpoint.load("lenet5")
    return measure(loaded.metadata, gathered, run_checkpoint(loaded, gathered.images, torch.device("cpu")))


def test_digits_and_other_things_are_measured(report: RejectionReport) -> None:
    assert report.digits == 400
    assert report.accuracy > 0.98
    assert list(report.auroc) == ["spoiled", "textures", "all"]
    assert report.auroc["textures"] > 0.99
    assert report.auroc["all"] == pytest.approx((report.auroc["spoiled"] + report.auroc["textures"]) / 2)


def test_figures_by_hand() -> None:
    """Of the others' scores 2, 6 and 20 against the digits' 5 to 104, the lowest of which may be refused.

    Of two kinds of digits, each counting half, the smaller one has two of four wrong.
    """
    labels = np.array([1] * 96 + [1, 1, 2, 2] + [-1] * 3)
    kinds = np.array([0] * 96 + [1] * 4 + [2] * 3)
    images = np.zeros((103, 28, 28), np.uint8)
    part = LabelledImages(images, labels, kinds, ("canvas", "photos", "letters"))
    logits = np.zeros((103, 10), np.float32)
    logits[:, 1] = 10
    head = np.array([*range(9, 105), *range(5, 9), 2.0, 6.0, 20.0], np.float32)
    metadata = replace(describe(build("lenet5")), digit_scale=0.01, accept=1 / (1 + np.exp(-0.15)))
    found = measure(metadata, part, Outputs(logits, head))
    assert found.accuracy == pytest.approx(0.75)
    assert found.accepted == pytest.approx(1 / 3)  # 20 alone is above 15
    assert found.accepted_at_refused["all"] == pytest.approx(2 / 3)  # each photo weighs 1/8
    assert found.refused == pytest.approx((6 / 96 + 1) / 2)
    # 2 is below all digits; 6 is above one photo and level with another; 20 is above all photos.
    below = [1, (1 + 2.5 / 4) / 2, (84.5 / 96 + 0) / 2]
    assert found.auroc["all"] == pytest.approx(np.mean(below))


@pytest.mark.parametrize("label", [3, -1])
def test_there_must_be_both_sides(label: int) -> None:
    loaded = checkpoint.load("lenet5")
    part = gather({"one": LabelledImages(np.zeros((2, 28, 28), np.uint8), np.full(2, label))})
    with pytest.raises(ValueError, match="no other things" if label == 3 else "no digits"):
        measure(loaded.metadata, part, Outputs(np.zeros((2, 10), np.float32), None))


def test_a_card_has_the_section_once_and_nothing_else_changed(report: RejectionReport) -> None:
    card = "# lenet5\n\nText.\n\n## Data\n\nMNIST.\n\n## Digest of the weights\n\nSHA-256 `0`\n"
    text = section(report, Path("folder/lenet5-reliability.png"), "Measured on MNIST.")
    once = with_section(card, text)
    assert once.count(HEADING) == 1
    assert with_section(once, text) == once
    assert with_section(with_section(card, HEADING + "\n\nOld.\n"), text) == once
    assert once.index("## Data") < once.index(HEADING) < once.index("## Digest")
    assert "(lenet5-reliability.png)" in once
    assert "| textures | " in once
    before, after = once[: once.index(HEADING)], once[once.index("## Digest") :]
    assert before + after == card
