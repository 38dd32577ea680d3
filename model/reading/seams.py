"""Where a line of ink may be cut: paths of least ink from its top to its bottom.

Over-segmentation as in LeCun et al. 1998, section V.A, but with paths that bend around strokes in place
of straight cuts: a path pays for the ink that it goes through, for each stroke that it enters, and for
the inside of a loop, so that it does not go through a 0 where it could part two digits that touch.
"""

from bisect import bisect
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.ink.components import WEAK
from model.ink.morphology import filled
from model.ink.seams import cheapest, minima, traced
from model.reading.valleys import between

Grey = NDArray[np.uint8]
Real = NDArray[np.float32]

ENTRY = 1.0
"""Price of entering a stroke, in stroke widths of ink."""
HOLE = 0.1
"""Price of a pixel inside a loop, in pixels of ink."""
DEAREST = 5.0
"""Paths that go through more ink than this (stroke widths) are no cuts."""
DEAREST_THROUGH = 20.0
"""The same for paths from valley to valley."""
DISCOUNT = 0.3
"""The share of its price by which such a path competes with others: the outline speaks for it."""
LEVELS = (0.25, 0.5, 0.75)
"""Rows from which paths are sought, as shares of the ink above them."""
REACH = 0.6
"""A path is the cheapest within so many stroke widths to either side."""
LEAST_INK = 0.8
"""The least ink between two cuts (squares as wide as a stroke)."""
MOST_SEAMS = 160
MOST_PATHS = 2000
"""If there are more paths, the cheapest are looked at."""
OTHERWISE = 0.75
"""The least ink between a cut that crosses others and any of them (as LEAST_INK)."""
MOST_OTHERS = 80
DEAREST_OTHER = 7.0
"""Cuts that cross others are no dearer than this (stroke widths; see DISCOUNT)."""


@dataclass(frozen=True, slots=True)
class Seams:
    """n cuts from left to right; the first lies left of all ink, the last right of it."""

    columns: NDArray[np.int64]
    """(n, H): in each row, the first column that is right of the cut; no cut crosses another."""
    costs: NDArray[np.float64]
    """(n,): the ink that a cut goes through, in stroke widths."""
    others: NDArray[np.int64]
    """(k, H): further cuts, that cross some of these or each other, from the cheapest to the dearest."""
    other_costs: NDArray[np.float64]
    """(k,): as `costs`."""


def slant(ink: Grey) -> float:
    """By how many columns the writing leans to the right for each row upwards, -0.2 to 1.

    The shear under which the columns' sums vary most: upright strokes then stand in few columns.
    """
    height = len(ink)
    best, lean = -1.0, 0.0
    rows = np.arange(height)
    ys, xs = np.nonzero(ink >= WEAK)
    if not len(ys):
        return 0.0
    weights = ink[ys, xs].astype(np.float64)
    for candidate in np.arange(-0.2, 1.01, 0.1):
        shifted = xs + np.rint(candidate * rows[ys]).astype(np.int64)
        shifted -= shifted.min()
        sums = np.bincount(shifted, weights=weights)
        value = float((sums**2).sum())
        # A lean must be worth it: short and round writing has none to speak of.
        value *= 1.0 - 0.05 * abs(candidate - 0.15)
        if value > best:
            best, lean = value, float(candidate)
    return lean


def find_seams(ink: Grey, stroke: float, height: float) -> Seams:
    """Cuts of a line of (H, W) ink with strokes of width `stroke` and digits of `height` pixels."""
    leans = {0.0, round(0.7 * slant(ink), 2)}
    found = [_leaning(ink, stroke, height, lean) for lean in sorted(leans)]
    paths, prices = (np.concatenate(part) for part in zip(*found, strict=True))
    columns = _apart(paths, prices, ink, stroke)
    crossed = _ink_through(ink, columns)
    crossed[0] = crossed[-1] = 0.0
    others = _crossing(paths, prices, columns, ink, stroke)
    width = max(stroke, 1e-6)
    return Seams(columns, crossed / width, others, _ink_through(ink, others) / width)


def _ink_through(ink: Grey, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,): the ink that cuts (n, H) go through, in full pixels; steep or shallow."""
    # A column is the first right of the cut: the ink there is what the cut goes through.
    here = np.take_along_axis(np.pad(ink, ((0, 0), (0, 1))), columns.T, axis=1).astype(np.float64)
    sums = np.pad(np.cumsum(ink, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    onward = np.vstack([columns.T[1:], columns.T[-1:]])
    aside = np.abs(np.take_along_axis(sums, onward, axis=1) - np.take_along_axis(sums, columns.T, axis=1))
    return np.asarray(np.maximum(here, aside).sum(axis=0) / 255.0)


def _leaning(
    ink: Grey, stroke: float, height: float, lean: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(n, H) paths of little ink, and their prices (n,), for writing that leans so far (see `slant`)."""
    rows, width = ink.shape
    shift = np.rint(lean * np.arange(rows)).astype(np.int64)
    shift -= shift.min()
    wide = width + int(shift.max())
    index = np.arange(wide)[None, :] - shift[:, None]
    inside = (index >= 0) & (index < width)
    index = np.clip(index, 0, width - 1)
    upright = np.where(inside, np.take_along_axis(ink, index, axis=1), 0).astype(np.float32) / 255.0
    mask = upright > WEAK / 255.0
    price = upright + HOLE * (filled(mask) & ~mask)
    change = np.diff(upright, axis=0, prepend=np.float32(0), append=np.float32(0))
    entry = ENTRY * np.float32(stroke) * np.maximum(change, 0)
    down, back = cheapest(price, entry[:-1])
    leave = ENTRY * np.float32(stroke) * np.maximum(-change, 0)
    up, forth = cheapest(price[::-1], leave[:0:-1])
    up, forth = up[::-1], forth[::-1]
    grown = np.cumsum(upright.sum(axis=1))
    found: list[NDArray[np.int64]] = [np.zeros((0, rows), np.int64)]
    prices: list[NDArray[np.float64]] = [np.zeros(0)]
    for level in LEVELS:
        row = int(np.searchsorted(grown, level * float(grown[-1])))
        total = down[row] + up[row] - price[row]
        anchors = minima(total, max(1, round(REACH * stroke)))
        anchors = anchors[total[anchors] <= (DEAREST + ENTRY * 2) * stroke]
        found.append(traced(anchors, row, back, forth))
        prices.append(total[anchors].astype(np.float64))
    through = between(mask, stroke, height, back, forth)
    if len(through):
        every = np.arange(rows)[None, :]
        paid = price[every, through].sum(axis=1) + entry[every, through].sum(axis=1)
        good = paid <= DEAREST_THROUGH * stroke
        found.append(through[good])
        prices.append(DISCOUNT * paid[good].astype(np.float64))
    return np.clip(np.concatenate(found) - shift[None, :], 0, width), np.concatenate(prices)


def _apart(
    paths: NDArray[np.int64], prices: NDArray[np.float64], ink: Grey, stroke: float
) -> NDArray[np.int64]:
    """Cuts (n, H) from left to right of (m, H) paths, no two of which cross, with some ink between any two.

    The cheap come first; one that would cross a cheaper one gives way to it.
    """
    rows, width = ink.shape
    every = np.arange(rows)
    sums = np.pad(np.cumsum(ink, axis=1, dtype=np.int64), ((0, 0), (1, 0)))
    least = int(255 * LEAST_INK * stroke * stroke)
    kept = [np.zeros(rows, np.int64), np.full(rows, width, np.int64)]
    places, left_of = [0, rows * width], [0, int(sums[:, -1].sum())]
    for number in np.argsort(prices, kind="stable")[:MOST_PATHS]:
        at = bisect(places, int(paths[number].sum()), 1, len(places) - 1)
        path = np.minimum(np.maximum(paths[number], kept[at - 1]), kept[at])
        mass = int(sums[every, path].sum())
        if mass - left_of[at - 1] < least or left_of[at] - mass < least:
            continue
        kept.insert(at, path)
        places.insert(at, int(path.sum()))
        left_of.insert(at, mass)
        if len(kept) > MOST_SEAMS:
            break
    return np.stack(kept)


def _crossing(
    paths: NDArray[np.int64],
    prices: NDArray[np.float64],
    columns: NDArray[np.int64],
    ink: Grey,
    stroke: float,
) -> NDArray[np.int64]:
    """Paths (k, H) of the (m, H) that part the ink otherwise than the cuts (n, H), and than each other."""
    rows = len(ink)
    order = np.argsort(prices, kind="stable")[:MOST_PATHS]
    chosen = paths[order[prices[order] <= DEAREST_OTHER * stroke]]
    sums = np.pad(np.cumsum(ink, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    every = np.arange(rows)
    left_of, kept = sums[every, chosen], sums[every, columns]
    least = 255 * OTHERWISE * stroke * stroke
    # How much ink lies between a path and the nearest of the cuts: only those about its own mass can be near.
    order = np.argsort(kept.sum(axis=1), kind="stable")
    kept = kept[order]
    masses = kept.sum(axis=1)
    away = np.full(len(chosen), np.inf)
    for place, path in enumerate(left_of):
        mass = path.sum()
        near = slice(*np.searchsorted(masses, [mass - least, mass + least]))
        if near.stop > near.start:
            away[place] = np.abs(kept[near] - path).sum(axis=1).min()
    found: list[int] = []
    while len(found) < MOST_OTHERS:
        left = np.flatnonzero(away >= least)
        if not len(left):
            break
        best = int(left[0])
        found.append(best)
        away = np.minimum(away, np.abs(left_of - left_of[best]).sum(axis=1))
        away[best] = 0.0
    return chosen[found]
