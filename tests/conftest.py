"""What many tests share: the running service, and MNIST's test images."""

import gzip
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

from tests.support import ROOT, Digits, RunningServer, running_server

MNIST = ROOT / "tests" / "data" / "mnist"

# How long an example takes is the machine's business: a busy one must not fail a test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """The service with its default settings, shared by all tests that do it no harm."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def mnist() -> Digits:
    images = gzip.decompress((MNIST / "t10k-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((MNIST / "t10k-labels-idx1-ubyte.gz").read_bytes())
    return Digits(
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8),
    )
