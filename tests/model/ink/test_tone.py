"""How dark ink is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.ink.tone import upper_quartile


@given(arrays(np.float32, st.integers(1, 300), elements=st.floats(0, 255, width=32)))
def test_the_upper_quartile_is_numpys_to_the_last_bit(
    values: np.ndarray[tuple[int], np.dtype[np.float32]],
) -> None:
    assert upper_quartile(values) == float(np.percentile(values, 75))
