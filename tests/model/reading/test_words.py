"""Words are no numbers, and numbers in the same print are; repeated digits are not taken for a comb."""

from contextlib import suppress
from itertools import product

import pytest

from model.reading import NothingToRead, read_image
from model.recognition import Recogniser
from tests.model.reading.support import printed

WORDS = ["Hello word", "the quick brown fox", "kitten", "Amount due", "water bottle", "Thank you"]


def test_printed_words_are_no_numbers(recogniser: Recogniser) -> None:
    read = []
    for word, side in product(WORDS, (36, 64)):
        with suppress(NothingToRead):
            read.append(read_image(printed(word, side), recogniser).text)
    assert len(read) <= 0.2 * 2 * len(WORDS)


@pytest.mark.parametrize("side", [48, 56, 80, 90])
@pytest.mark.parametrize("number", ["7", "4071", "5519003", "92", "666", "888", "8888", "444"])
def test_printed_numbers_are_read(recogniser: Recogniser, number: str, side: int) -> None:
    assert read_image(printed(number, side), recogniser).text == number
