"""The shipped recogniser, loaded once."""

import pytest

from model.recognition import Recogniser


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    return Recogniser.load("lenet5", "cpu")
