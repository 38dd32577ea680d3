"""Cut off neighbours that touch the digit in a picture cut out of a line: ink that comes in from a side."""

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from model.ink.components import WEAK
from model.ink.frame import stroke_width
from model.ink.polarity import Grey, averaged
from model.ink.seams import cheapest, minima, traced

Rows = NDArray[np.intp]

CUTS_SIDE, LEAST_SIDE = 40, 24
"""The longer side (pixels) of the reduced picture in which cuts are sought, and the least shorter side of a
picture (pixels) that is cut: a smaller one shows a single digit, cut close."""
WAYS, LEAST_LEFT = 2, 0.4
"""The most cuts that are proposed on either side, and the least share of the ink that a cut must leave."""


def without_neighbours(ink: Grey) -> list[Grey]:
    """Cut neighbours off (H, W) ink: on the left, on the right and on both sides, where ink comes in."""
    small = averaged(ink, CUTS_SIDE)
    if min(ink.shape) < LEAST_SIDE or not small.any():
        return []
    (height, width), strong = small.shape, small >= WEAK
    paths = _paths(small, strong)
    lefts = [path for path in paths if strong[:, 0].any() and path.mean() < 0.5 * width][:WAYS]
    rights = [path for path in paths if strong[:, -1].any() and path.mean() >= 0.5 * width][:WAYS]
    before, behind = np.full(height, -1), np.full(height, width)
    pairs = chain(
        ((left, behind) for left in lefts),
        ((before, right) for right in rights),
        zip(lefts[:1], rights[:1], strict=False),
    )
    found = [_between(ink, left, right, small.shape) for left, right in pairs]
    least = LEAST_LEFT * float(ink.sum())
    return [part for part in found if float(part.sum()) >= least]


def _between(ink: Grey, left: Rows, right: Rows, shape: tuple[int, ...]) -> Grey:
    """Ink (H, W) between two paths that were found in a reduced picture of that `shape`."""
    height, width = ink.shape
    rows = np.minimum(np.arange(height) * shape[0] // height, shape[0] - 1)
    begin, end = (np.rint(edge[rows] * (width / shape[1]))[:, None] for edge in (left + 1, right))
    columns = np.arange(width)[None, :]
    return np.where((columns >= begin) & (columns < end), ink, 0).astype(np.uint8)


def _paths(ink: Grey, strong: NDArray[np.bool_]) -> list[Rows]:
    """Paths (H,) through little ink from top to bottom, with ink on both sides: a column for each row.

    Those that go through the least ink come first.
    """
    height, width = ink.shape
    down, back = cheapest(price := ink.astype(np.float32) / 255.0)
    up, forth = cheapest(price[::-1])
    row, columns = height // 2, np.arange(width)[None, :]
    through = down[row] + up[::-1][row] - price[row]
    found: list[tuple[float, Rows]] = []
    for path in traced(minima(through, max(1, round(0.6 * stroke_width(ink)))), row, back, forth[::-1]):
        parts = (strong & (columns < path[:, None]), strong & (columns > path[:, None]))
        if all(part.any() for part in parts):
            found.append((float(through[path[row]]), path))
    return [path for _, path in sorted(found, key=lambda one: one[0])]
