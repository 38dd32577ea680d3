"""Cells: the ink in each box of a comb, the printed outlines taken out and strokes kept whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.components import STRONG, WEAK
from model.ink.frame import stroke_width
from model.ink.morphology import EIGHT
from model.ink.paper import ink_map

Grey = NDArray[np.uint8]
Real = NDArray[np.float32]
Mask = NDArray[np.bool_]
Bounds = tuple[float, float, float, float]
"""left, top, right, bottom (pixels)."""

LEAST_CONTRAST, LEAST_SNR = 16.0, 7.0
"""By so many levels, of paper at 255, and standard deviations of its noise, ink differs from it at least."""
NEAR = 0.09
"""A printed line is no farther than this (cell heights) from where it is expected."""
STRETCH = 0.3
"""It is looked for in pieces so long (cell heights), each for itself: it may be worn, or a comb's tooth."""
THICKEST = 0.12
"""It is no thicker than this (cell heights; 4 pixels in any case)."""
SEEN = 0.03
"""It takes away so much of the paper's brightness at least."""
LEFT = 0.7
"""Ink of which so much lies along the lines is theirs."""
SPECK, CRUMB = 0.22, 0.06
"""What is smaller than the first (cell heights) is no digit, and than the second no part of one."""
WHOLE, STRAYED = 0.7, 0.2
"""A stroke of which so much is in one cell belongs to it; of which so much is elsewhere leaves its cell."""
FOREIGN = 0.6
"""A stroke of which so much lies outside of all cells is no cell's."""
APART, HIGH = 0.04, 0.35
"""Groups so far apart, and so high (cell heights), may be digits of their own."""


@dataclass(slots=True)
class Cell:
    """What is in one cell."""

    ink: Grey | None
    """(H, W), of the size of the whole; None where nothing is written."""
    box: Bounds = (0.0, 0.0, 0.0, 0.0)
    """Around the ink."""
    parts: list[Grey] = field(default_factory=list)
    """Two or more groups of ink that stand side by side, each by itself."""
    strays: bool = False
    """Whether strokes reach far into another cell, or out of all."""
    length: float = 0.0
    """About how long the pen's way was (cell heights)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells."""

    ink: Grey
    """(H, W), 0 to 255, without the outlines of the cells."""
    outlines: Mask
    """(H, W): where they were."""
    cells: Sequence[Bounds]

    def with_sides(self, cell: Cell) -> Iterator[Grey]:
        """The ink of a cell with a part of one side of its outline: strokes along it were taken out with it.

        The part is between the places where the ink meets the line; or from there to where the ink ends.
        """
        if cell.ink is None:
            return
        left, top, right, bottom = (round(value) for value in cell.box)
        reach = max(2, round(NEAR * (self.cells[0][3] - self.cells[0][1]))) + 1
        for turned in (False, True):
            ink, lines = (cell.ink.T, self.outlines.T) if turned else (cell.ink, self.outlines)
            start, stop, ends = (left, right, (top, bottom)) if turned else (top, bottom, (left, right))
            for end in ends:
                side = slice(max(0, end - reach), end + reach)
                met = np.flatnonzero((ink[start:stop, side] >= WEAK).any(axis=1)) + start
                if not len(met) or not lines[start:stop, side].any():
                    continue
                spans = [(met[0], met[-1] + 1)]
                if met[-1] - met[0] < 0.3 * (stop - start):
                    spans = [(start, met[-1] + 1), (met[0], stop)]
                for span in spans:
                    part = ink.copy()
                    part[slice(*span), side] |= lines[slice(*span), side] * np.uint8(255)
                    yield part.T if turned else part


def row_of(grey: Grey, cells: Sequence[Bounds]) -> Row:
    """Look at a row of cells in (H, W) grey pixels: dark pen on paper whose level is 255."""
    share = np.asarray(1 - grey / np.float32(255), np.float32)
    rules, zone = _outlines(share, cells)
    paper = np.uint8(round(float(np.quantile(grey, 0.6))))
    found = ink_map(np.where(rules, paper, grey), dark=True, surface=False)
    if found is None or found.contrast < max(LEAST_CONTRAST, LEAST_SNR * found.noise):
        return Row(np.zeros(grey.shape, np.uint8), rules, cells)
    # What is left along the lines only is theirs.
    labels, count = ndimage.label(found.ink >= WEAK, structure=EIGHT)
    shares = ndimage.mean(zone, labels, np.arange(count + 1))
    ink = np.where(shares[labels] * (labels > 0) > LEFT, 0, found.ink).astype(np.uint8)
    return Row(ink, rules, cells)


def _outlines(share: Real, cells: Sequence[Bounds]) -> tuple[Mask, Mask]:
    """The pixels (H, W) of the outlines of cells but for strokes that cross, and all close to them."""
    tall = cells[0][3] - cells[0][1]
    gap = min((b[0] - a[2] for a, b in pairwise(cells)), default=0.0)
    reach = max(2, round(NEAR * tall))
    narrow = max(2, min(reach, int(gap / 2))) if gap > 1.5 else reach
    bands: list[tuple[slice, slice, bool]] = []
    runs = [(cells[0][0], cells[-1][2])] if gap < 2 else [(left, right) for left, _, right, _ in cells]
    for start, stop in runs:
        for level in (cells[0][1], cells[0][3]):
            bands += [
                (rows, columns, True) for rows, columns in _line(share, level, (start, stop), reach, tall)
            ]
    for upright in sorted({round(x, 1) for left, _, right, _ in cells for x in (left, right)}):
        found = _line(share.T, upright, (cells[0][1], cells[0][3]), narrow, tall)
        bands += [(rows, columns, False) for columns, rows in found]
    without = share.copy()
    for rows, columns, _ in bands:
        without[rows, columns] = 0
    out = np.zeros(share.shape, bool)
    for rows, columns, level in bands:
        lines, (down, across), mark = (
            (share, (rows, columns), out) if level else (share.T, (columns, rows), out.T)
        )
        others = without if level else without.T
        dark = float(np.median(lines[down, across]))
        # Where there is ink close by on either side, a stroke crosses the line or lies on it.
        sides = (slice(max(0, down.start - 2), down.start), slice(down.stop, down.stop + 2))
        near = [others[side, across].min(axis=0, initial=1) > max(0.5 * dark, 0.08) for side in sides]
        mark[down, across] |= ~(near[0] | near[1])
        for row in (down.start - 1, down.stop):
            if 0 <= row < len(lines):  # the faint rim goes with it
                mark[row, across] |= lines[row, across] < 0.6 * dark
    return out, ndimage.binary_dilation(without != share, EIGHT, iterations=2)


def _line(
    share: Real, at: float, span: tuple[float, float], reach: int, tall: float
) -> list[tuple[slice, slice]]:
    """Rows and columns of the pieces of a level line near the row `at`, between two columns."""
    first, last = max(0, round(span[0]) - 1), min(share.shape[1], round(span[1]) + 2)
    low = max(0, round(at) - reach)
    band = share[low : round(at) + reach + 1, first:last]
    if band.shape[0] < 3 or band.shape[1] < 4:
        return []
    # The line goes on for longer than a stroke beside it, however dark that is, and lies near by.
    level = max(2 * SEEN, 0.8 * float(np.quantile(band, 0.6, axis=1).max()))
    away = np.abs(np.arange(len(band)) + low - at) / reach
    line = np.minimum(band, level).mean(axis=1) - 0.25 * SEEN * away
    ahead = np.flatnonzero(line >= line.max() - 0.15 * (line.max() - line.min()))
    middle = round(float(ahead[np.abs(ahead - line.argmax()) <= 3].mean()))
    count = max(1, round(band.shape[1] / max(6.0, STRETCH * tall)))
    out = []
    for start, stop in pairwise(np.linspace(0, band.shape[1], count + 1).astype(int).tolist()):
        profile = np.median(band[:, start:stop], axis=1)
        near = slice(max(0, middle - 1), middle + 2)
        peak = near.start + int(profile[near].argmax())
        base = float(profile.min())
        if profile[peak] - base < SEEN:
            continue
        half = base + 0.5 * (profile[peak] - base)
        above = below = peak
        while above > 0 and profile[above - 1] > half:
            above -= 1
        while below < len(profile) - 1 and profile[below + 1] > half:
            below += 1
        out.append((low + above, low + below + 1, low + peak, slice(first + start, first + stop)))
    usual = float(np.median([below - above for above, below, _, _ in out])) if out else 0.0
    if usual > max(4, THICKEST * tall):
        return []
    half = (usual - 1) / 2
    return [
        (
            slice(above, below)
            if below - above <= usual + 1
            else slice(max(0, round(peak - half)), round(peak + half) + 1),
            columns,
        )
        for above, below, peak, columns in out
    ]


def cut_cells(row: Row) -> list[Cell]:
    """The ink of each cell of a row: whole strokes, as far as they belong to one."""
    ink, cells = row.ink, row.cells
    tall, count = cells[0][3] - cells[0][1], len(cells)
    labels, found = ndimage.label(ink >= WEAK, structure=EIGHT)
    edges = [-np.inf, *((a[2] + b[0]) / 2 for a, b in pairwise(cells)), np.inf]
    (left, top), (right, bottom), slack = cells[0][:2], cells[-1][2:], 0.06 * tall
    across, down = np.arange(ink.shape[1]) + 0.5, np.arange(ink.shape[0]) + 0.5
    columns = np.searchsorted(edges, across, side="right") - 1
    columns[(across < left - slack) | (across > right + slack)] = count
    owner = np.where(((down > top - slack) & (down < bottom + slack))[:, None], columns[None, :], count)
    sums = np.bincount((labels * (count + 1) + owner).ravel(), ink.ravel(), (found + 1) * (count + 1))
    sums = sums.reshape(found + 1, count + 1)
    shares = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1)
    strong = ndimage.maximum(ink, labels, np.arange(found + 1)) >= STRONG
    to = np.full((found + 1, count + 1), -1)  # of a component's ink in a cell: the cell it goes to
    strays = np.zeros(count, bool)
    for number, (rows, span) in enumerate(ndimage.find_objects(labels), start=1):
        share = shares[number]
        if not strong[number] or share[-1] > FOREIGN:
            continue
        main = int(share[:-1].argmax())
        if share[main] + share[-1] >= WHOLE:
            to[number] = main
        else:
            to[number] = np.append(np.where(share[:-1] > 0.05, np.arange(count), main), main)
        if max(rows.stop - rows.start, span.stop - span.start) > SPECK * tall and 1 - share[main] > STRAYED:
            strays[[*np.flatnonzero(share[:-1] > STRAYED), main]] = True
    target = to[labels, owner]
    return [
        _cell(np.where(target == n, ink, 0).astype(np.uint8), tall, bool(strays[n])) for n in range(count)
    ]


def _cell(ink: Grey, tall: float, strays: bool) -> Cell:
    """A cell with some ink, crumbs left out."""
    labels, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    boxes = ndimage.find_objects(labels)
    sizes = [max(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in boxes]
    if not count or max(sizes) < SPECK * tall:
        return Cell(None)
    keep = [number for number in range(1, count + 1) if sizes[number - 1] >= CRUMB * tall]
    whole = np.isin(labels, keep)
    own = np.where(whole | (ndimage.binary_dilation(whole, EIGHT) & (labels == 0)), ink, 0).astype(np.uint8)
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    groups: list[tuple[int, list[int]]] = []
    for number in sorted(keep, key=lambda number: boxes[number - 1][1].start):
        span = boxes[number - 1][1]
        if groups and span.start < groups[-1][0] + APART * tall:
            groups[-1] = max(span.stop, groups[-1][0]), [*groups[-1][1], number]
        else:
            groups.append((span.stop, [number]))
    high = [group for _, group in groups if max(sizes[number - 1] for number in group) >= HIGH * tall]
    parts = (
        [np.where(np.isin(labels, group), ink, 0).astype(np.uint8) for group in high] if len(high) > 1 else []
    )
    box = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
    return Cell(own, box, parts, strays, float(own.sum()) / 255 / max(1.0, stroke_width(own)) / tall)
