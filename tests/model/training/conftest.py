from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from model.training.data import DIGITS, DataSet, LabelledImages


@pytest.fixture(autouse=True)
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
