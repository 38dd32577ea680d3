import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.generator.pens.vectors import affine, bounds, handwarp, resample, resampled_hand, spline, to_unit

SQUARE = [np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]]), np.array([[0.0, 2.0], [4.0, 2.0]])]


def test_unit_strokes_are_centred_and_one_long() -> None:
    low, high = bounds(to_unit(SQUARE))
    np.testing.assert_allclose(low, -0.5)
    np.testing.assert_allclose(high, 0.5)


def test_a_spline_passes_through_its_points() -> None:
    points = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0], [4.0, 4.0]])
    curve = spline(points, 5)
    np.testing.assert_allclose(curve[::5], points)


def test_resampled_points_are_equally_far_apart_and_keep_the_ends() -> None:
    path = resample(SQUARE[0], 0.5)
    steps = np.hypot(*np.diff(path, axis=0).T)
    np.testing.assert_allclose(steps, steps[0])
    np.testing.assert_allclose(path[[0, -1]], SQUARE[0][[0, -1]])


@pytest.mark.parametrize("angle", [0.1, np.pi / 2, -1.0])
def test_a_turn_keeps_lengths(angle: float) -> None:
    turned = affine(SQUARE[0], angle=angle)
    np.testing.assert_allclose(np.hypot(*turned.T), np.hypot(*SQUARE[0].T))


@given(st.integers(0, 2**32 - 1))
def test_another_hand_keeps_strokes_and_upright_things_upright(seed: int) -> None:
    rng = np.random.default_rng(seed)
    upright = [
        np.stack([np.zeros(20), np.linspace(-0.5, 0.5, 20)], axis=1),
        np.array([[0.1, 0.1], [0.2, 0.1]]),
    ]
    warped = handwarp(upright, rng)
    assert [len(stroke) for stroke in warped] == [20, 2]
    across, down = warped[0][-1] - warped[0][0]
    assert down > 0.4
    assert abs(across) < 0.9 * down  # a slant of 0.5 and a turn of 12 degrees at the most, and a little bend
    assert all(np.isfinite(stroke).all() for stroke in resampled_hand(warped, rng))
