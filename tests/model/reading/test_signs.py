"""Signs beside digits are no digits."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from model.reading import read_image
from model.reading.paths import Text
from model.reading.signs import signs_of, without
from model.recogniser import Recogniser
from tests.model.reading.support import png


@pytest.mark.parametrize("text", ["\u00a392", "\u00a3407", "92\u20ac", "608\u20ac"])
def test_a_currency_sign_is_no_digit(recogniser: Recogniser, text: str) -> None:
    page = Image.new("L", (80 + 60 * len(text), 160), 255)
    ImageDraw.Draw(page).text((30, 40), text, font=ImageFont.load_default(72), fill=20)
    digits = "".join(letter for letter in text if letter.isdigit())
    assert read_image(png(np.asarray(page)), recogniser).text == digits


def test_signs_stand_at_the_ends_and_beside_what_is_sure() -> None:
    scores = np.array([0.1, 1.0, 0.1, 1.0, 0.2], np.float32)
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
