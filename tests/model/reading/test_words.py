"""Words are no numbers, and numbers in the same print are."""

import pytest

from model.reading import NothingToRead, read_image
from model.recognition import Recogniser
from tests.model.reading.support import printed

WORDS = (
    "Hello word",
    "the quick brown fox",
    "kitten",
    "Amount due",
    "water bottle",
    "Thank you",
    "lorem ipsum",
)


def test_printed_words_are_no_numbers(recogniser: Recogniser) -> None:
    refused = 0
    for word in WORDS:
        for side in (36, 64):
            try:
                read_image(printed(word, side), recogniser)
            except NothingToRead:
                refused += 1
    assert refused >= 0.8 * 2 * len(WORDS)


@pytest.mark.parametrize("number", ["7", "4071", "5519003", "92", "666"])
def test_printed_numbers_are_read(recogniser: Recogniser, number: str) -> None:
    assert read_image(printed(number, 48), recogniser).text == number
