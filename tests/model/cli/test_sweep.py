import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.training.data import load_mnist_test
from tests.model.cli.support import failed, run
from tests.model.conftest import MNIST
from tests.support import write_idx

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The first 800 of MNIST's test images to learn from."""
    part = load_mnist_test(MNIST)
    for prefix in ("train", "t10k"):
        write_idx(tmp_path / f"{prefix}-images-idx3-ubyte", part.images[:800])
        write_idx(tmp_path / f"{prefix}-labels-idx1-ubyte", part.labels[:800].astype(np.uint8))
    return tmp_path


def sweep(data: Path, *more: str) -> list[str | Path]:
    return ["sweep", "--preset", "lenet5-relu", "--data", data, "--data-set", "idx", "--batch", "32",
            "--steps", "40", "--out", data / "out", *more]  # fmt: skip


def test_a_sweep_says_the_rule_chooses_and_draws(data: Path) -> None:
    text = run(*sweep(data, "--low", "1e-6", "--high", "4", "--rates", "3")).stdout
    assert "falling slowly" in text
    assert "not falling" in text
    found = json.loads((data / "out" / "sweep.json").read_text())
    assert found["chosen"] == 2e-3
    assert [len(trial["losses"]) for trial in found["trials"]] == [40, 40, 40]
    with Image.open(data / "out" / "sweep.png") as picture:
        assert picture.width > 2 * 300


def test_a_sweep_of_no_good_rate_says_so(data: Path) -> None:
    assert "fell at none of the rates" in failed(*sweep(data, "--low", "4", "--high", "9", "--rates", "2"))
    assert "low < high" in failed(*sweep(data, "--low", "1", "--high", "0.1"))


def test_a_folder_that_cannot_be_had_is_said_before_the_work(data: Path) -> None:
    file = data / "t10k-labels-idx1-ubyte"
    assert "File exists" in failed(*sweep(data, "--out", str(file)))
