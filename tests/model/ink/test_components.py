"""What hangs together, and what it encloses."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from model.ink.components import filled


@given(st.integers(1, 20), st.integers(1, 20), st.floats(0.1, 0.9), st.integers(0, 2**32 - 1))
def test_holes_are_filled_as_scipy_fills_them(height: int, width: int, share: float, seed: int) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    assert np.array_equal(filled(mask), ndimage.binary_fill_holes(mask))
