import json
from pathlib import Path
from shutil import copy
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image

from model.recognition import Recogniser
from tests.model.cli.support import failed, run
from tests.support import ROOT, write_idx


def call(*arguments: str | Path) -> str:
    return run("evaluate", *arguments).stdout


@pytest.fixture
def slice_of_mnist(tmp_path: Path) -> Path:
    """Sixty images to measure by, the same ones to learn from, as IDX files of one's own."""
    random = np.random.default_rng(0)
    for prefix in ("train", "t10k"):
        write_idx(tmp_path / f"{prefix}-images-idx3-ubyte", random.integers(0, 256, (60, 28, 28), np.uint8))
        write_idx(tmp_path / f"{prefix}-labels-idx1-ubyte", np.arange(60, dtype=np.uint8) % 10)
    return tmp_path


def test_the_figures_as_text_on_the_repositorys_images() -> None:
    text = call()
    for word in ("lenet5", "accuracy", "95 % interval", "NLL", "ECE, 15 bins", "rejected for 0.1% error"):
        assert word in text
    assert "writers of the last 5,000" in text


def test_the_figures_as_json_and_as_pictures(tmp_path: Path, slice_of_mnist: Path) -> None:
    pictures = tmp_path / "pictures"
    said = call("lenet5", "--data-set", "idx", "--data", slice_of_mnist, "--json", "--plots", pictures)
    found = json.loads(said)["lenet5"]
    assert found["images"] == 60
    assert sum(map(sum, found["confusion"])) == 60
    assert found["accuracy"] == pytest.approx(1 - found["errors"] / 60)
    assert found["interval"][0] < found["accuracy"] < found["interval"][1]
    names = {path.name for path in pictures.iterdir()}
    assert names == {"confusion.png", "mistakes.png", "calibration.png"}
    for path in pictures.iterdir():
        with Image.open(path) as picture:
            assert min(picture.size) > 300


def test_the_validation_part_of_a_data_set(slice_of_mnist: Path) -> None:
    said = call("--data-set", "idx", "--data", slice_of_mnist, "--part", "validation", "--json")
    assert json.loads(said)["lenet5"]["images"] == 5


@pytest.mark.parametrize(
    ("part", "measured"), [([], 100), (["--part", "all"], 100), (["--part", "test"], 10)]
)
def test_a_folder_of_ones_own_is_measured_whole_unless_a_part_is_asked_for(
    tmp_path: Path, part: list[str], measured: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the network that is measured is the one that answers the pictures."""
    load = Mock(side_effect=Recogniser.load)
    monkeypatch.setattr(Recogniser, "load", load)
    for digit in range(10):
        (tmp_path / str(digit)).mkdir()
        for number in range(10):
            copy(ROOT / "docs" / "seven.png", tmp_path / str(digit) / f"{number}.png")
    said = call("lenet5-mnist", "--data-set", "folder", "--data", tmp_path, "--json", *part)
    found = json.loads(said)["lenet5-mnist"]
    load.assert_called_once_with("lenet5-mnist")
    assert found["images"] == measured
    assert found["accuracy"] == pytest.approx(0.1)  # every picture is a 7


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--part", "train"], "no part 'train'"),
        (["--part", "validation"], "--data DIR is needed"),
        (["--data-set", "folder"], "--data DIR is needed"),
        (["--part", "all"], "--part all is for --data-set folder"),
        (["--data", "nowhere"], "nowhere: there is no such folder"),
        (["--data", ".", "--data-set", "cifar"], "no data set 'cifar'"),
    ],
)
def test_what_cannot_be_measured_is_said(arguments: list[str], reason: str) -> None:
    assert reason in failed("evaluate", *arguments)
