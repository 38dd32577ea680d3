"""A form's frame goes and the digit's bars stay; scans enlarged pixel by pixel are what they were."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from model.ink import normalise_pixels
from model.ink.normalise import block_side
from tests.support import Digits

Pixels = NDArray[np.uint8]


def seven(gap: int, thick: int) -> Pixels:
    """A 7 with a bar as wide as its cell nearly is, `gap` pixels under the cell's top line."""
    page = np.full((90, 70), 255, np.uint8)
    page[:3] = page[-3:] = page[:, :3] = page[:, -3:] = 0
    top = 3 + gap
    page[top : top + thick, 8:62] = 0
    for row in range(top, 80):
        left = 54 - (row - top) // 4
        page[row, left : left + thick] = 0
    return page


@given(gap=st.integers(3, 9), thick=st.integers(5, 9))
@settings(max_examples=25, deadline=None)
def test_the_bar_of_a_seven_is_no_line_of_its_frame(gap: int, thick: int) -> None:
    found = normalise_pixels(seven(gap, thick))
    x, y, width, _ = found.box
    assert x <= 10
    assert width >= 50
    assert abs(y - (3 + gap)) <= 2


@pytest.mark.parametrize("thick", [1, 2, 3])
def test_bits_of_lines_at_the_edge_are_not_the_digits(thick: int, mnist: Digits) -> None:
    for digit in mnist.images[:20]:
        page = np.full((110, 110), 255, np.uint8)
        page[15:95, 15:95] = 255 - np.asarray(Image.fromarray(digit).resize((80, 80)))
        clean = normalise_pixels(page)
        page[-3 - thick : -3, 20:80] = 60
        page[25:85, 2 : 2 + thick] = 60
        found = normalise_pixels(page)
        assert found.box == pytest.approx(clean.box, abs=2)


@given(times=st.integers(2, 9), number=st.integers(0, 99), inverted=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_scan_enlarged_by_repeating_its_pixels_gives_the_same(
    times: int, number: int, *, inverted: bool, mnist: Digits
) -> None:
    digit = mnist.images[number][4:24, 4:24]
    small = 255 - digit if inverted else digit
    large = np.kron(small, np.ones((times, times), np.uint8))
    assert block_side(large) % times == 0
    expected, found = normalise_pixels(small), normalise_pixels(large)
    assert np.array_equal(found.field, expected.field)
    assert found.box == pytest.approx([times * value for value in expected.box])


def test_what_is_made_of_pixels_has_no_blocks(mnist: Digits) -> None:
    for digit in mnist.images[:50]:
        assert block_side(digit) == 1
    assert block_side(np.zeros((64, 64), np.uint8)) == 1
