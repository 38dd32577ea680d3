"""Cuts that cross others: what of the ink lies to their left and right, and the candidates they bound.

Two digits that lean into each other, or loop through each other, are often parted best by a cut that crosses
the best cuts beside it. Cuts from left to right make pieces; one that crosses some of them divides the
pieces between the last cut that is wholly left of it and the first that is wholly right of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from model.ink.components import WEAK
from model.reading.lattice import LONGEST_RUN, WIDEST_GAP, Crossing, Runs

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]

AGREE = 0.15
"""So much ink on the wrong side does not make one cut cross another (squares as wide as a stroke)."""
SLIVER, SLIVER_INK = 0.12, 2.5
"""A part of a component with less than this share of its ink, and less ink than so many squares as wide as a
stroke, stays with the rest of it."""
TALLEST, LOWEST, BROADEST = 1.5, 0.5, 1.2
"""What such a cut bounds is a digit of usual size: its height and width in line heights."""
TRIED = 3
"""The size of this many times the wanted candidates is looked at."""


@dataclass(frozen=True, slots=True)
class Inked:
    """A line of ink in pieces."""

    ink: Grey
    """(H, W)."""
    numbers: Numbers
    """(H, W): the piece that each pixel belongs to."""
    labels: NDArray[np.int32]
    """(H, W): the component that each pixel belongs to, 0 for paper."""
    count: int
    """How many pieces there are."""
    stroke: float
    """How wide the pen was (pixels)."""


@dataclass(frozen=True, slots=True)
class Side:
    """What lies right of one cut, in the columns (from `left` on) whose pieces it divides."""

    left: int
    right_of: Mask
    """(H, w)."""


@dataclass(frozen=True, slots=True)
class Crossings:
    """k cuts that cross others, as nodes of the graph, and what lies to either side of each."""

    line: Inked
    nodes: Crossing
    sides: tuple[Side, ...]
    apart: Mask
    """(k, k): whether the first cut is wholly left of the second."""

    def held(self, start: int, end: int, window: slice) -> Mask:
        """(H, w): which pixels of the columns in `window` lie between two nodes of the graph."""
        part, count = self.line.numbers[:, window], self.line.count
        first = part >= start if start <= count else self._right_of(start - count - 1, window)
        last = part < end if end <= count else ~self._right_of(end - count - 1, window)
        return np.asarray(first & last)

    def _right_of(self, number: int, window: slice) -> Mask:
        side = self.sides[number]
        out = self.line.numbers[:, window] >= self.nodes.before[number]
        left, right = max(window.start, side.left), min(window.stop, side.left + side.right_of.shape[1])
        if left < right:
            known = side.right_of[:, left - side.left : right - side.left]
            out[:, left - window.start : right - window.start] = known
        return np.asarray(out)


def crossings(
    line: Inked, own: NDArray[np.int64], others: NDArray[np.int64], costs: NDArray[np.float64]
) -> Crossings:
    """Place cuts `others` (k, H) of `costs` (k,) among a line's n pieces.

    `own` (n + 1, H) are the cuts between the pieces.
    """
    sums = np.pad(np.cumsum(line.ink, axis=1, dtype=np.int64), ((0, 0), (1, 0)))
    every = np.arange(len(line.ink))
    kept, found = sums[every, own], sums[every, others]
    least = 255 * AGREE * line.stroke**2
    after, before = np.zeros(len(found), np.int64), np.zeros(len(found), np.int64)
    for place, path in enumerate(found):
        after[place] = np.flatnonzero(np.maximum(kept - path, 0).sum(axis=1) <= least).max()
        before[place] = np.flatnonzero(np.maximum(path - kept, 0).sum(axis=1) <= least).min()
    real = np.flatnonzero(before > after)
    found, after, before = found[real], after[real], before[real]
    sides = tuple(
        _side(line, others[k], first, last)
        for k, first, last in zip(real.tolist(), after.tolist(), before.tolist(), strict=True)
    )
    apart = np.zeros((len(real), len(real)), bool)
    for place, path in enumerate(found):
        apart[place] = np.maximum(path - found, 0).sum(axis=1) <= least
    masses = found.sum(axis=1)
    apart &= masses[:, None] < masses[None, :]
    return Crossings(line, Crossing(after, before, costs[real], masses), sides, apart)


def _side(line: Inked, path: NDArray[np.int64], after: int, before: int) -> Side:
    """What lies right of a cut (H,) that divides the pieces `after` to `before` - 1."""
    divided = (line.numbers >= after) & (line.numbers < before)
    columns = np.flatnonzero(divided.any(axis=0))
    left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)
    window = slice(left, right)
    piece, label, movable = line.numbers[:, window], line.labels[:, window], divided[:, window]
    right_of = np.where(movable, np.arange(left, right)[None, :] >= path[:, None], piece >= before)
    weights = line.ink[:, window].astype(np.float64).ravel()
    total = np.bincount(label.ravel(), weights=weights)
    there = np.bincount(label.ravel(), weights=weights * right_of.ravel())
    small = np.minimum(SLIVER * total, 255 * SLIVER_INK * line.stroke**2)
    to_right, to_left = total - there < small, there < small
    to_right[:1] = to_left[:1] = False
    right_of = np.where(movable & to_right[label], True, right_of)
    return Side(left, np.where(movable & to_left[label], False, right_of))


def runs_between(found: Crossings, height: float, most: int) -> Runs:
    """The runs that begin or end at a cut that crosses others: `most` at the most, the cheapest cuts' first.

    A line's digits are about `height` (pixels) high.
    """
    line = found.line
    solid = line.ink >= WEAK
    columns = _columns(line)
    low_of = np.concatenate([np.arange(line.count + 1), found.nodes.after])
    high_of = np.concatenate([np.arange(line.count + 1), found.nodes.before])
    nodes: list[tuple[int, int]] = []
    boxes: list[tuple[int, ...]] = []
    lengths: list[float] = []
    for start, end in islice(_pairs(found), TRIED * most):
        if len(nodes) >= most:
            break
        part = columns[low_of[start] : high_of[end]]
        if not len(part):
            continue
        window = slice(int(part[:, 0].min()), int(part[:, 1].max()))
        mask = found.held(start, end, window) & solid[:, window]
        across, down = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
        if not len(across):
            continue
        wide, tall = int(across[-1] + 1 - across[0]), int(down[-1] + 1 - down[0])
        gap = int(np.diff(across, prepend=across[0] - 1).max()) - 1
        if wide > BROADEST * height or gap > WIDEST_GAP * height or not LOWEST <= tall / height <= TALLEST:
            continue
        nodes.append((start, end))
        left, top = window.start + int(across[0]), int(down[0])
        boxes.append((left, top, left + wide, top + tall))
        lengths.append(float(line.ink[:, window][mask].sum()) / 255.0 / line.stroke)
    both = np.array(nodes, np.int64).reshape(-1, 2)
    return Runs(
        both[:, 0], both[:, 1], np.array(boxes, np.float64).reshape(-1, 4), np.array(lengths, np.float64)
    )


def _pairs(found: Crossings) -> Iterator[tuple[int, int]]:
    """Nodes, one of them a cut that crosses others at least, with no more than a digit's pieces between."""
    count, (after, before) = found.line.count, (found.nodes.after, found.nodes.before)
    for cut in range(len(after)):
        node = count + 1 + cut
        first, last = int(after[cut]), int(before[cut])
        yield from ((begin, node) for begin in range(max(0, first - LONGEST_RUN + 1), first + 1))
        yield from ((node, end) for end in range(last, min(count, last + LONGEST_RUN - 1) + 1))
        # With those before it, so that the dear ones' are left out first.
        for other in range(cut):
            for left, right in ((cut, other), (other, cut)):
                near = after[left] <= after[right] < before[left] + LONGEST_RUN - 1
                if found.apart[left, right] and near:
                    yield count + 1 + left, count + 1 + right


def _columns(line: Inked) -> NDArray[np.int64]:
    """(n, 2): the first column of each piece and the one after its last."""
    rows, columns = np.nonzero(line.ink >= WEAK)
    piece = line.numbers[rows, columns]
    out = np.zeros((line.count, 2), np.int64)
    out[:, 0] = line.ink.shape[1]
    np.minimum.at(out[:, 0], piece, columns)
    np.maximum.at(out[:, 1], piece, columns + 1)
    return out
