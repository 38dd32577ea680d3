"""Neighbours that touch a digit, cut off: ink that comes in from a side, in a picture cut out of a line.

A cut is a path of least ink from the top to the bottom (as `model.reading` seeks them for whole lines).
"""

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from model.ink.components import WEAK
from model.ink.frame import stroke_width
from model.ink.morphology import filled
from model.ink.polarity import Grey, averaged
from model.ink.seams import cheapest, minima, traced

Rows = NDArray[np.intp]

CUTS_SIDE = 56
"""The longer side (pixels) of the reduced picture in which cuts are sought."""
LEAST_SIDE = 24
"""A picture whose shorter side is below this (pixels) is of one digit, cut close."""
WAYS = 2
"""So many cuts are proposed on either side."""
HOLE = 0.25
"""Price of a pixel inside a loop, in pixels of ink: a cut should not go through a 0."""
DEAREST = 4.0
"""A path through more ink than this (stroke widths) is not a cut."""
MIDDLE = 0.15
"""Two digits are cut apart at this distance (share of the width) from the middle at the most."""
LEAST_LEFT = 0.4
"""The least share of the ink that is left between the cuts."""


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


def halves(ink: Grey) -> list[Grey]:
    """Cut (H, W) ink that may be two digits apart, about in the middle; nothing where no cut is."""
    small = averaged(ink, CUTS_SIDE)
    if min(ink.shape) < LEAST_SIDE:
        return []
    (height, width), before = small.shape, np.full(len(small), -1)
    middle = [p for p in _paths(small, small >= WEAK) if abs(p.mean() / width - 0.5) < MIDDLE][:1]
    sides = [pair for path in middle for pair in ((before, path), (path, np.full(height, width)))]
    return [_between(ink, left, right, small.shape) for left, right in sides]


def _between(ink: Grey, left: Rows, right: Rows, shape: tuple[int, ...]) -> Grey:
    """Ink (H, W) between two paths that were found in the same of a smaller shape."""
    height, width = ink.shape
    rows = np.minimum(np.arange(height) * shape[0] // height, shape[0] - 1)
    begin, end = (np.rint(edge[rows] * (width / shape[1]))[:, None] for edge in (left + 1, right))
    columns = np.arange(width)[None, :]
    return np.where((columns >= begin) & (columns < end), ink, 0).astype(np.uint8)


def _paths(ink: Grey, strong: NDArray[np.bool_]) -> list[Rows]:
    """Paths of little ink from the top to the bottom, with ink on both sides: a column of each row.

    Those that go through the least ink come first.
    """
    height, width = ink.shape
    stroke = max(1.0, stroke_width(ink))
    amount = ink.astype(np.float32) / 255.0
    price = amount + np.float32(HOLE) * (filled(strong) & ~strong).astype(np.float32)
    down, back = cheapest(price)
    up, forth = cheapest(price[::-1])
    up, forth = up[::-1], forth[::-1]
    columns = np.arange(width)[None, :]
    found: dict[bytes, tuple[float, Rows]] = {}
    for share in (0.3, 0.5, 0.7):
        row = int(share * (height - 1))
        starts = minima(down[row] + up[row] - price[row], max(1, round(0.6 * stroke)))
        for path in traced(starts, row, back, forth):
            crossed = float(amount[np.arange(height), path].sum()) / stroke
            parts = (strong & (columns < path[:, None]), strong & (columns > path[:, None]))
            if crossed <= DEAREST and all(part.any() for part in parts):
                found.setdefault(path.tobytes(), (crossed, path))
    return [path for _, path in sorted(found.values(), key=lambda one: one[0])]
