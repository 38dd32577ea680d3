"""Readings: boxes, probabilities, alternatives, what is refused, and how much work a picture can cause."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.ink import InvalidStrokes, NoInk
from model.ink.decode import decode
from model.reading import NothingToRead, read_image, read_strokes
from model.reading.graph import MOST_WORK
from model.recognition import Recogniser
from tests.model.reading.support import Counting, gallery, row_of
from tests.support import Digits, encoded


def entry(name: str) -> bytes:
    return next(entry for entry in gallery() if entry.name == name).picture.read_bytes()


def test_rows_of_mnist_digits_are_read(mnist: Digits, recogniser: Recogniser) -> None:
    right = 0
    for start in range(0, 200, 5):
        wanted = "".join(str(label) for label in mnist.labels[start : start + 5])
        reading = read_image(encoded(row_of(mnist.images[start : start + 5])), recogniser)
        right += reading.text == wanted
    assert right >= 36


def test_a_digit_by_itself_is_doubted_as_it_is_in_any_picture(mnist: Digits, recogniser: Recogniser) -> None:
    one, two = (encoded(row_of(mnist.images[:count])) for count in (1, 2))
    half = read_image(one, Counting(recogniser, share=0.25)).confidence
    assert half == pytest.approx(read_image(one, recogniser).confidence / 2)
    assert read_image(two, Counting(recogniser, share=0)).text == "72"
    with pytest.raises(NothingToRead):
        read_image(one, Counting(recogniser, share=0.01))


def test_boxes_hold_the_ink_of_their_digits(mnist: Digits, recogniser: Recogniser) -> None:
    paper = np.full((200, 500), 255, np.uint8)
    places = [(40, 60), (160, 70), (330, 55)]
    images = [mnist.images[i] for i in (0, 2, 3)]
    for (x, y), image in zip(places, images, strict=True):
        paper[y : y + 84, x : x + 84] -= np.kron(image, np.ones((3, 3), np.uint8))
    reading = read_image(encoded(paper), recogniser)
    assert reading.text == "".join(str(mnist.labels[i]) for i in (0, 2, 3))
    for digit, (x, y), image in zip(reading.digits, places, images, strict=True):
        rows, columns = np.flatnonzero(image.max(axis=1) > 100), np.flatnonzero(image.max(axis=0) > 100)
        true = (x + 3 * columns[0], y + 3 * rows[0], 3 * np.ptp(columns) + 3, 3 * np.ptp(rows) + 3)
        assert digit.box == pytest.approx(true, abs=6.5)


def test_boxes_are_in_the_pixels_sent_however_large_the_picture(recogniser: Recogniser) -> None:
    small = decode(entry("crossed sevens")).pixels
    large = np.asarray(Image.fromarray(small).resize((small.shape[1] * 12, small.shape[0] * 12)))
    near, far = read_image(encoded(small), recogniser), read_image(encoded(large), recogniser)
    assert near.text == far.text
    for one, other in zip(near.digits, far.digits, strict=True):
        assert [12 * value for value in one.box] == pytest.approx(other.box, abs=40)


def test_boxes_of_strokes_are_the_strokes(recogniser: Recogniser) -> None:
    strokes = [[[10, 10], [10, 90]], [[60, 10], [110, 10], [80, 90]]]
    digits = read_strokes(strokes, recogniser).digits
    assert [(d.digit, d.box) for d in digits] == [(1, (10, 10, 0, 80)), (7, (60, 10, 50, 80))]


@pytest.mark.parametrize("name", ["eleven", "twenty digits", "noughts that touch"])
def test_probabilities_are_probabilities(name: str, recogniser: Recogniser) -> None:
    reading = read_image(entry(name), recogniser)
    assert 0 < reading.confidence <= 1
    others = [other.probability for other in reading.alternatives]
    assert others == sorted(others, reverse=True)
    assert reading.confidence + sum(others) <= 1 + 1e-6
    assert reading.text not in [other.text for other in reading.alternatives]
    for digit in reading.digits:
        assert sum(digit.probabilities) == pytest.approx(1)
        assert digit.confidence == digit.probabilities[digit.digit]


def test_a_late_bar_crosses_the_seven_it_is_on(recogniser: Recogniser) -> None:
    seven, one, bar = [[0, 0], [50, 0], [20, 90]], [[90, 0], [90, 90]], [[12, 45], [50, 45]]
    assert read_strokes([seven, one, bar], recogniser).text == "71"


def test_what_is_broken_is_no_drawing(recogniser: Recogniser) -> None:
    with pytest.raises(NoInk):
        read_strokes([], recogniser)
    with pytest.raises(InvalidStrokes):
        read_strokes([[[0, float("nan")]]], recogniser)


def test_blank_paper_and_a_rule_alone_are_no_number(recogniser: Recogniser) -> None:
    rule = np.tile(np.where(abs(np.arange(120) - 61) < 2, 30, 240).astype(np.uint8)[:, None], 600)
    shade = np.tile(np.linspace(120, 240, 300).astype(np.uint8), (200, 1))  # ink without any paper around it
    for picture in (rule, shade, *(np.full((120, 400), level, np.uint8) for level in (0, 128, 255))):
        with pytest.raises(NoInk):
            read_image(encoded(picture), recogniser)


@pytest.mark.parametrize(
    "strokes",
    [
        [[[0, 50], [100, 50]]],
        [[[0, 50], [100, 50]], [[200, 50], [300, 50]]],
        [[[1e-13, 0], [7e-13, 0]]],
        [[[0, 0], [0, 5e-324]]],
        [[[0, 0], [0, 0]], [[1e8, 1e8], [1e8, 1e8]]],
        [[[x, 0], [x + 0.2, 0.1]] for x in (0, 10, 20)],
    ],
    ids=["a flat line", "two flat lines", "a tiny one", "the tiniest", "dots far apart", "three dots"],
)
def test_what_has_no_height_is_no_number(strokes: list[list[list[float]]], recogniser: Recogniser) -> None:
    with pytest.raises(NothingToRead):
        read_strokes(strokes, recogniser)


def specks(rng: np.random.Generator) -> NDArray[np.uint8]:
    paper = np.full((2000, 2600), 240, np.uint8)
    for x, y in rng.integers(5, 1990, (10_000, 2)):
        paper[y : y + 6, x : x + 6] = 20
    return paper


def blot(_: np.random.Generator) -> NDArray[np.uint8]:
    y, x = np.mgrid[:1200, :1600]
    return np.where((y - 600) ** 2 + (x - 800) ** 2 < 500**2, 10, 240).astype(np.uint8)


def checkerboard(_: np.random.Generator) -> NDArray[np.uint8]:
    cells = np.arange(900) // 9
    return (np.add.outer(cells, cells) % 2 * 255).astype(np.uint8)


HOSTILE: dict[str, Callable[[np.random.Generator], NDArray[np.uint8]]] = {
    "noise": lambda rng: rng.integers(0, 256, (1000, 1600), dtype=np.uint8),
    "10,000 specks": specks,
    "checkerboard": checkerboard,
    "one blot": blot,
    "bars": lambda _: np.tile(np.array([255] * 9 + [0] * 3, np.uint8), (100, 110)),
    "stripes": lambda _: np.tile(np.array([0] * 6 + [255] * 6, np.uint8), (900, 100)).T.copy(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_cause_bounded_work(name: str, recogniser: Recogniser) -> None:
    counting = Counting(recogniser)
    pixels = HOSTILE[name](np.random.default_rng(1))
    with suppress(NoInk):
        assert read_image(encoded(pixels), counting).confidence < 0.9
    assert counting.fields <= 1.25 * MOST_WORK


def test_many_strokes_cause_bounded_work(recogniser: Recogniser) -> None:
    counting = Counting(recogniser)
    rng = np.random.default_rng(2)
    dots = [[[float(x), float(y)]] for x, y in rng.uniform(0, 1000, (5000, 2))]
    scribble = [rng.uniform(0, 1000, (15_000, 2)).tolist()]
    for strokes in (dots, scribble):
        with suppress(NoInk):
            read_strokes(strokes, counting)
    assert counting.fields <= 1.25 * MOST_WORK


def ring(x: float, y: float, wide: float, tall: float) -> list[list[float]]:
    turn = np.linspace(0, 2 * np.pi, 30)
    points: list[list[float]] = np.stack([x + wide * np.sin(turn), y - tall * np.cos(turn)], axis=1).tolist()
    return points


def test_two_rings_are_one_eight_or_far_apart_two_lines(recogniser: Recogniser) -> None:
    assert read_strokes([ring(50, 30, 24, 22), ring(50, 78, 30, 26)], recogniser).text == "8"
    assert read_strokes([ring(50, 40, 24, 36), ring(50, 160, 24, 36)], recogniser).text == "0\n0"
