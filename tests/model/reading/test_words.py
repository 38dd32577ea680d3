"""Words are no numbers, and numbers in the same print are; repeated digits are not taken for a comb."""

from itertools import product

import pytest

from model.reading import NothingToRead, read_image
from model.recognition import Recogniser
from tests.model.reading.support import printed

WORDS = ["Hello word", "the quick brown fox", "kitten", "Amount due", "water bottle"]
WORDS += ["Thank you", "lorem ipsum"]


def test_printed_words_are_no_numbers(recogniser: Recogniser) -> None:
    refused = 0
    for word, side in product(WORDS, (36, 64)):
        try:
            read_image(printed(word, side), recogniser)
        except NothingToRead:
            refused += 1
    assert refused >= 0.8 * 2 * len(WORDS)


@pytest.mark.parametrize("side", [48, 56, 80, 90])
@pytest.mark.parametrize("number", ["7", "4071", "5519003", "92", "666", "888", "8888", "444"])
def test_printed_numbers_are_read(recogniser: Recogniser, number: str, side: int) -> None:
    assert read_image(printed(number, side), recogniser).text == number
