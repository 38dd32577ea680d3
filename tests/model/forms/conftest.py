import numpy as np
import pytest

from model.generator.forms.pages import Hands
from model.generator.numbers.strings import by_writer
from model.generator.pens.hands import Drawing
from model.generator.pens.templates import draw_digit
from model.recognition import Recogniser


@pytest.fixture(scope="session")
def hands() -> Hands:
    """Three hands by the stroke models: tests have no data sets."""
    rng = np.random.default_rng(0)
    return by_writer(
        [Drawing(draw_digit(digit, rng), digit, writer) for writer in range(3) for digit in range(10)]
    )


@pytest.fixture(scope="session")
def network() -> Recogniser:
    return Recogniser.load("lenet5")
