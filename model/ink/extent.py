"""Where in a mask anything is."""

import numpy as np
from numpy.typing import NDArray


def extent(mask: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom, the last two exclusive, of what is true in (H, W); None if nothing is."""
    # The search for a byte from either end stops where it is found: rows need not be reduced one by one.
    everything, width = mask.tobytes(), mask.shape[1]
    first = everything.find(1)
    if first < 0:
        return None
    top, bottom = first // width, everything.rfind(1) // width + 1
    columns = np.logical_or.reduce(mask[top:bottom], axis=0).tobytes()
    return columns.find(1), top, columns.rfind(1) + 1, bottom
