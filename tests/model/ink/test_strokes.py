"""Drawings as strokes: one, and many at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.ink import InkError, InvalidStrokes, NoInk, normalise_strokes
from model.ink.frame import stroke_width
from model.ink.normalise import normalise_drawings
from model.ink.strokes import MOST_POINTS, PEN_WIDTH, Strokes

SEVEN: Strokes = [[[10, 10], [60, 12], [40, 50], [30, 100]], [[25, 55], [55, 52]]]


def moved(strokes: Strokes, scale: float, x: float, y: float) -> Strokes:
    return [[[scale * p[0] + x, scale * p[1] + y] for p in stroke] for stroke in strokes]


def test_the_drawing_is_framed_as_mnist_is() -> None:
    found = normalise_strokes(SEVEN)
    rows = np.flatnonzero(found.field.any(axis=1))
    assert found.field.shape == (28, 28)
    assert rows[-1] - rows[0] + 1 in (20, 21)  # antialiased ends may touch one more row
    ink = found.field.astype(float)
    centre = [(ink.sum(axis=axis) @ np.arange(28)) / ink.sum() for axis in (0, 1)]
    assert centre == pytest.approx([14.0, 14.0], abs=0.5)
    assert (*found.box, found.pieces) == (10, 10, 50, 90, 1)


def test_the_pen_is_as_thick_as_mnist_s_median() -> None:
    assert stroke_width(normalise_strokes(SEVEN).field) == pytest.approx(2.4, abs=0.2)


@given(scale=st.floats(1e-3, 1e4), x=st.floats(-1e5, 1e5), y=st.floats(-1e5, 1e5))
def test_size_and_place_do_not_matter(scale: float, x: float, y: float) -> None:
    # The units may use up some of a float's digits where the drawing is small and far from the origin.
    shift = min(1.0, scale * 1e3)
    found = normalise_strokes(moved(SEVEN, scale, shift * x, shift * y)).field.astype(int)
    assert np.abs(found - normalise_strokes(SEVEN).field).max() <= 2


def test_order_and_direction_of_strokes_do_not_matter() -> None:
    backwards = [list(reversed(stroke)) for stroke in reversed(SEVEN)]
    difference = normalise_strokes(backwards).field.astype(int) - normalise_strokes(SEVEN).field
    assert np.abs(difference).max() <= 6


def test_pressure_makes_strokes_thicker() -> None:
    line = [[[0.0, 0.0, 0.2], [0.0, 100.0, 0.2]], [[50.0, 0.0, 0.8], [50.0, 100.0, 0.8]]]
    field = normalise_strokes(line).field
    left, right = field[:, :14].sum(), field[:, 14:].sum()
    assert right > 1.4 * left
    assert np.array_equal(
        normalise_strokes([[[0, 0, 0], [9, 9, 0]]]).field, normalise_strokes([[[0, 0], [9, 9]]]).field
    )


def test_a_tap_is_a_dot_at_the_centre() -> None:
    field = normalise_strokes([[[5, 5]]]).field
    assert field[14, 14] == 255
    assert field.sum() / 255 == pytest.approx(np.pi * PEN_WIDTH**2 / 4, rel=0.15)


@pytest.mark.parametrize("strokes", [[], [[]], [[], []]])
def test_nothing_drawn_is_no_ink(strokes: Strokes) -> None:
    with pytest.raises(NoInk):
        normalise_strokes(strokes)


def test_more_points_than_are_taken_are_refused() -> None:
    with pytest.raises(InvalidStrokes):
        normalise_strokes([[[0, 0]] * (MOST_POINTS + 1)])


def test_two_digits_side_by_side_are_seen() -> None:
    assert normalise_strokes([*SEVEN, *moved(SEVEN, 1, 80, 3)]).pieces == 2
    assert normalise_strokes([*SEVEN, *moved(SEVEN, 1, 80, 3), *moved(SEVEN, 1, 160, -3)]).pieces == 3


def test_the_hat_of_a_five_is_no_second_digit() -> None:
    five = [[[40, 10], [15, 12], [12, 50], [40, 50], [45, 80], [10, 95]], [[44, 9], [70, 8]]]
    assert normalise_strokes(five).pieces == 1


NUMBER = st.floats(-1e9, 1e9) | st.floats(0, 300) | st.integers(0, 20) | st.sampled_from([0, 1e-13, 1e-9])
POINT = st.tuples(NUMBER, NUMBER) | st.tuples(NUMBER, NUMBER, st.floats(0, 1))
DRAWING = st.lists(st.lists(POINT.map(list), min_size=1, max_size=12), min_size=1, max_size=4)


@settings(deadline=None, max_examples=150)
@given(st.lists(DRAWING, min_size=1, max_size=6))
def test_any_drawings_give_together_what_each_gives_alone(drawings: list[Strokes]) -> None:
    for found, drawing in zip(normalise_drawings(drawings), drawings, strict=True):
        assert not isinstance(found, InkError)
        alone = normalise_strokes(drawing)
        assert (found.box, found.pieces) == (alone.box, alone.pieces)
        assert found.field.max() > 0
        difference = np.abs(found.field.astype(int) - alone.field)
        # A print more or less, where the length is a multiple of their distance but for rounding.
        assert difference.max() <= 8
        assert (difference > 1).mean() < 0.05


def test_one_that_cannot_be_drawn_harms_no_other() -> None:
    errors = {1: NoInk, 3: InvalidStrokes}
    found = normalise_drawings([SEVEN, [], SEVEN, [[[1, float("nan")]]], SEVEN])
    for number, ink in enumerate(found):
        assert isinstance(ink, errors.get(number, type(normalise_strokes(SEVEN))))


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("odd", [[1], [1, 2, 3, 4], [NAN, 0], [0, INF], [1e300, 0], [1, 10**400]])
def test_the_stroke_that_is_wrong_is_named(odd: list[float]) -> None:
    for right in (0, 1):
        with pytest.raises(InvalidStrokes, match="stroke 2 has a point that is not"):
            normalise_strokes([[[1, 2]], [], [[1.0, 2.0]] * right + [odd]])
