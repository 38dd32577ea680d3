"""Many drawings at once are what each is by itself."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.ink import InvalidStrokes, normalise_strokes
from model.ink.drawings import Flat, draw_all, flatten
from model.ink.strokes import Strokes

NUMBER = st.floats(-1e9, 1e9) | st.floats(0, 300) | st.integers(0, 20) | st.sampled_from([0, 1e-13, 1e-9])
STROKE = st.lists(st.tuples(NUMBER, NUMBER).map(list), min_size=1, max_size=12)
DRAWINGS = st.lists(st.lists(STROKE, min_size=1, max_size=4), min_size=1, max_size=6)


def all_flat(drawings: Sequence[Strokes]) -> list[Flat]:
    flat = [one for one in map(flatten, drawings) if one is not None]
    assert len(flat) == len(drawings)
    return flat


def assert_the_same(drawings: list[Strokes]) -> None:
    flat = all_flat(drawings)
    for field, one, drawing in zip(draw_all(flat), flat, drawings, strict=True):
        alone = normalise_strokes(drawing)
        assert one.pieces() == alone.pieces
        difference = np.abs(field.astype(int) - alone.field)
        # A print more or less, where the length is a multiple of their distance but for rounding.
        assert difference.max() <= 8
        assert (difference > 1).mean() < 0.05


@settings(deadline=None, database=None, max_examples=150)
@given(DRAWINGS)
def test_any_drawings(drawings: list[Strokes]) -> None:
    assert_the_same(drawings)


def test_drawings_as_people_make_them() -> None:
    chance = np.random.default_rng(0)
    drawings: list[Strokes] = []
    for _ in range(100):
        strokes = []
        for _ in range(chance.integers(1, 4)):
            steps = chance.normal(0, 8, (chance.integers(1, 80), 2)) + chance.normal(0, 6, 2)
            strokes.append((chance.uniform(0, 300, 2) + steps.cumsum(axis=0)).tolist())
        drawings.append(strokes)
    for field, drawing in zip(draw_all(all_flat(drawings)), drawings, strict=True):
        assert np.abs(field.astype(int) - normalise_strokes(drawing).field).max() <= 1


def test_a_stroke_that_is_next_to_no_stroke() -> None:
    assert_the_same([[[[0, 0]]], [[[0, 7882.0]], [[0.0, 0.0], [0.0, 1e-13]]]])


@pytest.mark.parametrize(
    "odd", [[[[float("nan"), 2]]], [[[1, None]]], [[[1, float("inf")]]], [[[1, 1e10], [2, 2]], [[1, 1]]]]
)
def test_what_is_too_far_away_is_refused(odd: object) -> None:
    far, near = all_flat([cast(Strokes, odd), [[[10, 10], [60, 10], [30, 90]]]])
    assert draw_all([near]).any()
    for drawings in ([far], [near, far], [far, near]):
        with pytest.raises(InvalidStrokes, match="not finite or beyond"):
            draw_all(drawings)


@pytest.mark.parametrize(
    "odd",
    [
        [],
        [[]],
        [[[1, 2]], []],
        [[[1, 2, 0.5]]],
        [[[1, 2], [1, 2, 1]]],
        [[[1]]],
        [[1, 2]],
        [[[1, [2]]]],
        [[[1, 10**400]]],
        None,
        1,
    ],
)
def test_what_is_unusual_is_left_alone(odd: object) -> None:
    assert flatten([[[10, 10], [60, 10], [30, 90]]]) is not None
    assert flatten(cast(Strokes, odd)) is None
