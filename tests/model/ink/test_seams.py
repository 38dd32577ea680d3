import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ink.seams import cheapest, minima, traced


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_a_path_is_the_cheapest_of_its_last_steps(height: int, width: int, seed: int) -> None:
    price, entry = np.random.default_rng(seed).random((2, height, width)).astype(np.float32)
    table, step = cheapest(price, entry)
    assert np.array_equal(table[0], price[0] + entry[0])
    for row, column in np.ndindex(height - 1, width):
        own = price[row + 1, column]
        ways = {
            side: table[row, column + side] + (0.12 + 1.4 * own if side else own) + entry[row + 1, column]
            for side in (-1, 0, 1)
            if 0 <= column + side < width
        }
        least = pytest.approx(min(ways.values()), rel=1e-5)
        assert table[row + 1, column] == least
        assert ways[int(step[row + 1, column])] == least


def test_a_path_goes_around_ink_and_through_its_column() -> None:
    price = np.zeros((9, 9), np.float32)
    price[4, :6] = 1.0
    down, back = cheapest(price)
    up, forth = cheapest(price[::-1])
    columns = minima(down[4] + up[::-1][4] - price[4], 2)
    assert 7 in columns
    (path,) = traced(np.array([7]), 4, back, forth[::-1])
    assert path[4] == 7
    assert price[np.arange(9), path].sum() == 0
