"""The soak and the chaos in short: `make soak` and `make chaos` go on for longer."""

import pytest

from tests.robustness.chaos import chaos
from tests.robustness.soak import soak

pytestmark = pytest.mark.slow


def test_nothing_grows() -> None:
    assert soak(requests=2000, clients=4) == 0


def test_nothing_is_lost() -> None:
    assert chaos(seconds=2) == 0
