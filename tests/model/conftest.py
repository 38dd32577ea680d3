"""Checkpoints of small training, for tests of what uses them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch

from model.checkpoints import checkpoint
from model.checkpoints.export import export
from model.networks.family import PRESETS, DigitHead, build
from model.recognition import Recogniser, Scores
from model.training.data import LabelledImages, load_mnist_test
from tests.support import Digits

MNIST = Path(__file__).parents[1] / "data" / "mnist"


@pytest.fixture(scope="session")
def mnist_test() -> LabelledImages:
    """MNIST's 10,000 test images, as the repository carries them."""
    return load_mnist_test(MNIST)


@pytest.fixture(scope="session")
def mnist_scores(mnist: Digits) -> Callable[[str], Scores]:
    """Gives what a shipped network makes of MNIST's test images, which go through each network once."""

    @cache
    def scores(name: str) -> Scores:
        return Recogniser.load(name, "cpu").score(mnist.images)

    return scores


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A checkpoint of each preset, untrained, its ONNX file beside it; that of lenet5 has a digit head."""
    folder = tmp_path_factory.mktemp("checkpoints")
    paths = {}
    for name, preset in PRESETS.items():
        network = build(name, seed=1, form="training").train()
        with torch.no_grad():
            network(torch.rand(64, 1, preset.input_size, preset.input_size))  # for the norms' statistics
        metadata = checkpoint.describe(network)
        metadata.temperature, metadata.accept = 1.5, 0.25
        torch.manual_seed(0)
        paths[name] = folder / f"{name}.safetensors"
        head = DigitHead() if name == "lenet5" else None
        checkpoint.save(paths[name], network.eval(), metadata, head)
        export(paths[name])
    return paths
