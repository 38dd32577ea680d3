"""Morphology gives what scipy's gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from model.ink.morphology import (
    Mask,
    bounding_box,
    closing,
    filled,
    largest_around,
    opening,
)


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(1, 50), st.integers(0, 2**32 - 1), st.integers(2, 256)
)
def test_it_gives_what_scipy_gives(height: int, width: int, side: int, seed: int, levels: int) -> None:
    values = np.random.default_rng(seed).integers(0, levels, (height, width), dtype=np.uint8)
    square = (side, side)
    np.testing.assert_array_equal(
        closing(values, side), ndimage.grey_closing(values, size=square, mode="nearest")
    )
    np.testing.assert_array_equal(
        opening(values, side), ndimage.grey_opening(values, size=square, mode="nearest")
    )
    np.testing.assert_array_equal(
        largest_around(values, side), ndimage.maximum_filter(values, size=side, mode="nearest")
    )


def test_the_values_given_stay_as_they_are() -> None:
    values = np.random.default_rng(0).integers(0, 256, (30, 20), dtype=np.uint8)
    before = values.copy()
    for work in (closing, opening, largest_around):
        assert work(values, 5).shape == values.shape
        np.testing.assert_array_equal(values, before)


masks = arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 20)))


@given(masks)
def test_the_bounding_box_is_scipys(mask: Mask) -> None:
    found = ndimage.find_objects(mask.astype(np.uint8))
    assert bounding_box(mask) == (found[0] if found else None)


@given(masks)
def test_holes_are_filled_as_scipy_fills_them(mask: Mask) -> None:
    np.testing.assert_array_equal(filled(mask), ndimage.binary_fill_holes(mask))
