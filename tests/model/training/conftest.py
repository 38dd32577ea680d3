from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from rich.progress import Progress

from model.checkpoints.checkpoint import Checkpoint
from model.training.data import DIGITS, DataSet, LabelledImages
from model.training.evaluation.figures import Report
from model.training.loop.run import Run
from model.training.loop.settings import TrainingSettings
from model.training.loop.train import train

QUIET = Progress(console=Console(quiet=True), disable=True)


def trained(
    settings: TrainingSettings,
    data: DataSet,
    folder: Path,
    *,
    pool_folder: Path | None = None,
    weights: Checkpoint | None = None,
    resume: bool = False,
) -> Report:
    """The report of a run that has been trained in `folder`."""
    run = Run(settings, data, folder, torch.device("cpu"), pool_folder=pool_folder, weights=weights)
    report = train(run, QUIET, resume=resume)
    assert report is not None
    return report


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As the command line has it: sums of several threads may differ in their last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def small(mnist_test: LabelledImages) -> DataSet:
    """A data set of 1,200 images to learn from and 400 to be measured by, both of MNIST's test images."""
    plain = replace(mnist_test, groups=None, group_names=None)
    return DataSet(
        "small", plain.take(np.arange(1200)), plain.take(np.arange(1200, 1600)), DIGITS, "a test's", True
    )
