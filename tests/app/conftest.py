"""What the service's tests share."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support import RunningServer


@pytest.fixture(scope="session")
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of the service with its default settings."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client
