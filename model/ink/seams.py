"""Paths through little ink from the top of a picture to its bottom, along which touching digits are cut."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Real = NDArray[np.float32]
Columns = NDArray[np.intp]

BEND, ASLANT = 0.12, 1.4
"""The price of a step to the side (pixels of ink), and its length if a step straight down has length 1."""


def cheapest(price: Real, entry: Real | None = None) -> tuple[Real, NDArray[np.int8]]:
    """The least price of a path from the top down to each pixel of (H, W) prices, its own price included.

    Also gives where the path's last step came from: -1 is one column to the left, 1 one to the right.
    `entry` (H, W) is paid on top of the price, whatever the step.
    """
    height, width = price.shape
    # No path leaves the picture.
    table = np.full((height, width + 2), np.inf, np.float32)
    steps = np.zeros((height, width), np.int8)
    straight_on, aslant = price, np.float32(ASLANT) * price
    if entry is not None:
        straight_on, aslant = price + entry, aslant + entry
    table[0, 1:-1] = straight_on[0]
    for row in range(1, height):
        above = table[row - 1]
        straight = above[1:-1] + straight_on[row]
        beside = above + np.float32(BEND)
        left, right = beside[:-2] + aslant[row], beside[2:] + aslant[row]
        side = np.minimum(left, right)
        table[row, 1:-1] = np.minimum(straight, side)
        np.multiply(np.where(left <= right, -1, 1), side < straight, out=steps[row], casting="unsafe")
    return table[:, 1:-1], steps


def minima(total: Real, reach: int) -> Columns:
    """Columns where the cheapest path through a row is cheaper than within `reach` columns to either side."""
    low = total <= ndimage.minimum_filter1d(total, 2 * reach + 1, mode="nearest") + 1e-3
    labels, count = ndimage.label(low)
    spans = ndimage.find_objects(labels, count)
    return np.array([(span[0].start + span[0].stop - 1) // 2 for span in spans], np.intp)


def traced(columns: Columns, row: int, back: NDArray[np.int8], forth: NDArray[np.int8]) -> Columns:
    """(n, H): the cheapest paths through n columns of a row.

    `back` and `forth` (H, W) are the steps that `cheapest` gives for paths from above and from below.
    """
    rows = len(back)
    paths = np.empty((len(columns), rows), np.intp)
    paths[:, row] = columns
    for above in range(row, 0, -1):
        here = paths[:, above]
        paths[:, above - 1] = here + back[above, here]
    for below in range(row, rows - 1):
        here = paths[:, below]
        paths[:, below + 1] = here + forth[below, here]
    return paths
