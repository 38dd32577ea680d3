"""A comb, or boxes side by side: cells that are filled give their digits, empty ones nothing."""

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.generator.numbers.printed import displayed
from model.generator.numbers.texts import letters_of
from model.ink import InkError
from model.ink.decode import decode
from model.reading import NothingToRead, read_image
from model.reading.rows import find_cells, read_row
from model.recognition import Recogniser
from model.training.data import LabelledImages
from tests.model.reading.support import printed
from tests.support import encoded

Images = Sequence[NDArray[np.uint8] | None]
LOOKS: list[dict[str, Any]] = [{}, {"line": 205}, {"width": 3, "line": 20}, {"gap": 4}, {"gap": 16}]
LOOKS += [{"gap": 16, "line": 210}, {"turned": 1.2}, {"gap": 10, "turned": -1.5}]
LOOKS += [{"gap": 10, "rule": True, "turned": 1.0}, {"gap": 6, "turned": 5.0}]


def row(
    images: Images, *, gap: int = 0, line: int = 90, width: int = 1, turned: float = 0.0, rule: bool = False
) -> bytes:
    """Cells of 40 x 48 pixels, one for each image; None leaves one empty. The `rule` is above all of them."""
    page = Image.new("L", (60 + len(images) * (40 + gap), 100), 250)
    pen = ImageDraw.Draw(page)
    for number, image in enumerate(images):
        left = 30 + number * (40 + gap)
        pen.rectangle((left, 26, left + 40, 74), outline=line, width=width)
        if image is not None:
            page.paste(30, (left + 3, 33), Image.fromarray(image).resize((34, 34), Image.Resampling.BICUBIC))
    if rule:
        pen.line((0, 12, page.width, 12), fill=line, width=2)
    return encoded(np.asarray(page.rotate(turned, Image.Resampling.BICUBIC, fillcolor=250)))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("filled", [(0, 6), (0, 2), (4, 6), (1, 5)])
def test_a_row_of_cells(
    look: dict[str, Any], filled: tuple[int, int], mnist_test: LabelledImages, recogniser: Recogniser
) -> None:
    (first, last), right = filled, 0
    for start in (0, 20, 40, 60):
        images: list[NDArray[np.uint8] | None] = [None] * 6
        images[first:last] = mnist_test.images[start + first : start + last]
        truth = "".join(map(str, mnist_test.labels[start + first : start + last]))
        right += read_image(row(images, **look), recogniser).text == truth
    assert right >= 3


def test_empty_cells_are_empty(recogniser: Recogniser) -> None:
    dashes = np.full((40, 100), 255, np.uint8)  # no column has ink but in one row
    dashes[20, [n for n in range(1, 60) if n % 20]] = dashes[17, :61:20] = dashes[5, [70, 75]] = 0
    near = row([None] * 5, gap=3, width=2)
    for page in (row([None] * 5), row([None] * 5, gap=12), row([None] * 5, line=200), near, encoded(dashes)):
        with pytest.raises(NothingToRead, match="the cells are empty"):
            read_image(page, recogniser)


@pytest.mark.parametrize("word", ["ABCDE", "HELLO", "EHXZM", "xxxx"])
def test_letters_in_cells_are_no_number(word: str, recogniser: Recogniser) -> None:
    letters = [255 - decode(printed(letter, 28)).pixels[14:42, 24:52] for letter in word]
    assert read_row(decode(row(letters)).pixels, recogniser)  # they are cells
    with pytest.raises(NothingToRead):
        read_image(row(letters), recogniser)


def test_a_digit_beside_the_cells_is_not_dropped(mnist_test: LabelledImages, recogniser: Recogniser) -> None:
    page = np.pad(decode(row([*mnist_test.images[:3]])).pixels, ((0, 0), (0, 60)), constant_values=250)
    assert read_image(encoded(page), recogniser).text == "721"
    page[33:61, -60:-32] = 250 - mnist_test.images[3].astype(int) * 220 // 255
    assert read_image(encoded(page), recogniser).text == "7210"


@pytest.mark.parametrize("shape", [(5000, 1), (1, 5000), (1, 1200), (301, 1), (3, 3), (1, 1)])
def test_pictures_of_a_line_of_pixels_are_no_cells(shape: tuple[int, int], recogniser: Recogniser) -> None:
    dashes = np.where(np.arange(shape[0] * shape[1]).reshape(shape) // 7 % 2, 20, 240).astype(np.uint8)
    with contextlib.suppress(InkError):
        read_image(encoded(dashes), recogniser)


def test_boxes_between_strong_ones_may_be_faint() -> None:
    share = np.zeros((80, 340), np.float32)
    for number, dark in enumerate((0.9, 0.9, 0.3, 0.3, 0.9, 0.9)):
        box = share[15:66, 20 + 50 * number : 61 + 50 * number]
        box[[0, -1]] = box[:, [0, -1]] = dark
    assert [round(left) for left, *_ in find_cells(share)] == [20, 70, 120, 170, 220, 270]


@pytest.mark.parametrize(("text", "seed"), [("8318.1", 14), ("8318.1", 56), ("56", 57)])
def test_the_digits_of_a_display_are_no_cells(text: str, seed: int, recogniser: Recogniser) -> None:
    _, page = displayed(letters_of(text), np.random.default_rng(seed))
    assert read_image(encoded(page), recogniser).text == text


def test_a_thick_nought_is_no_row_of_cells(mnist_test: LabelledImages, recogniser: Recogniser) -> None:
    noughts = mnist_test.images[mnist_test.labels == 0][:200]
    assert all(read_row(255 - nought, recogniser) is None for nought in noughts)
