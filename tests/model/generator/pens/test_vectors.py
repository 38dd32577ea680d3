import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.generator.pens.vectors import handwarp, resampled_hand

SQUARE = [np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]]), np.array([[0.0, 2.0], [4.0, 2.0]])]


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
