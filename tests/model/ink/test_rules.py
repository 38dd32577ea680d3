import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ink.cell import inside_frame
from model.ink.rules import long_runs, without_rules


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
def test_rules_go_and_the_stroke_across_them_stays(tilt: int) -> None:
    ink = upright()
    rows = np.rint(np.linspace(0, tilt, 160)).astype(int)
    for row in (30, 60, 90):
        ink[row + rows, np.arange(160)] = 200
        ink[row + 1 + rows, np.arange(160)] = 200
    cleaned = without_rules(ink)
    assert (cleaned[15:105, 70:82] > 0).all()
    assert cleaned[:, :60].sum() == 0
    assert cleaned[:, 95:].sum() == 0


def test_a_picture_without_rules_comes_back_as_it_is() -> None:
    ink = upright()
    assert without_rules(ink) is ink


def test_the_bar_of_a_seven_is_no_rule() -> None:
    ink = upright()
    ink[15:27, 20:82] = 255
    assert np.array_equal(without_rules(ink), ink)


def test_the_inside_of_a_frame_is_found() -> None:
    ink = upright()
    ink[2:5] = ink[-5:-2] = 220
    ink[:, 3:6] = ink[:, -6:-3] = 220
    inside = inside_frame(ink)
    assert inside is not None
    inner = np.zeros_like(ink)
    inner[inside] = ink[inside]
    assert np.array_equal(inner, upright())


def test_a_digit_of_bars_cut_close_is_no_frame() -> None:
    two = np.zeros((80, 60), np.uint8)
    two[:9] = two[-9:] = 255
    for row in range(9, 71):
        left = 48 - round((row - 9) * 48 / 62)
        two[row, left : left + 10] = 255
    assert inside_frame(two) is None
    zero = np.zeros((80, 60), np.uint8)
    zero[:9] = zero[-9:] = 255
    zero[:, :9] = zero[:, -9:] = 255
    assert inside_frame(zero) is None


def test_narrow_squares_go_though_they_end_before_the_picture_does() -> None:
    clean = np.zeros((160, 160), np.uint8)
    clean[20:140, 85:90] = 255
    ink = clean.copy()
    for place in range(12, 150, 10):
        ink[place, 9:152] = np.maximum(ink[place, 9:152], 90)
        ink[9:152, place] = np.maximum(ink[9:152, place], 90)
    cleaned = without_rules(ink)
    assert (cleaned[clean > 0] == 255).all()
    left = np.argwhere((cleaned > 0) & (clean == 0))
    # Of the squares only the points where they cross are left.
    assert all((y - 12) % 10 == 0 and (x - 12) % 10 == 0 for y, x in left.tolist())


def test_three_long_strokes_that_end_inside_are_no_rules() -> None:
    ink = np.zeros((160, 160), np.uint8)
    for row in (30, 80, 130):
        ink[row : row + 4, 10:150] = 120
    ink[30:134, 76:84] = 255
    assert np.array_equal(without_rules(ink), ink)
