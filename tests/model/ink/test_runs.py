"""What is said to hang together does, by labelling."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from model.ink.runs import is_one_piece

Mask = NDArray[np.bool_]


def pieces(mask: Mask) -> int:
    return int(ndimage.label(mask, structure=np.ones((3, 3)))[1])


def drawing(seed: int) -> Mask:
    """Some strokes, which may cross."""
    chance = np.random.default_rng(seed)
    image = Image.new("L", tuple(chance.integers(5, 90, 2)))
    for _ in range(int(chance.integers(1, 4))):
        points = [(x, y) for x, y in chance.uniform(0, 90, (int(chance.integers(2, 5)), 2)).tolist()]
        ImageDraw.Draw(image).line(points, fill=255, width=int(chance.integers(1, 9)), joint="curve")
    return np.asarray(image) > 0


@settings(max_examples=400, deadline=None)
@given(arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_pixels_at_random(mask: Mask) -> None:
    if is_one_piece(mask):
        assert pieces(mask) == 1


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_strokes(seed: int) -> None:
    mask = drawing(seed)
    if is_one_piece(mask):
        assert pieces(mask) == 1


def test_all_masks_of_few_pixels() -> None:
    proven = 0
    for number in range(1 << 16):
        mask = (number >> np.arange(16) & 1).astype(bool).reshape(4, 4)
        if is_one_piece(mask):
            proven += 1
            assert pieces(mask) == 1
    assert proven > 20_000


def test_it_is_seen_of_most_digits() -> None:
    seen = 0
    for digit in "0123456789":
        image = Image.new("L", (60, 90))
        ImageDraw.Draw(image).text((10, 10), digit, fill=255, font_size=70)
        seen += is_one_piece(np.asarray(image) > 127)
    assert seen >= 9


def test_nothing_is_no_piece() -> None:
    assert not is_one_piece(np.zeros((5, 7), bool))
