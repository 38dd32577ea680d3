"""Marks of numbers, and the signs beside them that are none: printed, written and on displays."""

from contextlib import suppress

import numpy as np
import pytest

from model.generator.numbers.printed import displayed
from model.generator.numbers.texts import letters_of
from model.ink.decode import decode
from model.ink.strokes import Strokes
from model.reading import BadPattern, NothingToRead, Reading, read_image, read_strokes
from model.recognition import Recogniser
from tests.model.reading.support import printed
from tests.support import encoded

PLAIN = "-75 86.5 3,50 12/05/2024 12.05.2024 12:30 1,234.50 555-1234 11 111 1051"
BESIDE = {"{(}030{)} 123": 2, "{$} 12.50": 1, "50 {%}": 1, "{#}5": 1, "{£}407": 1, "608{€}": 1, "{(}42{)}": 2}
PRINTED = dict.fromkeys(["-     16", *PLAIN.split()], 0) | BESIDE | {"{[}608{]}": 2}
"""How many other signs each has, at the least."""


def consistent(reading: Reading) -> None:
    """Digits and marks are the text, in its order from left to right."""
    placed = [(str(digit.digit), digit.box) for digit in reading.digits]
    placed += [(mark.mark, mark.box) for mark in reading.marks]
    placed.sort(key=lambda item: item[1][0] + item[1][2] / 2)
    assert "".join(sign for sign, _ in placed) == reading.text
    assert all(0 <= mark.confidence <= 1 for mark in reading.marks)


@pytest.mark.parametrize("said", PRINTED)
def test_marks_are_read_and_other_signs_are_told(recogniser: Recogniser, said: str) -> None:
    reading = read_image(printed(said), recogniser)
    assert reading.text == "".join(letter.text for letter in letters_of(said))
    assert len(reading.others) >= PRINTED[said]
    assert bool(reading.others) == bool(PRINTED[said])
    consistent(reading)


@pytest.mark.parametrize("said", ["86.5", "12/05/2024", "-75", "12:30"])
def test_ignored_marks_leave_the_digits_and_their_confidence(recogniser: Recogniser, said: str) -> None:
    reading = read_image(printed(said), recogniser, marks="ignore")
    assert reading.text == "".join(letter for letter in said if letter.isdigit())
    assert not reading.marks
    assert reading.confidence > 0.5


def test_a_pattern_decides_between_a_slash_and_a_one(recogniser: Recogniser) -> None:
    data = printed("12/05")
    assert read_image(data, recogniser, pattern="dd/dd").text == "12/05"
    one = read_image(data, recogniser, pattern="ddddd")
    assert one.text == "12105"
    assert one.confidence < read_image(data, recogniser, pattern="dd/dd").confidence
    improbable = read_image(printed("63,594,80"), recogniser, pattern="d+,ddd.dd")
    assert improbable.text == "63,594.80"
    assert improbable.confidence < 0.5
    with pytest.raises(BadPattern):
        read_image(data, recogniser, pattern="dd/dd", marks="ignore")


def stroke(*points: tuple[float, float]) -> list[list[float]]:
    far = np.linspace(0, len(points) - 1, 8 * len(points))
    x, y = (np.interp(far, range(len(points)), part) for part in zip(*points, strict=True))
    drawn: list[list[float]] = np.stack([x, y], axis=1).tolist()
    return drawn


SEVEN = stroke((0, 0), (50, 0), (20, 90))
TWO = stroke((0, 20), (20, 0), (45, 10), (45, 30), (0, 90), (50, 90))
MARKS: dict[str, list[list[list[float]]]] = {
    ".": [stroke((0, 88), (2, 90))],
    "-": [stroke((0, 45), (35, 45))],
    "/": [stroke((45, -15), (0, 100))],
    ":": [stroke((0, 25), (2, 27)), stroke((0, 75), (2, 77))],
    ",": [stroke((6, 84), (6, 92), (0, 108))],
}


def moved(strokes: Strokes, across: float) -> list[list[list[float]]]:
    return [[[x + across, y] for x, y in line] for line in strokes]


@pytest.mark.parametrize("mark", MARKS)
def test_strokes_have_marks_and_digits_say_which_strokes_they_are(recogniser: Recogniser, mark: str) -> None:
    strokes = [SEVEN, *moved(MARKS[mark], 75), *moved([TWO], 140)]
    reading = read_strokes(strokes, recogniser)
    assert reading.text == f"7{mark}2"
    assert [digit.strokes for digit in reading.digits] == [(0,), (len(strokes) - 1,)]
    consistent(reading)


def test_strokes_without_points_are_counted(recogniser: Recogniser) -> None:
    reading = read_strokes([[], SEVEN, [], *moved([TWO], 90)], recogniser)
    assert [digit.strokes for digit in reading.digits] == [(1,), (3,)]


@pytest.mark.parametrize("ink", [80, 110])
def test_a_point_joined_to_a_digit_by_faint_ink_is_read(recogniser: Recogniser, ink: int) -> None:
    page = decode(printed("2  6")).pixels.copy()
    foot, right = np.argwhere(page[:, :80] < 128).max(axis=0).tolist()  # of the 2
    page[foot - 9 : foot, right : right + 2] = 255 - ink
    page[foot - 9 : foot, right + 2 : right + 11] = 20
    assert read_image(encoded(page), recogniser).text == "2.6"


def test_displays_are_read_with_their_points(recogniser: Recogniser) -> None:
    """Of segments and dots, light and dark, apart and touching, leaning and upright, with ghosts."""
    wrong = []
    for seed, said in enumerate(("12.5", "-40", "09:57", "88.8", "36.6", "125", "1469", "406.01") * 4):
        _, pixels = displayed(letters_of(said), np.random.default_rng(seed))
        text = ""
        with suppress(NothingToRead):
            text = read_image(encoded(pixels), recogniser).text
        if text != said:
            wrong.append((seed, said, text))
    assert len(wrong) <= 4, wrong
