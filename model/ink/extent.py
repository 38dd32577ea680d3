"""Where in a mask anything is."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def extent(mask: Mask) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom, the last two exclusive, of what is true in (H, W); None if nothing is."""
    rows = rows_of(mask)
    if rows is None:
        return None
    top, bottom = rows
    left, right = columns_of(mask[top:bottom])
    return left, top, right, bottom


def rows_of(mask: Mask) -> tuple[int, int] | None:
    """The first row of a (H, W) mask with anything true, and the one after the last; None without any."""
    # The search for a byte from either end stops where it is found: rows need not be reduced one by one.
    everything, width = mask.tobytes(), mask.shape[1]
    first = everything.find(1)
    return None if first < 0 else (first // width, everything.rfind(1) // width + 1)


def columns_of(mask: Mask) -> tuple[int, int]:
    """The first column of a (H, W) mask with anything true, and the one after the last: there is one."""
    columns = np.logical_or.reduce(mask, axis=0).tobytes()
    return columns.find(1), columns.rfind(1) + 1
