"""The levels that tell paper and ink in a photograph."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from model.ink.uneven import quantiles, smoothed


@given(st.integers(1, 400), st.integers(0, 2**32 - 1), st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_quantiles_are_numpys(size: int, seed: int, shares: list[float]) -> None:
    values = np.random.default_rng(seed).normal(0, 40, size).astype(np.float32)
    assert quantiles(values, *shares) == pytest.approx(np.quantile(values, shares).tolist(), abs=1e-4)


def test_the_values_stay_as_they_are_and_may_have_rows() -> None:
    values = np.array([[3, 1], [2, 0]], np.float32)
    assert quantiles(values, 0.0, 0.5, 1.0) == [0.0, 1.5, 3.0]
    assert values.tolist() == [[3, 1], [2, 0]]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(2, 256))
def test_pictures_are_smoothed_as_pillow_does(height: int, width: int, seed: int, levels: int) -> None:
    values = np.random.default_rng(seed).integers(0, levels, (height, width), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(values).filter(ImageFilter.BoxBlur(2)))
    np.testing.assert_array_equal(smoothed(values), expected)
