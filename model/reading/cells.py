"""Cells: the ink in each box of a comb, the printed outlines taken out and strokes kept whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink import FIELD_SIDE
from model.ink.components import STRONG, WEAK
from model.ink.frame import frame, stroke_width
from model.ink.morphology import EIGHT
from model.ink.paper import ink_map
from model.ink.polarity import averaged
from model.ink.views import long_runs
from model.reading.network import Network

Grey = NDArray[np.uint8]
Real = NDArray[np.float32]
Mask = NDArray[np.bool_]
Bounds = tuple[float, float, float, float]
"""left, top, right, bottom (pixels)."""

Answer = tuple[list[float], float]
"""Ten probabilities, and the digit score."""

STRIPS, LEAST_DIP, THROUGH = 60, 4, 0.6
"""In so many columns lines are looked for; so many levels darker, in so much of the inked columns."""
MOST_WALLS, MOST_LEVEL = 0.4, 0.25
"""Walls, and a pixel on either side of each, take up so much of a row of cells; level strokes so much."""
TILTS = 0.0, -0.5, 0.5, -1.0, 1.0, -1.5, 1.5, -2.0, 2.0, -3.0, 3.0, -4.0, 4.0
"""How lines may be turned (degrees)."""
PAPER_SIDE = 96
"""The longer side (pixels) of the picture on which the paper's brightness is followed."""
ACCEPT, SIDED = 0.5, 0.8
"""The digit score from which ink is a digit; and where a side of the outline is taken to be part of it."""
LEAST_CONTRAST, LEAST_SNR = 16.0, 7.0
"""By so many levels, of paper at 255, and standard deviations of its noise, ink differs from it at least."""
NEAR = 0.09
"""A printed line is no farther than this (cell heights) from where it is expected."""
STRETCH = 0.3
"""It is looked for in pieces so long (cell heights), each for itself: it may be worn, or a comb's tooth."""
THICKEST = 0.15
"""It is no thicker than this (cell heights; 6 pixels in any case)."""
ABOUT = 0.7
"""Cells take up at least this share of the width and height of all ink, and hold it of what is no outline."""
CLOSE = 0.2
"""Boxes nearer to each other than this (cell heights) have lines that look like one."""
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
    several: bool = False
    """Whether more than one of them looks like a digit."""
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
    top, foot = cells[0][1], cells[0][3]
    runs = [(cells[0][0], cells[-1][2])] if gap < 2 else [(left, right) for left, _, right, _ in cells]
    bands = [
        (*place, True)
        for span in runs
        for level in (top, foot)
        for place in _line(share, level, span, reach, tall)
    ]
    narrow = max(2, min(reach, int(gap / 2))) if gap > 1.5 else reach
    for upright in sorted({round(x, 1) for left, _, right, _ in cells for x in (left, right)}):
        found = _line(share.T, upright, (top, foot), narrow, tall)
        bands += [(rows, columns, False) for columns, rows in found]
    # Where boxes stand close, the rim of a line is no stroke beside its neighbour.
    rim = int(0.5 < gap < CLOSE * tall)
    without = share.copy()
    for rows, columns, level in bands:
        if level:
            without[rows, columns] = 0
        else:
            without[rows, max(0, columns.start - rim) : columns.stop + rim] = 0
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
    if usual > max(6, THICKEST * tall):
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
    return Cell(
        own, box, parts, strays=strays, length=float(own.sum()) / 255 / max(1.0, stroke_width(own)) / tall
    )


# Where cells are


def find_cells(share: Real) -> list[Bounds]:
    """The cells of a comb, or boxes side by side, in a picture of one line; none if there are fewer than two.

    `share` (H, W) is how much of the paper's brightness is missing, 0 to 1; lines are level. Ink is looked at
    from strong to faint, and the highest cells first: between two level lines, or on one as a comb's teeth.
    """
    grain = 1.4826 / 2**0.5 * float(np.median(np.abs(np.diff(share[::2, ::2], axis=1))))
    faintest, strongest = max(1.3 * SEEN, 5 * grain), float(np.quantile(share[::2, ::2], 0.99))
    levels = [part * strongest for part in (0.5, 0.25, 0.12) if part * strongest > faintest]
    seen = []
    for least in (*levels, faintest):
        mask, level = _level(share, least)
        inked = np.flatnonzero(mask.sum(axis=1) > 1)
        rows = _middles(level.sum(axis=1) > 0.3 * share.shape[1])
        seen.append((mask, level, rows, inked))
    for teeth in (False, True):
        for mask, level, rows, inked in seen:
            for foot in reversed(rows):
                for top in [int(inked[0])] if teeth else rows:
                    if foot - top > max(10, ABOUT * (inked[-1] - inked[0])):
                        cells = _between(mask, level, top, foot, teeth)
                        if len(cells) > 1 and _hold(mask, cells):
                            return cells
    return []


def _level(share: Real, least: float) -> tuple[Mask, Mask]:
    """What is ink (H, W), and what of it runs on from side to side."""
    mask = share > least
    return mask, long_runs(ndimage.maximum_filter1d(mask, 3, axis=0), max(10, round(0.2 * len(share))))


def _middles(mask: Mask) -> list[int]:
    """The middle of each run in a row of pixels."""
    return [(span.start + span.stop - 1) // 2 for (span,) in ndimage.find_objects(ndimage.label(mask)[0])]


def _hold(mask: Mask, cells: Sequence[Bounds]) -> bool:
    """Whether cells are what the ink (H, W) is about: it lies within, and their outlines are thin lines."""
    columns = np.flatnonzero(mask.sum(axis=0) > 1)
    left, top, right, foot = round(cells[0][0]), round(cells[0][1]), round(cells[-1][2]), round(cells[0][3])
    within = right - left > ABOUT * (columns[-1] - columns[0])
    inner = mask[top : foot + 1, left : right + 1]
    deep = max(3, round(THICKEST * (foot - top)) + 1)
    return bool(
        within and len(inner) > 2 * deep and inner[[deep, -1 - deep]].mean() < 0.4 and inner.mean() < 0.4
    )


def _between(mask: Mask, level: Mask, top: int, foot: int, teeth: bool) -> list[Bounds]:
    """The cells between two level lines; or of a comb with `teeth` on the one at `foot`, and none above.

    Their walls stand at even distances, from one line to the other.
    """
    tall = foot - top
    line = level[max(0, foot - 2) : foot + 3].any(axis=0)
    if not teeth:
        line &= level[max(0, top - 2) : top + 3].any(axis=0)
    high = slice(foot - max(3, tall // 4), foot - 1) if teeth else slice(top + 3, foot - 2)
    walls = ndimage.maximum_filter1d(mask[high], 3, axis=1).mean(axis=0) > 0.85
    if walls.mean() > MOST_WALLS or level[high].mean() > MOST_LEVEL:
        return []  # it is the paper's grain
    slack = max(3, round(0.06 * tall))
    labels, _ = ndimage.label(ndimage.binary_closing(np.asarray(line), np.ones(slack, bool)))
    spans = [(span.start, span.stop - 1) for (span,) in ndimage.find_objects(labels)]
    spans = [(start, stop) for start, stop in spans if stop - start > 0.3 * tall]
    # Several that are no wider than a digit are a box each: a stroke in the middle does not divide them.
    apart = len(spans) > 1 and max(stop - start for start, stop in spans) < 1.5 * tall
    cells: list[Bounds] = []
    for start, stop in spans:
        for count in range(1 if apart else int((stop - start) / (0.35 * tall)), 2 * teeth, -1):
            ends = np.linspace(start, stop, count + 1)
            away = np.full(count + 1, max(2, round(0.07 * (stop - start) / count)))
            away[[0, -1]] = slack
            near = [walls[max(0, round(e) - a) : round(e) + a + 1] for e, a in zip(ends, away, strict=True)]
            met = [part.any() for part in near]
            if (
                met[0]
                and met[-1]
                and sum(met[1:-1]) >= 0.8 * (count - 1)
                and stop - start < 2.5 * tall * count
            ):
                # Between two boxes that touch there are two lines.
                twice = [_middles(part) for part in near[1:-1] if part.any()]
                gap = float(np.median([each[-1] - each[0] for each in twice])) / 2 if twice else 0.0
                lefts, rights = ends[:-1] + gap, ends[1:] - gap
                lefts[0], rights[-1] = start, stop
                cells += [
                    (a, float(top), b, float(foot))
                    for a, b in zip(lefts.tolist(), rights.tolist(), strict=True)
                ]
                break
    widths = [right - left for left, _, right, _ in cells]
    return cells if cells and max(widths) < 1.35 * min(widths) else []


def brightness_missing(grey: Grey) -> tuple[Real, Grey]:
    """How much of the paper's brightness is missing, 0 to 1 (H, W), and the paper's (h, w), coarse.

    The ink is dark, and nothing wider than a quarter of the picture's longer side.
    """
    paper = ndimage.grey_closing(averaged(grey, PAPER_SIDE), (PAPER_SIDE // 4,) * 2, mode="nearest")
    size = (grey.shape[1], grey.shape[0])
    level = np.asarray(Image.fromarray(paper).resize(size, Image.Resampling.BILINEAR), np.float32)
    return np.clip(1 - grey / np.maximum(level, 16), 0, 1).astype(np.float32), paper


def skew(mask: Mask, *, upright: bool = True) -> float:
    """By what angle (radians, clockwise) lines in (H, W) are turned: the one with the sharpest profiles.

    Of level lines alone if not `upright`.
    """
    y, x = np.nonzero(mask)
    if not len(x):
        return 0.0
    chosen = slice(None, None, max(1, len(x) // 4000))
    y, x = y[chosen].astype(np.float64), x[chosen].astype(np.float64)
    angles = np.radians(np.arange(-6, 6.01, 0.4))
    sharp = []
    for angle in angles:
        places = [y * np.cos(angle) - x * np.sin(angle), x * np.cos(angle) + y * np.sin(angle)]
        counts = [np.bincount((place - place.min()).astype(np.int64)) for place in places[: 1 + upright]]
        sharp.append(sum(float((count.astype(np.float64) ** 2).sum()) for count in counts))
    return float(angles[int(np.argmax(sharp))])


# What cells say


def score_cells(rows: Sequence[tuple[Row, Sequence[Cell]]], network: Network) -> list[list[Answer | None]]:
    """The answer for each cell of some rows; None for an empty one. The network sees all of them together."""
    filled = [(row, cell) for row, cells in rows for cell in cells if cell.ink is not None]
    scores = _scored([cell.ink for _, cell in filled], network)
    others = [
        (place, ink)
        for place, (row, cell) in enumerate(filled)
        if scores[place][1] < ACCEPT
        for ink in row.with_sides(cell)
    ]
    for (place, _), seen in zip(others, _scored([ink for _, ink in others], network), strict=True):
        if seen[1] > max(SIDED, scores[place][1]):
            scores[place] = seen
    parts = iter(_scored([part for _, cell in filled for part in cell.parts], network))
    for _, cell in filled:
        cell.several = sum(next(parts)[1] > ACCEPT for _ in cell.parts) > 1
    answers = iter(scores)
    return [[None if cell.ink is None else next(answers) for cell in cells] for _, cells in rows]


def _scored(inks: Sequence[Grey | None], network: Network) -> list[Answer]:
    framed = [frame(ink) for ink in inks if ink is not None]
    scores = network.score(np.stack(framed) if framed else np.zeros((0, FIELD_SIDE, FIELD_SIDE), np.uint8))
    return list(zip(scores.probabilities.tolist(), scores.digit_score.tolist(), strict=True))


def _drawn(row: Row) -> float:
    """The share of the cells' lower outlines that is seen, 0 to 1: the line that they stand on, and teeth."""
    reach = max(2, round(NEAR * (row.cells[0][3] - row.cells[0][1])))
    seen: list[float] = []
    for left, top, right, bottom in row.cells:
        foot = row.outlines[
            max(0, round(bottom) - reach) : round(bottom) + reach + 1, round(left) : round(right)
        ]
        seen.append(float(foot.any(axis=0).mean()))
        for x in (round(left), round(right)):
            rows = slice(round(bottom - max(2.0, (bottom - top) / 3)), round(bottom))
            side = row.outlines[rows, max(0, x - reach) : x + reach + 1]
            seen.append(float(side.any(axis=1).mean()))
    return float(np.mean(seen))


def next_best(digits: Sequence[Sequence[float]], confidence: float) -> list[tuple[str, float]]:
    """The readings in which one digit is the next best one, and how probable they are, the likeliest first.

    `digits` are ten probabilities each, `confidence` is the probability that the best of each is right.
    """
    order = [sorted(range(10), key=shares.__getitem__) for shares in digits]
    text, found = [str(best[-1]) for best in order], []
    for place, (shares, best) in enumerate(zip(digits, order, strict=True)):
        other = "".join([*text[:place], str(best[-2]), *text[place + 1 :]])
        found.append((other, confidence * shares[best[-2]] / max(shares[best[-1]], 1e-9)))
    return sorted((each for each in found if each[1] >= 0.001), key=lambda each: -each[1])[:4]


def _lined(grey: Grey) -> bool:
    """Whether a thin line goes through all that is written in (H, W), level or nearly so.

    The picture is averaged to a few columns. In those that have ink the line is darker than what is above and
    below it, at the same height in each.
    """
    few = np.asarray(Image.fromarray(grey).resize((STRIPS, len(grey)), Image.Resampling.BOX), np.int16)
    away = max(4, round(0.06 * len(grey)))
    padded = np.pad(few, ((away, away), (0, 0)), mode="edge")
    dips = np.minimum(padded[: -2 * away], padded[2 * away :]) - few > LEAST_DIP
    dips = np.pad(ndimage.maximum_filter1d(dips, 3, axis=0), ((away, away), (0, 0)))
    enough = THROUGH * max(int(dips.any(axis=0).sum()), STRIPS // 3)
    across = (np.arange(STRIPS) + 0.5) / STRIPS - 0.5
    rows = np.arange(len(grey))[:, None] + away
    for slope in np.tan(np.radians(TILTS)).tolist():
        at = np.clip(rows + np.rint(across * slope * grey.shape[1]).astype(int), 0, len(dips) - 1)
        if dips.ravel()[at * STRIPS + np.arange(STRIPS)].sum(axis=1).max() >= enough:
            return True
    return False


def read_row(grey: Grey, network: Network) -> list[tuple[Answer, Bounds]] | None:
    """Read a picture (H, W) of one row of cells: what those that are filled say, and where; None of others.

    The ink is dark. Cells are found adjoining or apart, with strokes that cross their outlines or without.
    """
    if not _lined(grey):
        return None
    share, _ = brightness_missing(grey)
    mask, level = _level(share, max(1.3 * SEEN, 0.12 * float(np.quantile(share[::2, ::2], 0.99))))
    angle = np.degrees(skew(mask & level, upright=False))
    if abs(angle) > 0.3:
        share = np.asarray(Image.fromarray(share).rotate(angle, Image.Resampling.BILINEAR), np.float32)
    cells = find_cells(share)
    if not cells:
        return None
    row = row_of(np.asarray(np.rint(255 * (1 - share)), np.uint8), cells)
    found = cut_cells(row)
    (answers,) = score_cells([(row, found)], network)
    filled = [(answer, cell) for answer, cell in zip(answers, found, strict=True) if answer is not None]
    held = sum(float(cell.ink.sum()) for cell in found if cell.ink is not None)
    if held < ABOUT * float(row.ink.sum()) or _drawn(row) < ABOUT:
        return None
    if not filled:
        rest = share[~ndimage.binary_dilation(row.outlines, EIGHT, iterations=2)]
        if float(np.quantile(rest, 0.98)) > 0.5 * float(np.median(share[row.outlines])):
            return None
    if filled and float(np.median([score for (_, score), _ in filled])) < ACCEPT:
        return None  # what looked like cells is none
    middle, turn = np.array(grey.shape[::-1]) / 2, np.radians(angle)
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    out = []
    for answer, cell in filled:
        left, top, right, bottom = cell.box
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) - middle
        ends = (corners @ back.T if abs(angle) > 0.3 else corners) + middle
        out.append((answer, (*ends.min(axis=0).tolist(), *ends.max(axis=0).tolist())))
    return out
