"""A neighbour's ink that touches the digit: where to cut it off.

A digit cut out of a line of writing with room around it is joined by ink that comes in from the left or the
right edge. Cuts are paths of least ink from the top to the bottom (as `model.reading` seeks them for whole
lines). Each side may have a cut or none. The pair is taken that leaves the ink most like one digit in its
place: away from the edges, in the middle, no wider than it is tall.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.ink.frame import stroke_width
from model.ink.morphology import filled
from model.ink.polarity import Grey
from model.ink.seams import cheapest, minima, traced

Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

SIDE = 56
"""The longer side (pixels) of the reduced picture in which cuts are sought."""
MOST_CUTS = 5
"""On either side, at the most."""

_INK = 64
_HOLE = 0.25
"""Price of a pixel inside a loop, in pixels of ink: a cut should not go through a 0."""
_DEAREST = 4.0
"""A path through more ink than this (stroke widths) is not a cut."""
_ROOM = 0.06
"""Clear paper above and below the ink (share of the height) that tells a digit with room around it."""
_MOST_REMOVED = 0.6
"""The share of the ink that may be cut off."""

WEIGHTS: NDArray[np.float64] = np.array(
    [
        [3.23, 0.57, -1.68, -0.08, 2.13, 0.83, 0.32, 4.09, 1.47, -0.86, -1.7],
        [-0.18, -0.62, -0.3, 0.89, 0.93, 0.99, 0.43, 2.42, 1.33, -0.29, -0.79],
    ]
)
"""How much each of the `features` speaks against a pair of cuts: in any case, and more with room above and
below.

Fitted on the training part of digits cut from cheques: of all pairs of cuts, the network's likelihood of the
right digit after the one that is taken.
"""
RELUCTANCE = 0.2, 6.0
"""By how much a cut must be better than none: with room above and below the ink, and without."""
LEAST_SIDE = 24
"""A picture whose shorter side is below this (pixels) is of one digit, cut close."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """A pair of cuts: the columns [begin, end) of each row that are left."""

    begin: Rows
    end: Rows
    features: NDArray[np.float64]
    room: float
    """0 where the ink fills the picture from top to bottom, 1 where there is clear paper above and below."""

    @property
    def price(self) -> float:
        """What speaks against this pair of cuts."""
        return float(WEIGHTS[0] @ self.features + self.room * (WEIGHTS[1] @ self.features))


def without_neighbours(ink: Grey) -> Grey | None:
    """Cut neighbours off (H, W) ink that ends at the left or right edge; None if nothing is to be cut."""
    if min(ink.shape) < LEAST_SIDE:
        return None
    found = candidates(ink)
    if not found:  # a line so thin that nothing of it is in the reduced picture
        return None
    best = min(found, key=lambda cuts: cuts.price)
    none = found[0]
    reluctance = none.room * RELUCTANCE[0] + (1.0 - none.room) * RELUCTANCE[1]
    return apply(ink, best) if best.price < none.price - reluctance else None


def apply(ink: Grey, cuts: Cuts) -> Grey:
    """Ink between two cuts that were found in it."""
    height, width = ink.shape
    rows = np.minimum(np.arange(height) * len(cuts.begin) // height, len(cuts.begin) - 1)
    scale = width / _reduced(ink).shape[1]
    begin, end = np.rint(cuts.begin[rows] * scale), np.rint(cuts.end[rows] * scale)
    columns = np.arange(width)[None, :]
    inside = (columns >= begin[:, None]) & (columns < end[:, None])
    return np.where(inside, ink, 0).astype(np.uint8)


def candidates(ink: Grey) -> list[Cuts]:
    """Pairs of cuts, the first of which takes nothing away."""
    small = _reduced(ink)
    height, width = small.shape
    strong = small >= _INK
    stroke = max(1.0, stroke_width(small))
    open_left, open_right = bool(strong[:, 0].any()), bool(strong[:, -1].any())
    all_left, all_right = np.zeros(height, np.intp), np.full(height, width, np.intp)
    lefts, rights = [(all_left, 0.0)], [(all_right, 0.0)]
    if open_left or open_right:
        for path, crossed in _paths(small, strong, stroke):
            if open_left and path.mean() < 0.6 * width:
                lefts.append((path, crossed))
            if open_right and path.mean() > 0.4 * width:
                rights.append((path, crossed))
    lefts = [lefts[0], *sorted(lefts[1:], key=lambda one: one[1])[:MOST_CUTS]]
    rights = [rights[0], *sorted(rights[1:], key=lambda one: one[1])[:MOST_CUTS]]
    inked = np.flatnonzero(strong.any(axis=1))
    room = min(1.0, min(int(inked[0]), height - 1 - int(inked[-1])) / height / _ROOM) if inked.size else 0.0
    found = []
    columns = np.arange(width)[None, :]
    mass = float(strong.sum())
    for left, left_cost in lefts:
        for right, right_cost in rights:
            if (left >= right).any():
                continue
            kept = strong & (columns >= left[:, None]) & (columns < right[:, None])
            share = float(kept.sum()) / max(mass, 1.0)
            if share < 1 - _MOST_REMOVED:
                continue
            number = (left is not all_left) + (right is not all_right)
            found.append(
                Cuts(left, right, features(kept, strong, share, left_cost + right_cost, number), room)
            )
    return found


def features(kept: Mask, whole: Mask, share: float, crossed: float, number: int) -> NDArray[np.float64]:
    """What speaks for or against keeping a part of the ink."""
    width = kept.shape[1]
    across, down = np.flatnonzero(kept.any(axis=0)), np.flatnonzero(kept.any(axis=1))
    before = np.flatnonzero(whole.any(axis=1))
    left, right = int(across[0]), int(across[-1]) + 1
    top, bottom = int(down[0]), int(down[-1]) + 1
    tall, wide = bottom - top, right - left
    sides = np.flatnonzero(whole.any(axis=0))
    aspect = (int(sides[-1]) + 1 - int(sides[0])) / (int(before[-1]) + 1 - int(before[0]))
    touching = float(left <= 0) + float(right >= width)
    return np.array(
        [
            crossed,
            float(number),
            number * min(aspect, 2.0),
            touching,
            abs((left + right) / (2 * width) - 0.5),
            max(0.0, wide / tall - 0.85),
            abs(float(np.log(wide / tall / 0.65))),
            1.0 - share,
            1.0 - tall / (int(before[-1]) + 1 - int(before[0])),
            wide / width,
            min(left, width - right) / width,
        ]
    )


def _reduced(ink: Grey) -> Grey:
    factor = SIDE / max(ink.shape)
    if factor >= 1:
        return ink
    size = (max(8, round(ink.shape[1] * factor)), max(8, round(ink.shape[0] * factor)))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX))


def _paths(ink: Grey, strong: Mask, stroke: float) -> list[tuple[Rows, float]]:
    """Paths of little ink from the top to the bottom: for each row the first column right of it; the ink
    that it goes through, in stroke widths."""
    height, width = ink.shape
    amount = ink.astype(np.float32) / 255.0
    price = amount + np.float32(_HOLE) * (filled(strong) & ~strong).astype(np.float32)
    down, back = cheapest(price)
    up, forth = cheapest(price[::-1])
    up, forth = up[::-1], forth[::-1]
    found: dict[bytes, tuple[Rows, float]] = {}
    for share in (0.3, 0.5, 0.7):
        row = int(share * (height - 1))
        columns = minima(down[row] + up[row] - price[row], max(1, round(0.6 * stroke)))
        for path in traced(columns, row, back, forth):
            crossed = float(amount[np.arange(height), path].sum()) / stroke
            if crossed <= _DEAREST and 0 < path.mean() < width - 1:
                found.setdefault(path.tobytes(), (path, crossed))
    return list(found.values())
