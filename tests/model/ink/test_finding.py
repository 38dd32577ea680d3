"""Averaging down gives what Pillow gives, whatever is done to save time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from model.ink.finding import reduced


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.sampled_from([(), (3,), (4,)]))
def test_averaged_down(seed: int, factor: int, channels: tuple[int, ...]) -> None:
    chance = np.random.default_rng(seed)
    pixels = chance.integers(0, 256, (*chance.integers(1, 40, 2), *channels), np.uint8)
    expected = np.asarray(Image.fromarray(pixels).reduce(factor))
    np.testing.assert_array_equal(reduced(pixels, factor), expected)
    np.testing.assert_array_equal(reduced(np.asfortranarray(pixels), factor), expected)
