"""Patterns: what fits them, what is none, and what they make of a number."""

from contextlib import suppress

import pytest

from model.reading import BadPattern, NothingToRead, read_image
from model.reading.pattern import MARKS, read_pattern
from model.recognition import Recogniser
from tests.model.reading.support import row_of
from tests.support import Digits, encoded

FITS = {
    "dddd": (["1234"], ["123", "12345", "12.4"]),
    "d{4,6}": (["1234", "12345", "123456"], ["123", "1234567"]),
    "d{2}": (["12"], ["1", "123"]),
    "d{0,2}.d": ([".1", "1.1", "12.3"], ["123.4", "12"]),
    "d+.dd": (["1.23", "1234.56"], [".12", "1.2", "12,34", "1.234"]),
    "-?d*": (["", "-", "7", "-75"], ["7-", "--7"]),
    "dd/dd/dddd": (["12/05/2024"], ["12/05/24", "12.05.2024"]),
    "d{1,2}:dd": (["9:05", "12:30"], ["123:30"]),
}


def fits(pattern: str, text: str) -> bool:
    automaton = read_pattern(pattern)
    state = automaton.start
    for letter in text:
        state = automaton.after(state, letter)
    return automaton.fits(state)


@pytest.mark.parametrize("pattern", FITS)
def test_what_fits_and_what_does_not(pattern: str) -> None:
    good, bad = FITS[pattern]
    assert all(fits(pattern, text) for text in good)
    assert not any(fits(pattern, text) for text in bad)


COUNTS = ["{2}", "+", "d{", "d{}", "d{3,2}", "d{0}", "d{,2}", "d++", "d{61}", "d{1000}", "d{30}d{31}"]
OTHERWISE = ["", "ddx", "d d", "(d)", "d\n", "--", "d" * 61, "1d"]


@pytest.mark.parametrize("pattern", [*COUNTS, *OTHERWISE])
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    with pytest.raises(BadPattern, match=r"pattern|count"):
        read_pattern(pattern)


def test_marks_that_are_ignored_are_in_no_pattern() -> None:
    assert all(read_pattern(f"d{mark}d") for mark in MARKS)
    with pytest.raises(BadPattern, match="ignored"):
        read_pattern("d.d", marks="")


def test_of_readings_only_those_that_fit_are_considered(mnist: Digits, recogniser: Recogniser) -> None:
    row, text = encoded(row_of(mnist.images[:5])), "".join(str(label) for label in mnist.labels[:5])
    plain = read_image(row, recogniser).confidence
    for pattern in ("ddddd", "d+", "d{3,9}"):
        found = read_image(row, recogniser, pattern=pattern)
        assert found.text == text
        assert found.confidence >= plain > 0.8
    for pattern in ("dddd", "dddddd"):
        with suppress(NothingToRead):
            found = read_image(row, recogniser, pattern=pattern)
            assert len(found.text) == len(pattern)
            assert found.confidence < 0.5
    with pytest.raises(NothingToRead, match="pattern"):
        read_image(row, recogniser, pattern="d{40}")
    with pytest.raises(BadPattern):
        read_image(row, recogniser, pattern="what?")
