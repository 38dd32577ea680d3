"""Where two digits that touch leave valleys in the outline of their ink, and cuts from valley to valley.

A path of least ink goes around what two digits share; the right cut goes through it. It comes down into the
valley between the two from above, goes up into that from below, and joins the two straight through the ink:
the valleys are what the structural analysis of touching digits calls background and foreground features
(Chen and Wang 2000; Ribas et al. 2013).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Paths = NDArray[np.int64]

ASIDE = 0.35
"""Two valleys that a cut joins lie no farther apart sideways than this (line heights)."""
ACROSS = 2.5
"""Through no more ink than this does a cut leave a valley for the paper beyond (stroke widths)."""
MOST_VALLEYS = 120
"""Of more valleys from one side than this, the paper is a texture and none are used."""

_TRIPLE = np.ones((1, 3), dtype=bool)


def valleys(mask: Mask) -> tuple[NDArray[np.int64], Mask]:
    """(k, 2): row and column of the ends of the paths that come down from the top of a (H, W) ink mask.

    A path keeps to the paper and goes down, straight or one column aside a row. And (H, W): the paper that
    such paths reach. From below: give the mask upside down.
    """
    rows = len(mask)
    reached = np.zeros_like(mask)
    reached[0] = ~mask[0]
    for row in range(1, rows):
        above = reached[row - 1]
        reached[row] = above & ~mask[row]
        reached[row, 1:] |= above[:-1] & ~mask[row, 1:]
        reached[row, :-1] |= above[1:] & ~mask[row, :-1]
    goes_on = np.zeros_like(reached)
    goes_on[:-1] = ndimage.binary_dilation(reached[1:], structure=_TRIPLE)
    goes_on[-1] = True
    # Stretches of paper along a row, numbered: one ends where none of its pixels goes on.
    begins = reached & ~np.pad(reached, ((0, 0), (1, 0)))[:, :-1]
    number = np.cumsum(begins.ravel()).reshape(mask.shape)
    number[~reached] = 0
    count = int(number.max())
    onward = np.bincount(number.ravel(), weights=(goes_on & reached).ravel(), minlength=count + 1)
    ends = onward[number] == 0
    ends &= reached
    found_rows, found_columns = np.nonzero(ends)
    marks = number[found_rows, found_columns]
    _, first, sizes = np.unique(marks, return_index=True, return_counts=True)
    ends_at = np.stack([found_rows[first], found_columns[first] + sizes // 2], axis=1)
    return ends_at.reshape(-1, 2), reached


def between(
    mask: Mask, stroke: float, height: float, back: NDArray[np.int8], forth: NDArray[np.int8]
) -> Paths:
    """(n, H): paths through the valleys of a (H, W) ink mask, top to bottom.

    `back` and `forth` (H, W) are the last steps of the cheapest paths from above and from below.
    """
    rows = len(mask)
    tops, from_above = valleys(mask)
    feet, from_below = valleys(mask[::-1])
    from_below = from_below[::-1]
    feet = _upside_down(feet, rows - 1)
    if not 0 < len(tops) <= MOST_VALLEYS or not 0 < len(feet) <= MOST_VALLEYS:
        return np.zeros((0, rows), np.int64)
    down, up = _descents(tops, back, rows), _descents(feet, forth, rows, upwards=True)
    every = np.arange(rows)
    found = [
        np.where(every <= tops[:, :1], down, tops[:, 1:]),
        np.where(every >= feet[:, :1], up, feet[:, 1:]),
        np.where(every <= tops[:, :1], down, _descents(tops, forth, rows, upwards=True)),
        np.where(every >= feet[:, :1], up, _descents(feet, back, rows)),
    ]
    last = rows - 1
    found.append(_joined(_across(tops, from_below, ACROSS * stroke), back, forth, rows))
    up_through = _across(_upside_down(feet, last), from_above[::-1], ACROSS * stroke)
    starts, ends = _upside_down(up_through[:, 2:], last), _upside_down(up_through[:, :2], last)
    found.append(_joined(np.concatenate([starts, ends], axis=1), back, forth, rows))
    aside = np.abs(tops[:, None, 1] - feet[None, :, 1])
    deep = feet[None, :, 0] - tops[:, None, 0]
    first, second = np.nonzero((deep > 0) & (aside <= ASIDE * height) & (aside <= 1.2 * deep + 2 * stroke))
    found.append(_joined(np.concatenate([tops[first], feet[second]], axis=1), back, forth, rows))
    return np.concatenate(found).astype(np.int64)


def _upside_down(points: NDArray[np.int64], last: int) -> NDArray[np.int64]:
    """(n, 2): the points (row, column) of a picture whose last row is `last`, turned over."""
    return np.stack([last - points[:, 0], points[:, 1]], axis=1)


def _across(points: NDArray[np.int64], goal: Mask, reach: float) -> NDArray[np.int64]:
    """(n, 4): row and column of points, and of the nearest of `goal` below them.

    One to the left and one to the right, no farther than `reach` (pixels).
    """
    window = int(np.ceil(reach))
    found = []
    for row, column in points.tolist():
        left = max(0, column - window)
        part = goal[row : row + window + 1, left : column + window + 1]
        rows, columns = np.nonzero(part)
        aside = columns + left - column
        distance = np.hypot(rows, aside)
        for side in (aside < 0, aside >= 0):
            near = np.flatnonzero(side & (distance <= reach))
            if len(near):
                best = near[np.argmin(distance[near])]
                found.append((row, column, row + int(rows[best]), column + int(aside[best])))
    return np.array(found, np.int64).reshape(-1, 4)


def _joined(pairs: NDArray[np.int64], back: NDArray[np.int8], forth: NDArray[np.int8], rows: int) -> Paths:
    """(n, H): from the top to the first of two points (row, column, row, column), straight on, and down."""
    every = np.arange(rows)
    first, second = pairs[:, :2], pairs[:, 2:]
    share = (every - first[:, :1]) / np.maximum(second[:, :1] - first[:, :1], 1)
    straight = np.rint(first[:, 1:] + share * (second[:, 1:] - first[:, 1:])).astype(np.int64)
    path = np.where(every <= first[:, :1], _descents(first, back, rows), straight)
    return np.where(every >= second[:, :1], _descents(second, forth, rows, upwards=True), path)


def _descents(
    points: NDArray[np.int64], steps: NDArray[np.int8], rows: int, *, upwards: bool = False
) -> Paths:
    """(k, H): the cheapest paths from the top (or, `upwards`, from the bottom) to each point."""
    out = np.repeat(points[:, 1:], rows, axis=1)
    order = range(1, rows) if upwards else range(rows - 2, -1, -1)
    for row in order:
        before = row - 1 if upwards else row + 1
        going = before >= points[:, 0] if upwards else before <= points[:, 0]
        here = out[:, before]
        out[:, row] = np.where(going, here + steps[before, here], out[:, row])
    return out
