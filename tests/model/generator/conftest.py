from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from model.generator.materials import Materials
from model.generator.numbers.strings import by_writer
from model.generator.paper.fonts import Font, find_fonts, with_digits
from model.generator.pens.hands import Drawing
from model.generator.pens.templates import draw_digit
from model.training.data import LabelledImages


@pytest.fixture(scope="session")
def font_folder() -> Path:
    """The free fonts that matplotlib brings with it."""
    return Path(mpl.get_data_path()) / "fonts" / "ttf"


@pytest.fixture(scope="session")
def fonts(font_folder: Path) -> list[Font]:
    return find_fonts([font_folder])


@pytest.fixture(scope="session")
def materials(mnist_test: LabelledImages, fonts: list[Font]) -> Materials:
    """What can be had without the data sets: MNIST's test images, stroke models as writers, some fonts."""
    rng = np.random.default_rng(0)
    written = [Drawing(draw_digit(n % 10, rng), n % 10, n // 10) for n in range(60)]
    return Materials("train", written, mnist_test, mnist_test, [], fonts, with_digits(fonts))


@pytest.fixture(scope="session")
def hands() -> dict[int, dict[int, list[Drawing]]]:
    """Stroke models as writers: four hands of ten digits."""
    rng = np.random.default_rng(0)
    return by_writer([Drawing(draw_digit(n % 10, rng), n % 10, n // 10) for n in range(40)])
