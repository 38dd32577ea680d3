"""What tests of the model share: MNIST's test images, what each network says of them, checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.checkpoints import checkpoint
from model.checkpoints.export import export
from model.networks.family import build
from model.networks.layers import DigitHead
from model.recognition import Recogniser, Scores
from model.recognition.calibration import calibrated
from model.recognition.second_look import look_again
from model.training.data import LabelledImages, load_mnist_test

MNIST = Path(__file__).parents[1] / "data" / "mnist"


@dataclass(frozen=True)
class Measured:
    """What a shipped network says of MNIST's test images: in all, and at the first look (10000, 10)."""

    scores: Scores
    first: NDArray[np.float32]


@pytest.fixture(scope="session")
def mnist_test() -> LabelledImages:
    """MNIST's 10,000 test images, as the repository carries them."""
    return load_mnist_test(MNIST)


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    """The shipped recogniser."""
    return Recogniser.load("lenet5", "cpu")


@pytest.fixture(scope="session")
def measured(mnist_test: LabelledImages) -> Callable[[str], Measured]:
    """What a shipped network, named by its preset, says of them: each is run once in all the tests."""

    @cache
    def measure(name: str) -> Measured:
        recogniser = Recogniser.load(name, "cpu")
        certain, run = recogniser.metadata.second_look, recogniser.engine.run
        fields = recogniser.network_input(mnist_test.images)
        parts = [run(fields[start : start + 250]) for start in range(0, len(fields), 250)]
        first, heads = np.concatenate([logits for logits, _ in parts]), [head for _, head in parts]
        digit = np.concatenate([head for head in heads if head is not None]) if heads[0] is not None else None
        logits = first
        if certain is not None:
            logits, digit = look_again(fields, first, digit, run, certain)
        return Measured(calibrated(logits, digit, recogniser.metadata), first)

    return measure


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained lenet5 with a digit head, and its ONNX file beside it."""
    path = tmp_path_factory.mktemp("checkpoints") / "lenet5.safetensors"
    network = build("lenet5", seed=1, form="training").train()
    with torch.no_grad():
        network(torch.rand(64, 1, 28, 28))  # for the norms' statistics
    metadata = checkpoint.describe(network)
    metadata.temperature, metadata.accept = 1.5, 0.25
    torch.manual_seed(0)
    checkpoint.save(path, network.eval(), metadata, DigitHead())
    export(path)
    return path
