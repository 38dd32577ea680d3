import numpy as np
import pytest

from model.ink.cell import inside_frame
from model.ink.rules import long_runs, without_rules


def test_long_runs_are_told_row_by_row() -> None:
    mask = np.array([[1, 1, 0, 1, 1, 1], [0, 1, 1, 1, 1, 0], [1, 0, 1, 0, 1, 0]], dtype=bool)
    expected = np.array([[0, 0, 0, 1, 1, 1], [0, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0]], dtype=bool)
    assert np.array_equal(long_runs(mask, 3), expected)
    assert np.array_equal(long_runs(mask, 1), mask)


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
