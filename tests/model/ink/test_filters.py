"""Filters are undone as the specification's formulas say."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.ink.filters import FILTERS, NONE, SUB, UP, undone
from tests.support import paeth


def by_the_book(
    filters: bytes, some: NDArray[np.uint8], above: int, beside: list[int] | None
) -> NDArray[np.int64]:
    """Pixel by pixel; what is to the left of the first is 0, in every row."""
    more = 0 if beside is None else 1
    height, width = some.shape
    whole = np.zeros((height + 1, width + more + 1), np.int64)
    whole[0, 1:] = above
    left = np.concatenate([np.reshape(beside or [], (height, more)).astype(np.uint8), some], axis=1)
    for y in range(height):
        for x in range(width + more):
            a, b, c = (int(whole[place]) for place in ((y + 1, x), (y, x + 1), (y, x)))
            guess = (0, a, b, (a + b) // 2, paeth(a, b, c))[filters[y]]
            whole[y + 1, x + 1] = (int(left[y, x]) + guess) % 256
    return whole[1:, 1 + more :]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([FILTERS, bytes([UP])]))
def test_by_the_book(seed: int, has_left: bool, kinds: bytes) -> None:
    chance = np.random.default_rng(seed)
    height, width = (int(side) for side in chance.integers(1, 12, 2))
    some = chance.integers(0, 256, (height, width), np.uint8)
    filters = bytes(chance.choice(list(kinds), height).tolist())
    above = int(chance.integers(0, 256))
    beside = chance.integers(0, 256, height).tolist() if has_left else None
    expected = by_the_book(filters, some, above, beside)
    left = None if beside is None else np.array(beside, np.uint8)
    np.testing.assert_array_equal(undone(bytearray(filters), some, above, left), expected)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_many_rows_are_added_up(seed: int) -> None:
    chance = np.random.default_rng(seed)
    some = chance.integers(0, 256, (int(chance.integers(1, 400)), 3), np.uint8)
    expected = some.astype(np.int64).cumsum(axis=0) + 7
    np.testing.assert_array_equal(undone(bytearray([UP] * len(some)), some, 7), expected % 256)


def test_large_ones_are_undone() -> None:
    """More bytes than one stored block holds."""
    some = np.random.default_rng(1).integers(0, 256, (300, 500), np.uint8)
    np.testing.assert_array_equal(undone(bytearray([NONE] * 300), some, 0), some)
    sums = some.astype(np.int64).cumsum(axis=1) % 256
    np.testing.assert_array_equal(undone(bytearray([SUB] * 300), some, 0), sums)
