"""Signs beside digits are no digits."""

import pytest
from PIL import Image, ImageDraw, ImageFont

from model.reading import read_image
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
