from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.training.data import DIGITS, LabelledImages
from model.training.evaluation.figures import evaluate
from model.training.loop.records import Record, Validation
from model.training.reports.plots import draw_confusions, draw_learning_curves, draw_mistakes


@pytest.fixture
def logits(mnist_test: LabelledImages) -> np.ndarray:
    """Answers for 200 images of which 20 are wrong, each wrong one a surer mistake than the one before."""
    answers = 8 * np.eye(10)[mnist_test.labels[:200]]
    for place, i in enumerate(range(0, 200, 10)):
        answers[i] = (3 + 0.2 * place) * np.eye(10)[(mnist_test.labels[i] + 1) % 10]
    return answers


def test_the_contact_sheet_shows_the_surest_mistakes_first(
    logits: np.ndarray, mnist_test: LabelledImages, tmp_path: Path
) -> None:
    part = mnist_test.take(np.arange(200))
    draw_mistakes(part, logits, 1.0, DIGITS, tmp_path / "all.png")
    draw_mistakes(part, logits, 1.0, DIGITS, tmp_path / "few.png", most=10)
    whole, few = (np.asarray(Image.open(tmp_path / f"{name}.png").convert("L")) for name in ("all", "few"))
    assert whole.shape[1] == few.shape[1]
    assert whole.shape[0] == pytest.approx(2 * few.shape[0], abs=2)
    # The first row is the same: the ten surest. Each is drawn dark on white.
    difference = np.abs(whole[60 : few.shape[0] - 10].astype(int) - few[60:-10])
    assert difference.mean() < 2
    assert (few < 60).any()


def test_a_run_without_mistakes_says_so(mnist_test: LabelledImages, tmp_path: Path) -> None:
    """Neither a blank sheet nor a warning of a scale that cannot show a nought."""
    part = mnist_test.first(20)
    logits = 9 * np.eye(10)[part.labels]
    draw_mistakes(part, logits, 1.0, DIGITS, tmp_path / "none.png")
    assert np.asarray(Image.open(tmp_path / "none.png").convert("L")).min() < 100
    draw_confusions(evaluate(logits, part, 1.0), DIGITS, tmp_path / "confusion.png")
    draw_learning_curves(
        [Record(1, 0.1, 1.0, 1e-3, 1.0, {"validation": Validation(1.0, 0.0, 1.0)})], tmp_path / "curves.png"
    )
    pixels = np.asarray(Image.open(tmp_path / "curves.png").convert("RGB")).astype(int)
    assert (pixels[350:700, :, 0] - pixels[350:700, :, 2] > 60).sum() > 20  # the errors, all nought
