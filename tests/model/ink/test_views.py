"""Rules of the paper and the frame of a cell are found, but not the strokes that cross them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ink.views import lines, long_runs


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_long_runs_are_what_a_walk_along_the_rows_finds(
    height: int, width: int, least: int, seed: int
) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < 0.8
    expected = np.zeros_like(mask)
    for row in range(height):
        begin = 0
        for column in range(width + 1):
            if column == width or not mask[row, column]:
                expected[row, begin:column] = column - begin >= least
                begin = column + 1
    assert np.array_equal(long_runs(mask, least), expected)


def upright() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    ink = np.zeros((120, 160), np.uint8)
    ink[15:105, 70:82] = 255
    return ink


@pytest.mark.parametrize("tilt", [0, 3])
def test_rules_are_found_and_not_the_stroke_across_them(tilt: int) -> None:
    ink = upright()
    rows = np.rint(np.linspace(0, tilt, 160)).astype(int)
    for row in (30, 60, 90):
        ink[row + rows, np.arange(160)] = 200
        ink[row + 1 + rows, np.arange(160)] = 200
    found = lines(ink)
    assert not found[15:105, 71:81].any()
    assert found[ink == 200].mean() > 0.9


def test_a_frame_is_found_and_not_what_is_in_it() -> None:
    ink = upright()
    ink[2:5] = ink[-5:-2] = 220
    ink[:, 3:6] = ink[:, -6:-3] = 220
    found = lines(ink)
    assert not found[15:105, 70:82].any()
    assert found[ink == 220].mean() > 0.95


def test_a_picture_without_lines_has_none() -> None:
    ink = upright()
    ink[15:27, 20:82] = 255  # the bar of a 7 is shorter than a rule
    assert not lines(ink).any()
    small = np.zeros((28, 28), np.uint8)
    small[4:6, 3:24] = small[4:24, 22:24] = 255
    assert not lines(small, ends=(1, 2)).any()
