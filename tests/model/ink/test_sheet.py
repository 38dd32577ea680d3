"""A picture of which only a part is kept is the picture all the same."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from model.ink.sheet import Sheet


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_whole_and_what_it_is_averaged_down_to(seed: int) -> None:
    chance = np.random.default_rng(seed)
    height, width = chance.integers(5, 60, 2).tolist()
    top, left = int(chance.integers(0, height)), int(chance.integers(0, width))
    bottom, right = int(chance.integers(top + 1, height + 1)), int(chance.integers(left + 1, width + 1))
    paper = int(chance.integers(0, 256))
    picture = np.full((height, width), paper, np.uint8)
    picture[top:bottom, left:right] = chance.integers(0, 256, (bottom - top, right - left))
    sheet = Sheet(picture[top:bottom, left:right], left, top, (height, width), paper)
    np.testing.assert_array_equal(sheet.whole(), picture)
    for factor in (1, 2, 3):
        reduced = sheet.reduced(factor)
        expected = np.asarray(Image.fromarray(picture).reduce(factor))
        assert reduced.shape == expected.shape
        np.testing.assert_array_equal(reduced.whole(), expected)
