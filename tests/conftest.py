"""What many tests share: the running service, and MNIST's test images."""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import settings

from tests.support import Digits, RunningServer, mnist_test, running_server

# How long an example takes is the machine's business: a busy one must not fail a test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """The service with its default settings, shared by all tests that do it no harm."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of `server`."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def mnist() -> Digits:
    return mnist_test()
