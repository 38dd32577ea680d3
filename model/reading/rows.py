"""One row of cells: where a picture has the boxes of a comb, and what is written in them."""

from itertools import product

import numpy as np
from PIL import Image
from scipy import ndimage

from model.geometry import SQUARE
from model.ink.components import WEAK
from model.ink.frame import frame
from model.ink.morphology import EIGHT, Mask
from model.ink.polarity import Grey, Real
from model.ink.views import long_runs
from model.reading.cells import HIGH, SEEN, Answer, Bounds, cut_cells, flattened, missing, row_of, score_cells
from model.reading.lattice import Network, Numbers
from model.reading.lattice import Real as Floats

STRIPS, LEAST_DIP, THROUGH = 60, 4, 0.6
"""A line is sought in this many columns; it is this much darker (levels), in this share of those with ink."""
LEAST_SIDE = 10
"""A box narrower or lower than this (pixels) is no cell."""
ANGLES = np.arange(-6, 6.1, 0.25)
"""The angles by which a row may be turned (degrees)."""
WALL, LEAST_SURE, AWAY = 0.75, 2.2, 0.5
"""A wall has ink over more than this share of its height. A row gains each cell's score less the second:
a wall scores up to 1, less the third where it is farthest from its place, and each of the lines up to 1."""
FAINTER, LEAST_TALL, MOST_PLACES, MOST_LINES = 1.1, 0.5, 60, 12
"""A row in fainter ink must score this many times as much. A row is at least this share of all ink's height.
At most this many places of walls are tried; more lines than the last are a page of rows."""
ABOUT, MOST_BESIDE = 0.7, 12
"""Cells take up more than this share of the ink's width; at most this many signs beside them are scored."""


def find_cells(share: Real) -> list[Bounds]:
    """The cells of a comb, or boxes side by side, in a picture of one line; none if there are fewer than two.

    `share` (H, W) is how much of the paper's brightness is missing, 0 to 1; lines must be level. Ink is
    searched from strong to faint for the row whose outlines are seen best.
    """
    most, best = 0.0, list[Bounds]()
    grain = float(np.median(np.abs(np.diff(share[::2, ::2], axis=1))))
    strongest = float(np.quantile(share, 0.99))
    for least in (0.5 * strongest, 0.25 * strongest, 0.12 * strongest, SEEN):
        if least < max(1.3 * SEEN, 3 * grain):
            break
        mask = share > least
        # The ink that runs on from side to side.
        level = _level(mask, max(10, round(0.2 * len(mask))))
        inked, columns = (np.flatnonzero(mask.sum(axis=axis) > 1) for axis in (1, 0))
        if not len(inked) or not len(columns):
            continue
        runs, _ = ndimage.label(level.sum(axis=1) > 0.3 * share.shape[1])
        lines = [(run.start + run.stop - 1) // 2 for (run,) in ndimage.find_objects(runs)]
        for foot, top in product(lines, [*lines, int(inked[0])]) if len(lines) <= MOST_LINES else ():
            if foot - top > max(LEAST_SIDE, LEAST_TALL * np.ptp(inked)):
                sure, cells = _between(mask, level, top, foot, teeth=top not in lines)
                if len(cells) > 1 and cells[-1][2] - cells[0][0] > ABOUT * np.ptp(columns):
                    most, best = (sure, cells) if sure > FAINTER * most else (most, best)
    return best


def _level(mask: Mask, length: int) -> Mask:
    """The level runs of at least `length` pixels in a mask (H, W) grown by one pixel up and down."""
    return long_runs(ndimage.maximum_filter1d(mask, 3, axis=0), length)


def _between(mask: Mask, level: Mask, top: int, foot: int, *, teeth: bool) -> tuple[float, list[Bounds]]:
    """The score of the best row of cells between two level lines, and its cells.

    With `teeth`, it is a comb on the line at `foot`, with no line above. Cells are equally wide and spaced.
    """
    tall = foot - top
    ends = (foot,) if teeth else (foot, top)
    line = np.mean([level[max(0, end - 2) : end + 3].any(axis=0) for end in ends], axis=0)
    high = slice(foot - max(3, tall // 4) if teeth else top + 3, foot - 2)
    seen = mask[high].mean(axis=0)
    wall = np.clip((seen - WALL) / (1 - WALL), -1, 1)
    lined: Floats = np.append(0.0, np.cumsum(2 * line - 1))
    # Any two walls, with a third where the next cell may begin, propose a row.
    runs = ndimage.find_objects(ndimage.label(wall > -1)[0])[:MOST_PLACES]
    walls = np.array([(run.start + run.stop - 1) / 2 for (run,) in runs])
    widths: Floats = walls - walls[:, None]
    first, second = np.nonzero((widths >= max(0.35 * tall, LEAST_SIDE)) & (widths < 2.5 * tall))
    steps = widths[first] / widths[first, second][:, None]
    pair, third = np.nonzero((steps >= 1) & (steps < 1.8))
    left, wide, step = walls[first[pair]], widths[first, second][pair], widths[first[pair], third]
    if not len(left):
        return 0.0, []
    near = max(2, round(0.07 * tall))
    around = np.lib.stride_tricks.sliding_window_view(np.pad(wall, near, constant_values=-1), 2 * near + 1)
    around = around - AWAY * (np.arange(-near, near + 1) / near) ** 2
    nearest, highest = np.arange(len(wall)) - near + around.argmax(axis=1), around.max(axis=1)

    def between(start: Numbers, stop: Numbers) -> Floats:
        """The share of the columns from `start` to `stop` that have lines, scaled to -1 to 1."""
        return np.asarray((lined[stop] - lined[start]) / np.maximum(stop - start, 1))

    def onward(way: int) -> tuple[Floats, Numbers]:
        """The score of the first 0, 1, 2, ... cells to one side of each row, and the walls of each cell."""
        place, totals, cells = left - step * (way < 0), [np.zeros(len(left))], [np.zeros((2, len(left)), int)]
        while (there := (place >= 0) & (place + wide < len(wall))).any():
            ends = np.rint(np.clip([place, place + wide], 0, len(wall) - 1)).astype(np.int64)
            start, stop = nearest[ends]
            beyond = np.clip(np.rint(place + step).astype(np.int64), stop, len(wall) - 1)
            lines = (2 - teeth) * between(start, stop) - np.maximum(between(stop, beyond), 0)
            cell = highest[ends].sum(axis=0) + lines - LEAST_SURE
            totals.append(np.where(there, totals[-1] + cell, -np.inf))
            cells.append(np.stack([start, stop]))
            place = (start + stop - wide) / 2 + way * step
        return np.array(totals), np.array(cells)

    (right_totals, right_cells), (left_totals, left_cells) = onward(1), onward(-1)
    best = int((right_totals.max(axis=0) + left_totals.max(axis=0)).argmax())
    count, others = int(right_totals[:, best].argmax()), int(left_totals[:, best].argmax())
    spans = [*left_cells[others:0:-1, :, best].tolist(), *right_cells[1 : count + 1, :, best].tolist()]
    cells = [(float(start), float(top), float(stop), float(foot)) for start, stop in spans]
    return float(right_totals[count, best] + left_totals[others, best]), cells


def _tilt(grey: Grey) -> float | None:
    """The angle (degrees, clockwise) of a thin line through most of the ink in a picture (H, W).

    None if there is no such line. It is sought in the picture averaged to a few columns.
    """
    few = np.asarray(Image.fromarray(grey).resize((STRIPS, len(grey)), Image.Resampling.BOX), np.int16)
    away = max(4, round(0.06 * len(grey)))
    around = np.pad(few, ((away, away), (0, 0)), mode="edge")
    thin = np.minimum(around[: -2 * away], around[2 * away :]) - few > LEAST_DIP
    y, x = np.nonzero(ndimage.maximum_filter1d(thin, 2, axis=0))
    rows = y - np.outer(np.tan(np.radians(ANGLES)), x) * grey.shape[1] / STRIPS
    counts = [np.bincount(row).max(initial=0) for row in (rows - rows.min(initial=0)).astype(int)]
    through = max(counts) >= THROUGH * max(np.ptp(x) + 1 if len(x) else 0, STRIPS // 3)
    return float(ANGLES[np.equal(counts, max(counts))].mean()) if through else None


def read_row(grey: Grey, network: Network) -> tuple[list[tuple[Answer, Bounds]], float] | None:
    """Read a picture (H, W) of one row of cells: answers and bounds of the filled ones; None if it is no row.

    Also gives the probability that no digit stands outside the cells. The ink must be dark. Cells may adjoin
    or stand apart, and strokes may cross their outlines.
    """
    if min(grey.shape) < LEAST_SIDE or (angle := _tilt(grey)) is None:
        return None
    flat = Image.fromarray(flattened(grey))
    level = np.asarray(flat.rotate(angle, Image.Resampling.BILINEAR, expand=True, fillcolor=255))
    if not (cells := find_cells(missing(level))):
        return None
    ink = row_of(level, cells)
    found = cut_cells(ink, cells)
    (answers,) = score_cells([found], network)
    filled = [(answer, cell) for answer, cell in zip(answers, found, strict=True) if answer is not None]
    held = np.sum([cell.ink for cell in found if cell.ink is not None] or [0 * ink], axis=0)
    # Ink outside the cells that is high enough to be a digit.
    labels, _ = ndimage.label((ink >= WEAK) & (held == 0), EIGHT)
    high = HIGH * (cells[0][3] - cells[0][1])
    places = enumerate(ndimage.find_objects(labels), start=1)
    parts = [np.where(labels[place] == number, ink[place], np.uint8(0)) for number, place in places]
    beside = [frame(part) for part in sorted(parts, key=np.size)[: -1 - MOST_BESIDE : -1] if len(part) > high]
    alone = float(np.prod(1 - network.score(np.array(beside)).digit_score)) if beside else 1.0
    (middle, centre), turn = np.array([grey.shape[::-1], level.shape[::-1]]) / 2, np.radians(angle)
    back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    out = []
    for answer, cell in filled:
        ends = (cell.box[:2] + SQUARE * cell.box[2:] - centre) @ back + middle
        out.append((answer, (*ends.min(axis=0).tolist(), *ends.max(axis=0).tolist())))
    return out, alone
