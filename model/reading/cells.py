"""The ink in each cell of a row, without outlines and with strokes kept whole, and the digit it shows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from PIL import Image
from scipy import ndimage

from model.ink import FIELD_SIDE
from model.ink.components import STRONG, WEAK
from model.ink.frame import frame
from model.ink.morphology import EIGHT, Mask
from model.ink.paper import ink_map
from model.ink.polarity import Grey, Real, averaged
from model.reading.lattice import Network

Bounds = tuple[float, float, float, float]
"""left, top, right, bottom (pixels)."""
Answer = tuple[list[float], float]
"""Ten probabilities, and the digit score."""

PAPER_SIDE = 96
"""The paper's brightness is estimated on the picture reduced to this longer side (pixels)."""
ACCEPT = 0.5
"""Ink with a digit score above this counts as a digit."""
LEAST_CONTRAST, LEAST_SNR = 16.0, 7.0
"""The least contrast of ink: in levels (paper is 255), and in standard deviations of the paper's noise."""
REACH, PIECE, SEEN = 0.09, 0.6, 0.03
"""An outline's greatest shift, the length of the pieces sought (cell heights), and its least darkness."""
LEFT, NEAR, THICK = 0.7, 1 / 16, 0.06
"""Ink belongs to the outlines if more than this share of it lies this near them, unless it is at least this
deep and as large as HIGH (cell heights): a large 0 lies along the outlines."""
SPECK, CRUMB = 0.22, 0.06
"""Ink smaller than the first (cell heights) is no digit; smaller than the second, it is no part of one."""
WHOLE, STRAYED, FOREIGN = 0.7, 0.2, 0.6
"""The share of a stroke inside its cell to stay whole, outside it to stray, outside all to be dropped."""
APART, HIGH = 0.04, 0.35
"""Groups this far apart, and this high or large (cell heights), may be separate digits."""


@dataclass(slots=True)
class Cell:
    """What is in one cell."""

    ink: Grey | None
    """(H, W), as large as the picture of the row; None for an empty cell."""
    box: Bounds = (0.0, 0.0, 0.0, 0.0)
    """Around the ink: x, y, width, height."""
    parts: list[Grey] = field(default_factory=list)
    """The groups of ink that stand side by side, each by itself; empty if there is only one."""
    several: bool = False
    """Whether more than one of `parts` looks like a digit."""
    strays: bool = False
    """Whether a stroke reaches far out of this cell, or into it from another."""


def flattened(grey: Grey) -> Grey:
    """Even out the light of a picture (H, W): its paper becomes 255.

    The ink must be dark, and no ink wider than a quarter of the picture's longer side.
    """
    paper = ndimage.grey_closing(averaged(grey, PAPER_SIDE), (PAPER_SIDE // 4,) * 2, mode="nearest")
    level = Image.fromarray(np.maximum(paper, 16)).resize(grey.shape[::-1], Image.Resampling.BILINEAR)
    return np.asarray(np.minimum(grey * np.float32(255) / np.asarray(level), 255), np.uint8)


def missing(flat: Grey) -> Real:
    """(H, W): the share of the paper's brightness that is missing, 0 to 1; the paper is 255."""
    return np.asarray(1 - flat / np.float32(255), np.float32)


def row_of(grey: Grey, cells: Sequence[Bounds]) -> Grey:
    """The ink (H, W) in a row of cells, without their outlines; the pen is dark, and the paper is 255."""
    share = missing(grey)
    outlines, zone = _outlines(share, cells)
    paper = np.uint8(round(float(np.quantile(grey, 0.6))))
    found = ink_map(np.where(outlines, paper, grey), dark=True, surface=False)
    if found is None or found.contrast < max(LEAST_CONTRAST, LEAST_SNR * found.noise):
        return np.zeros(grey.shape, np.uint8)
    labels, count = ndimage.label(found.ink >= WEAK, structure=EIGHT)
    numbers, tall = np.arange(count + 1), cells[0][3] - cells[0][1]
    sides = [0, *(min(labels[place].shape) for place in ndimage.find_objects(labels))]
    depths = ndimage.maximum(ndimage.distance_transform_edt(labels), labels, numbers)
    digits = (depths >= THICK * tall) & (np.array(sides) >= HIGH * tall)
    theirs = (ndimage.mean(zone, labels, numbers) > LEFT) & ~digits
    return np.where(theirs[labels] & (labels > 0), 0, found.ink).astype(np.uint8)


def _outlines(share: Real, cells: Sequence[Bounds]) -> tuple[Mask, Mask]:
    """Masks (H, W) of the cells' outlines, except where strokes cross, and of all pixels near outlines."""
    tall = cells[0][3] - cells[0][1]
    gap = min((b[0] - a[2] for a, b in pairwise(cells)), default=0.0)
    reach = max(2, round(REACH * tall))
    narrow = max(2, min(reach, int(gap / 2))) if gap > 1.5 else reach
    # For each outline: whether it is upright, where it should be, and where it starts and stops.
    edges = [(True, x, cells[0][1], cells[0][3]) for x in {x for cell in cells for x in (cell[0], cell[2])}]
    edges += [(False, y, left, right) for left, top, right, foot in cells for y in (top, foot)]
    found = []
    for upright, at, start, stop in edges:
        ends = np.linspace(start, stop, 1 + max(1, round((stop - start) / (PIECE * tall)))).tolist()
        for span in pairwise(ends):
            place = _line(share.T if upright else share, at, span, narrow if upright else reach)
            if place is not None:
                found.append((upright, at, *place))
    # Walls between two cells are often thicker than the lines above and below them.
    thick = [[rows.stop - rows.start for side, _, rows, _ in found if side == way] for way in (False, True)]
    usual = [round(float(np.median(each or [0]))) for each in thick]
    usually = [(y.start + y.stop) / 2 - at for way, at, y, _ in found if y.stop - y.start <= usual[way]]
    shift = float(np.median(usually or [0]))
    without, out = share.copy(), np.zeros(share.shape, bool)
    bands = list[tuple[Real, Real, Mask, slice, slice]]()
    for upright, at, rows, columns in found:
        low = max(0, round(at + shift - usual[upright] / 2))
        # Where an outline is thicker than usual, a stroke lies on it.
        thin = rows if rows.stop - rows.start <= usual[upright] + 1 else slice(low, low + usual[upright])
        seen = (share.T, without.T, out.T) if upright else (share, without, out)
        seen[1][thin, columns] = 0
        bands.append((*seen, thin, columns))
    for lines, others, mark, rows, columns in bands:
        dark = float(np.median(lines[rows, columns]))
        # Where there is ink close by on either side, a stroke crosses the line or lies on it.
        sides = (slice(max(0, rows.start - 2), rows.start), slice(rows.stop, rows.stop + 2))
        near = [others[side, columns].min(axis=0, initial=1) > max(0.5 * dark, 0.08) for side in sides]
        mark[rows, columns] |= ~(near[0] | near[1])
        for row in (rows.start - 1, min(rows.stop, len(lines) - 1)):  # the faint rim goes with it
            mark[row, columns] |= lines[row, columns] < 0.6 * dark
    return out, ndimage.binary_dilation(without != share, EIGHT, iterations=max(2, round(NEAR * tall)))


def _line(share: Real, at: float, span: tuple[float, float], reach: int) -> tuple[slice, slice] | None:
    """Rows and columns of a level line near the row `at`, between two columns; None if it is not seen."""
    low, columns = max(0, round(at) - reach), slice(max(0, round(span[0]) - 1), round(span[1]) + 2)
    band = share[low : round(at) + reach + 1, columns]
    if min(band.shape) < 3:
        return None
    profile = np.median(band, axis=1)
    away = np.abs(np.arange(len(band)) + low - at) / reach
    peak = int((profile - SEEN * away).argmax())
    if profile[peak] - profile.min() < SEEN:
        return None
    pale = np.flatnonzero(profile <= (profile[peak] + profile.min()) / 2)
    above, below = pale[pale < peak].max(initial=-1) + 1, pale[pale > peak].min(initial=len(band))
    return slice(low + int(above), low + int(below)), columns


def cut_cells(ink: Grey, cells: Sequence[Bounds]) -> list[Cell]:
    """Split the ink (H, W) of a row into cells; a stroke stays whole unless other cells hold much of it."""
    tall, count = cells[0][3] - cells[0][1], len(cells)
    labels, found = ndimage.label(ink >= WEAK, structure=EIGHT)
    edges = [(a[2] + b[0]) / 2 for a, b in pairwise(cells)]
    slack = np.array([-1, -1, 1, 1]) * 0.06 * tall
    left, top, right, foot = np.array([*cells[0][:2], *cells[-1][2:]]) + slack
    across, down = np.arange(ink.shape[1]) + 0.5, np.arange(ink.shape[0])[:, None] + 0.5
    inside = (across > left) & (across < right) & (down > top) & (down < foot)
    owner = np.where(inside, np.searchsorted(edges, across, side="right"), count)  # count: no cell
    sums = np.bincount((labels * (count + 1) + owner).ravel(), ink.ravel(), (found + 1) * (count + 1))
    shares = sums.reshape(found + 1, count + 1)
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1)
    main, inner = shares[:, :-1].argmax(axis=1), shares[:, :-1].max(axis=1)
    kept = (ndimage.maximum(ink, labels, np.arange(found + 1)) >= STRONG) & (shares[:, -1] <= FOREIGN)
    parted = (1 - shares[:, -1] - inner > 1 - WHOLE)[labels] & (owner < count)
    target = np.where(kept[labels] & (labels > 0), np.where(parted, owner, main[labels]), -1)
    sizes = np.array([0, *(max(labels[place].shape) for place in ndimage.find_objects(labels))])
    far = kept & (sizes > SPECK * tall) & (1 - inner > STRAYED)
    strays = ((shares[:, :-1] > STRAYED) | (main[:, None] == np.arange(count)))[far].any(axis=0)
    inks = [np.where(target == n, ink, np.uint8(0)) for n in range(count)]
    return [_cell(own, tall, bool(stray)) for own, stray in zip(inks, strays, strict=True)]


def _cell(ink: Grey, tall: float, strays: bool) -> Cell:
    """The cell with this ink, crumbs left out; an empty cell if there are only specks."""
    labels, _ = ndimage.label(ink >= WEAK, structure=EIGHT)
    sizes = np.array([0, *(max(labels[box].shape) for box in ndimage.find_objects(labels))])
    if sizes.max() < SPECK * tall:
        return Cell(None)
    whole = (sizes >= CRUMB * tall)[labels]
    own = np.where(whole | (ndimage.binary_dilation(whole, EIGHT) & (labels == 0)), ink, 0).astype(np.uint8)
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    box = (float(columns[0]), float(rows[0]), float(np.ptp(columns) + 1), float(np.ptp(rows) + 1))
    # Groups that are high enough, and have paper from top to bottom between them.
    parts = np.split(own, columns[1:][np.diff(columns) > APART * tall], axis=1)
    high = [part for part in parts if np.ptp(np.flatnonzero(part.any(axis=1))) >= HIGH * tall]
    return Cell(own, box, high if len(high) > 1 else [], strays=strays)


def score_cells(rows: Sequence[Sequence[Cell]], network: Network) -> list[list[Answer | None]]:
    """Score the cells of rows in one batch, and set their `several`. The answer of an empty cell is None."""
    filled = [cell for cells in rows for cell in cells if cell.ink is not None]
    inks = [ink for cell in filled for ink in (cell.ink, *cell.parts) if ink is not None]
    fields = [np.zeros((0, FIELD_SIDE, FIELD_SIDE), np.uint8), *(frame(ink)[None] for ink in inks)]
    scores = network.score(np.concatenate(fields))
    told = iter(list(zip(scores.probabilities.tolist(), scores.digit_score.tolist(), strict=True)))
    answers: list[list[Answer | None]] = []
    for cells in rows:
        answers.append([])
        for cell in cells:
            answers[-1].append(None if cell.ink is None else next(told))
            cell.several = sum(next(told)[1] > ACCEPT for _ in cell.parts) > 1
    return answers


def best_text(answers: Sequence[Answer], sure: float = 1.0) -> tuple[str, float, list[tuple[str, float]]]:
    """The text of some answers, its probability, and up to four other texts with theirs, likeliest first.

    Another text has the second-best digit in one place. `sure` is the probability that nothing else is there.
    """
    order = [sorted(range(10), key=shares.__getitem__) for shares, _ in answers]
    best = "".join(str(digits[-1]) for digits in order)
    sure *= math.prod(max(shares) * score for shares, score in answers)
    found = [
        (f"{best[:place]}{digits[-2]}{best[place + 1 :]}", sure * shares[digits[-2]] / max(shares))
        for place, (digits, (shares, _)) in enumerate(zip(order, answers, strict=True))
    ]
    return best, sure, sorted((each for each in found if each[1] >= 0.001), key=lambda each: -each[1])[:4]
