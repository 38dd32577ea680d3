"""Where anything is, against a search pixel by pixel."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from model.ink.extent import extent


@settings(max_examples=200, deadline=None)
@given(arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9))), st.integers(1, 2))
def test_it_is_the_box_of_what_is_true(mask: NDArray[np.bool_], every: int) -> None:
    mask = mask[:, ::every]
    places = [(x, y) for y, row in enumerate(mask.tolist()) for x, true in enumerate(row) if true]
    if not places:
        assert extent(mask) is None
        return
    columns, rows = zip(*places, strict=True)
    assert extent(mask) == (min(columns), min(rows), max(columns) + 1, max(rows) + 1)
