"""Where a line of ink may be cut: paths of little ink from its top to its bottom.

Over-segmentation as in LeCun et al. 1998, section V.A, but with paths that bend around strokes in place
of straight cuts. A path pays for the ink that it goes through, and for each stroke that it enters. Where two
digits share ink, the right cut goes through it: from the valley between them in the outline above to the
valley below (the background features of Chen and Wang 2000), or on from one of these valleys.
"""

from bisect import bisect

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.components import WEAK
from model.ink.morphology import Mask
from model.ink.polarity import Grey
from model.ink.seams import cheapest, minima, traced
from model.reading.lattice import Real

Paths = NDArray[np.int64]
"""(n, H): in each row the first column right of the path."""
Steps = NDArray[np.int8]

ENTRY = 1.0
"""Price of entering a stroke, in stroke widths of ink."""
ROWS = 0.5, 0.9
"""Paths are sought through the rows with this share of all ink above: one for digits, one for points."""
DEAREST, DEAREST_THROUGH = 5.0, 20.0
"""The highest price of a cut, beyond two entries, and of one through valleys (stroke widths of ink)."""
DISCOUNT = 0.3
"""A path through valleys competes at this share of its price, because the outline supports it."""
REACH = 0.6
"""A path is the cheapest within this many stroke widths to either side."""
LEAST_INK = 0.4
"""The least ink between two cuts (squares as wide as a stroke): a dot has 0.8."""
MOST_CUTS = 160
MOST_PATHS = 2000
"""If there are more paths, only the cheapest are considered."""
ASIDE = 0.35
"""Two valleys that a cut joins lie no farther apart sideways than this (line heights)."""
MOST_VALLEYS = 120
"""If there are more valleys than this from one side, the paper is a texture, and none is used."""


def find_cuts(ink: Grey, stroke: float, height: float) -> tuple[Paths, Real]:
    """Cuts (n, H) of a line of (H, W) ink, from left to right, and the ink (n,) they go through.

    No two cross; the first lies left of all ink, the last right of it. The pen is `stroke` pixels wide, and
    digits are about `height` pixels high; the ink that cuts go through is in stroke widths.
    """
    columns = _apart(*_paths(ink, stroke, height), ink, stroke)
    crossed = _ink_through(ink, columns)
    crossed[0] = crossed[-1] = 0.0
    return columns, crossed / max(stroke, 1e-6)


def _ink_through(ink: Grey, columns: Paths) -> Real:
    """(n,): the ink that each cut (n, H) goes through, in full pixels, whether it is steep or shallow."""
    # Each column is the first one right of the cut: the cut goes through the ink there.
    here = np.take_along_axis(np.pad(ink, ((0, 0), (0, 1))), columns.T, axis=1).astype(np.float64)
    sums = np.pad(np.cumsum(ink, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    onward = np.vstack([columns.T[1:], columns.T[-1:]])
    aside = np.abs(np.take_along_axis(sums, onward, axis=1) - np.take_along_axis(sums, columns.T, axis=1))
    return np.asarray(np.maximum(here, aside).sum(axis=0) / 255.0)


def _paths(ink: Grey, stroke: float, height: float) -> tuple[Paths, Real]:
    """(n, H) paths of little ink (H, W), and their prices (n,)."""
    price: NDArray[np.float32] = np.divide(ink, 255, dtype=np.float32)
    change = np.diff(price, axis=0, prepend=np.float32(0), append=np.float32(0))
    entry = ENTRY * np.float32(stroke) * np.maximum(change, 0)
    down, back = cheapest(price, entry[:-1])
    leave = ENTRY * np.float32(stroke) * np.maximum(-change, 0)
    up, forth = cheapest(price[::-1], leave[:0:-1])
    up, forth = up[::-1], forth[::-1]
    grown = np.cumsum(price.sum(axis=1))
    paths, prices = list[Paths](), list[NDArray[np.float32]]()
    for row in [int(np.searchsorted(grown, share * float(grown[-1]))) for share in ROWS]:
        total = down[row] + up[row] - price[row]
        anchors = minima(total, max(1, round(REACH * stroke)))
        anchors = anchors[total[anchors] <= (DEAREST + ENTRY * 2) * stroke]
        paths.append(traced(anchors, row, back, forth))
        prices.append(total[anchors])
    through = _through_valleys(ink > WEAK, stroke, height, back, forth)
    paid = (price + entry[:-1])[np.arange(len(ink)), through].sum(axis=1)
    good = paid <= DEAREST_THROUGH * stroke
    every = np.concatenate([*prices, DISCOUNT * paid[good]]).astype(np.float64)
    return np.concatenate([*paths, through[good]]), every


def _apart(paths: Paths, prices: Real, ink: Grey, stroke: float) -> Paths:
    """Choose cuts (n, H) among (m, H) paths: left to right, without crossings, with ink between any two.

    Cheap paths are chosen first; where a path would cross a cheaper one, it follows that one instead.
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
        if len(kept) > MOST_CUTS:
            break
    return np.stack(kept)


def valleys(mask: Mask) -> NDArray[np.int64]:
    """(k, 2): row and column of the dead ends of paths that come down from the top of a (H, W) ink mask.

    A path stays on the paper and goes down row by row, moving at most one column aside in each. For valleys
    from below, pass the mask upside down.
    """
    reached = ~mask
    for row in range(1, len(mask)):
        reached[row] &= _widened(reached[row - 1])
    goes_on = np.ones_like(reached)
    goes_on[:-1] = _widened(reached[1:])
    # A stretch of paper along a row is a dead end if no path goes on from any of its pixels.
    stretches, count = ndimage.label(reached, np.array([[0, 0, 0], [1, 1, 1], [0, 0, 0]]))
    ends = np.flatnonzero(np.bincount(stretches[goes_on], minlength=count + 1)[1:] == 0) + 1
    middles = np.array(ndimage.center_of_mass(reached, stretches, ends)).reshape(-1, 2)
    return np.rint(middles).astype(np.int64)


def _widened(mask: Mask) -> Mask:
    """A mask (..., W), grown by one column to the left and to the right."""
    wide = mask.copy()
    wide[..., 1:] |= mask[..., :-1]
    wide[..., :-1] |= mask[..., 1:]
    return wide


def _through_valleys(mask: Mask, stroke: float, height: float, back: Steps, forth: Steps) -> Paths:
    """(n, H): paths through the valleys of a (H, W) ink mask, top to bottom.

    `back` and `forth` (H, W) are the last steps of the cheapest paths from above and from below.
    """
    rows = len(mask)
    tops, feet = valleys(mask), valleys(mask[::-1])
    if not 0 < len(tops) <= MOST_VALLEYS or not 0 < len(feet) <= MOST_VALLEYS:
        return np.zeros((0, rows), np.int64)
    feet[:, 0] = rows - 1 - feet[:, 0]
    aside = np.abs(tops[:, None, 1] - feet[None, :, 1])
    deep = feet[None, :, 0] - tops[:, None, 0]
    first, second = np.nonzero((deep > 0) & (aside <= ASIDE * height) & (aside <= 1.2 * deep + 2 * stroke))
    # Straight from one valley to another, and along the cheapest path beyond them.
    starts = np.concatenate([tops[first], tops, feet])
    ends = np.concatenate([feet[second], tops, feet])
    every = np.arange(rows)
    share = np.clip((every - starts[:, :1]) / np.maximum(ends[:, :1] - starts[:, :1], 1), 0, 1)
    paths = np.rint(starts[:, 1:] + share * (ends[:, 1:] - starts[:, 1:])).astype(np.int64)
    for row in range(rows - 2, -1, -1):
        here = paths[:, row + 1]
        paths[:, row] = np.where(row < starts[:, 0], here + back[row + 1, here], paths[:, row])
    for row in range(1, rows):
        here = paths[:, row - 1]
        paths[:, row] = np.where(row > ends[:, 0], here + forth[row - 1, here], paths[:, row])
    return np.asarray(paths)
