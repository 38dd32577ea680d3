"""Signs beside digits are no digits."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.reading import read_image
from model.reading.paths import Text
from model.reading.signs import brackets_of, signs_of, without
from model.recognition import Recogniser
from tests.support import encoded

CURRENCIES = {"\u00a392": "92", "\u00a3407": "407", "92\u20ac": "92", "608\u20ac": "608"}
BRACKETS = {"(7)": "7", "(42)": "42", "[608]": "608", "3)": "3", "29)": "29", "(1)": "1", "(11)": "11"}
ONES = {text: text for text in ("11", "111", "1051")}


@pytest.mark.parametrize(("text", "digits"), [*CURRENCIES.items(), *BRACKETS.items(), *ONES.items()])
def test_currency_signs_and_brackets_are_no_digits_and_a_one_at_the_end_is_one(
    recogniser: Recogniser, text: str, digits: str
) -> None:
    page = Image.new("L", (80 + 60 * len(text), 160), 255)
    ImageDraw.Draw(page).text((30, 40), text, font=ImageFont.load_default(72), fill=20)
    assert read_image(encoded(page), recogniser).text == digits


def test_a_bracket_bends_outwards_and_reaches_beyond_the_digits() -> None:
    bow = np.zeros((28, 28), np.uint8)
    rows = np.arange(4, 24)
    bow[rows, np.rint(10 + 4 * ((rows - 13.5) / 10) ** 2).astype(int)] = 255
    best = Text("181", 0.9, (0, 1, 2))
    boxes = np.array([[0, 8, 10, 62], [20, 10, 50, 50], [60, 8, 70, 62]], np.float64)

    def framed(arcs: list[int]) -> NDArray[np.uint8]:
        return np.stack([bow if arc == 0 else bow[:, ::-1] for arc in arcs])

    assert brackets_of(best, boxes, framed) == {0, 2}
    assert brackets_of(Text("981", 0.9, (0, 1, 2)), boxes, framed) == {2}
    assert brackets_of(best, boxes, lambda arcs: framed([2 - arc for arc in arcs])) == frozenset()
    short = boxes.copy()
    short[:, 3] = 50
    assert brackets_of(best, short, framed) == frozenset()
    assert brackets_of(Text("1", 0.9, (0,)), boxes, framed) == frozenset()


def test_signs_stand_at_the_ends_and_beside_what_is_sure() -> None:
    scores = np.array([0.1, 1.0, 0.1, 1.0, 0.2], np.float64)
    assert signs_of(Text("812", 0.5, (0, 1, 3)), scores) == {0}
    assert signs_of(Text("128", 0.5, (1, 3, 4)), scores) == {4}
    assert signs_of(Text("182", 0.5, (1, 2, 3)), scores) == frozenset()
    assert signs_of(Text("88", 0.5, (0, 2)), scores) == frozenset()
    assert signs_of(Text("8", 0.5, (0,)), scores) == frozenset()


def test_texts_that_differ_in_signs_alone_are_one() -> None:
    texts = [
        Text("8375", 0.5, (0, 1, 2, 3)),
        Text("5375", 0.2, (0, 1, 2, 3)),
        Text("375", 0.1, (1, 2, 3)),
        Text("8376", 0.05, (0, 1, 2, 4)),
        Text("9", 0.01, (0,)),
    ]
    found = without(texts, frozenset({0}))
    assert [(text.text, round(text.probability, 3), text.runs) for text in found] == [
        ("375", 0.8, (1, 2, 3)),
        ("376", 0.05, (1, 2, 4)),
    ]
