"""Morphology gives what scipy's gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from model.ink.morphology import EIGHT, Mask, bounding_box, widened

masks = arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 20)))


@given(masks)
def test_the_bounding_box_is_scipys(mask: Mask) -> None:
    found = ndimage.find_objects(mask.astype(np.uint8))
    assert bounding_box(mask) == (found[0] if found else None)


@given(masks)
def test_masks_are_widened_as_scipy_widens_them(mask: Mask) -> None:
    np.testing.assert_array_equal(widened(mask), ndimage.binary_dilation(mask, EIGHT))
