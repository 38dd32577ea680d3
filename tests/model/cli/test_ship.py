from pathlib import Path

import pytest

from model.checkpoints import checkpoint
from model.training.data import DIGITS, DataSet, LabelledImages, load_mnist_test
from model.training.loop.settings import TrainingSettings
from tests.model.cli.support import run
from tests.model.conftest import MNIST
from tests.model.training.conftest import trained

pytestmark = pytest.mark.slow


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The folder of a run of one pass on 300 images."""
    part = load_mnist_test(MNIST)
    small = LabelledImages(part.images[:300], part.labels[:300])
    data = DataSet("small", small, small, DIGITS, "a test's", True)
    trained(TrainingSettings("lenet5-tanh", data_set="small", passes=1, batch=25), data, tmp_path / "run")
    return tmp_path / "run"


def test_a_finished_run_is_shipped(finished: Path, tmp_path: Path) -> None:
    said = run("ship", finished, "--to", tmp_path / "out").stdout
    assert "lenet5-tanh.safetensors, with its card lenet5-tanh.md" in said
    assert checkpoint.load(tmp_path / "out" / "lenet5-tanh.safetensors").metadata.measured["seeds"]
    assert "# lenet5-tanh" in (tmp_path / "out" / "lenet5-tanh.md").read_text()
