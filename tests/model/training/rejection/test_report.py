"""The report of a checkpoint on digits and on noise, and its pictures and its section of a card."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.training.data import LabelledImages
from model.training.rejection.card import HEADING, section, with_section
from model.training.rejection.material import gather
from model.training.rejection.plots import draw_all
from model.training.rejection.report import RejectionReport, measure, told

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def material(mnist_test: LabelledImages) -> tuple[LabelledImages, LabelledImages]:
    """Parts to measure and to fit by: MNIST's digits, digits upside down and noise as other things."""

    def made(first: int, seed: int) -> LabelledImages:
        random = np.random.default_rng(seed)
        digits = LabelledImages(
            mnist_test.images[first : first + 400], mnist_test.labels[first : first + 400]
        )
        turned = mnist_test.images[first + 400 : first + 500, ::-1, ::-1].copy()
        noise = random.integers(0, 256, (150, 28, 28)).astype(np.uint8)
        return gather(
            {
                "canvas-writers": digits.take(np.arange(300)),
                "photos-pen": digits.take(np.arange(300, 400)),
                "spoiled": LabelledImages(turned, np.full(100, -1)),
                "textures": LabelledImages(noise[:100], np.full(100, -1)),
                "fabrics": LabelledImages(noise[100:], np.full(50, -1)),
            }
        )

    return made(0, 0), made(5_000, 1)


@pytest.fixture(scope="module")
def with_head(exported: dict[str, Path]) -> Checkpoint:
    """The shipped lenet5-mnist with the digit head of another network."""
    head = checkpoint.load(exported["lenet5"]).digit_head
    shipped = checkpoint.load("lenet5-mnist")
    return Checkpoint(shipped.network, shipped.metadata, head)


@pytest.fixture(scope="module")
def report(with_head: Checkpoint, material: tuple[LabelledImages, LabelledImages]) -> RejectionReport:
    rubbish = checkpoint.load("lenet5-1998")
    return measure(with_head, material[0], CPU, training=material[1], rubbish=rubbish)[0]


def test_every_score_is_compared_and_its_cost_is_said(report: RejectionReport) -> None:
    assert {score.name: score.parameters for score in report.compared} == {
        "highest probability": 0,
        "energy": 0,
        "distance in F6": 840 + 84 * 85 // 2,
        "background class": 85,
        "1998 rubbish class": 60_000,
        "digit head": 2_065,
    }
    for score in report.compared:
        assert [told.name for told in score.told] == [
            "spoiled", "textures", "fabrics", "all spoiled", "all pictures", "all",
        ] or [told.name for told in score.told] == [
            "spoiled", "textures", "fabrics", "all pictures", "all",
        ]  # fmt: skip
        assert all(0 <= told.auroc <= 1 and 0 <= told.accepted <= 1 for told in score.told)


def test_noise_is_told_from_digits_by_what_has_seen_it(report: RejectionReport) -> None:
    found = {score.name: score.told[-1] for score in report.compared}
    by_kind = {
        told.name: told.auroc
        for score in report.compared
        if score.name == "background class"
        for told in score.told
    }
    assert min(by_kind["textures"], by_kind["fabrics"]) > 0.99
    assert found["background class"].auroc > found["highest probability"].auroc


def test_the_digits_are_those_of_mnist(report: RejectionReport) -> None:
    rows = {row.name: row for row in report.digits}
    assert rows["canvas-writers"].images == 300
    assert rows["all"].images == 400
    assert rows["all"].accuracy > 0.98
    assert rows["all"].accuracy == pytest.approx(
        (rows["canvas-writers"].accuracy + rows["photos-pen"].accuracy) / 2
    )
    assert report.risks[0].coverage == 1
    assert report.risks[0].by_confidence == pytest.approx(1 - rows["all"].accuracy)
    assert report.risks[-1].by_confidence <= report.risks[0].by_confidence


def test_shares_by_hand() -> None:
    """Of the others' 2, 6 and 20 against the digits 5 to 104, the lowest of which may be refused."""
    labels = np.array([1] * 100 + [-1] * 3)
    part = gather({"canvas": LabelledImages(np.zeros((103, 28, 28), np.uint8), labels)})
    found = told(part, np.array([*range(5, 105), 2.0, 6.0, 20.0]))[-1]
    assert found.images == 3
    assert found.accepted == pytest.approx(2 / 3)
    assert found.auroc == pytest.approx((100 + 98.5 + 84.5) / 300)


def test_the_report_is_plain_json(report: RejectionReport) -> None:
    found = json.loads(json.dumps(report.to_json()))
    assert found["served"]["told"][-1]["name"] == "all"
    assert set(found["false_accepts"]) == {told["name"] for told in found["served"]["told"]}


@pytest.mark.parametrize("label", [3, -1])
def test_there_must_be_both_sides(with_head: Checkpoint, label: int) -> None:
    part = gather({"one": LabelledImages(np.zeros((2, 28, 28), np.uint8), np.full(2, label))})
    with pytest.raises(ValueError, match="no other things" if label == 3 else "no digits"):
        measure(with_head, part, CPU)


def test_the_pictures_are_drawn(
    with_head: Checkpoint, material: tuple[LabelledImages, LabelledImages], tmp_path: Path
) -> None:
    _, evidence = measure(with_head, material[0], CPU)
    paths = draw_all(evidence, with_head.metadata, tmp_path / "plots")
    assert {path.stem for path in paths} == {
        "roc-by-group", "roc-by-score", "risk-coverage", "reliability", "digit-scores",
    }  # fmt: skip
    for path in paths:
        with Image.open(path) as picture:
            assert min(picture.size) > 300
            assert len(np.unique(np.asarray(picture))) > 10


def test_a_card_has_the_section_once_and_nothing_else_changed(report: RejectionReport) -> None:
    card = "# lenet5\n\nText.\n\n## Data\n\nMNIST.\n\n## Digest of the weights\n\nSHA-256 `0`\n"
    text = section(report, [Path("folder/lenet5-roc.png")])
    once = with_section(card, text)
    assert once.count(HEADING) == 1
    assert with_section(once, text) == once
    assert with_section(with_section(card, HEADING + "\n\nOld.\n"), text) == once
    assert once.index("## Data") < once.index(HEADING) < once.index("## Digest")
    assert "![lenet5-roc](lenet5-roc.png)" in once
    assert "| background class (an eleventh logit over F6) | 85 |" in once
    before, after = once[: once.index(HEADING)], once[once.index("## Digest") :]
    assert before + after == card
