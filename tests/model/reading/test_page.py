"""Lines, rules and seams."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading.page import NothingToRead, group_lines
from tests.model.reading.support import lines_of, touching
from tests.support import Digits


def ring(paper: NDArray[np.uint8], x: int, y: int, radius: int = 16) -> None:
    rows, columns = np.ogrid[: paper.shape[0], : paper.shape[1]]
    distance = np.hypot(rows - y, columns - x)
    paper[np.abs(distance - radius) < 2] = 255


def test_lines_are_given_top_to_bottom() -> None:
    paper = np.full((240, 300), 255, np.uint8)
    for y in (180, 60):
        for x in (50, 110, 170):
            ring_ink = np.zeros_like(paper)
            ring(ring_ink, x, y)
            paper[ring_ink > 0] = 0
    found = lines_of(paper)
    assert len(found) == 2
    assert found[0].origin[1] < found[1].origin[1]
    assert found[0].height == pytest.approx(36, abs=3)


def test_small_marks_and_a_comma_that_hangs_join_the_line_they_are_in() -> None:
    boxes = [[0, 0, 20, 40], [25, 34, 30, 40], [35, 2, 55, 41], [57, 33, 64, 58], [66, 0, 86, 40]]
    groups, height = group_lines(np.array([*boxes, [0, 200, 20, 240]], np.int64), np.ones(6, bool))
    assert [group.tolist() for group in groups] == [[0, 1, 2, 3, 4], [5]]
    assert height == pytest.approx(40, abs=1)


def test_a_rule_goes_and_the_digits_feet_stay(mnist: Digits) -> None:
    ink = np.zeros((60, 400), np.uint8)
    for place in range(8):
        ink[10:38, 20 + place * 45 : 48 + place * 45] = mnist.images[1]  # a 2, with a foot
    (line,) = lines_of(255 - ink)
    assert float(line.ink.sum()) == pytest.approx(float(ink.sum()), rel=0.01)
    ink[36:38] = 255
    (ruled,) = lines_of(255 - ink)
    assert ruled.origin[0] > 10
    assert float(ruled.ink.sum()) > 0.9 * float(line.ink.sum())


def test_many_digits_that_all_touch_are_no_rule(mnist: Digits) -> None:
    (line,) = lines_of(touching(mnist.images[:16], 2))
    assert line.ink.shape[1] > 6 * line.height


def test_digits_of_a_few_pixels_are_not_guessed_at() -> None:
    # Beams of a large picture that become a row of grey specks in the reduced one, one of them apart.
    large = np.full((50, 12_000), 255, np.uint8)
    for line in range(1100):
        large[5:46, max(0, int(line * 10.9) - 1) : int(line * 10.9) + 2] = 0
    with pytest.raises(NothingToRead, match="too small to be read in a picture so large"):
        lines_of(large)
    assert lines_of(np.pad(large[:, :330], 20, constant_values=255))


def test_a_box_goes_where_a_digit_touches_it_and_the_eight_of_a_display_stays() -> None:
    paper = np.zeros((100, 200), np.uint8)
    for x in (40, 90, 140):
        ring(paper, x, 50)
    plain = lines_of(paper)[0].ink
    paper[20:80, [10, 11, 156, 157]] = paper[[20, 21, 78, 79], 10:158] = 255
    assert lines_of(paper)[0].ink.shape == pytest.approx(plain.shape, abs=3)
    eight = np.zeros((120, 90), np.uint8)
    eight[10:110, 20:70] = 255
    eight[20:55, 30:60] = eight[65:100, 30:60] = 0
    assert lines_of(eight)[0].ink.sum() == pytest.approx(eight.sum() / 9, rel=0.1)
