"""A line of ink -> pieces, and the candidates' fields."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.components import STRONG, WEAK
from model.ink.frame import stroke_width
from model.ink.morphology import EIGHT
from model.reading.crossing import SLIVER, SLIVER_INK, Crossings, Inked, crossings, runs_between
from model.reading.framing import frames
from model.reading.lattice import MOST_RUNS, Fields, Pieces, Runs, runs_of
from model.reading.page import Line
from model.reading.seams import Seams, find_seams


@dataclass(frozen=True, slots=True)
class Segmented:
    """A line and its pieces."""

    line: Line
    pieces: Pieces
    numbers: NDArray[np.int64]
    """(H, W): the piece that each pixel belongs to."""
    crossings: Crossings
    """Cuts that cross those between the pieces."""


def segment(line: Line) -> Segmented | None:
    """Cut a line into pieces; None when there is no ink to speak of."""
    ink = line.ink
    if int(ink.max()) < STRONG:
        return None
    stroke = max(1.0, stroke_width(ink))
    seams = find_seams(ink, stroke, line.height)
    height, width = ink.shape
    steps = np.zeros((height, width + 1), np.int64)
    for column in seams.columns[:-1]:
        steps[np.arange(height), column] += 1
    numbers = np.cumsum(steps[:, :width], axis=1) - 1
    count = len(seams.columns) - 1
    labels = np.asarray(ndimage.label(ink >= WEAK, structure=EIGHT)[0], np.int32)
    numbers = _without_slivers(Inked(ink, numbers, labels, count, stroke))
    return _gathered(line, Inked(ink, numbers, labels, count, stroke), seams)


def _without_slivers(line: Inked) -> NDArray[np.int64]:
    """Give back to each component what a cut that passes it by took off its rim."""
    numbers, labels, count, stroke = line.numbers, line.labels, line.count, line.stroke
    found = int(labels.max())
    shares = np.bincount(
        (labels * count + numbers).ravel(), weights=line.ink.ravel(), minlength=(found + 1) * count
    ).reshape(found + 1, count)
    total = shares.sum(axis=1, keepdims=True)
    small = (shares > 0) & (shares < np.minimum(SLIVER * total, 255 * SLIVER_INK * stroke * stroke))
    small[0] = False
    moved = np.tile(np.arange(count), (found + 1, 1))
    for label, piece in np.argwhere(small):
        whole = np.flatnonzero((shares[label] > 0) & ~small[label])
        if len(whole):
            moved[label, piece] = whole[np.argmin(np.abs(whole - piece))]
    return np.asarray(moved[labels, numbers])


def _gathered(line: Line, cut: Inked, seams: Seams) -> Segmented | None:
    """Boxes and so on of the pieces, those without ink left out."""
    ink, numbers, costs, count = cut.ink, cut.numbers, seams.costs, cut.count
    solid = ink >= WEAK
    masses = np.bincount(numbers[solid], weights=ink[solid], minlength=count)
    kept = np.flatnonzero(masses > 255.0)
    if not len(kept):
        return None
    boxes = np.zeros((len(kept), 4))
    for place, found in enumerate(_boxes(numbers, solid, kept)):
        boxes[place] = found
    renumber = np.full(count, -1, np.int64)
    renumber[kept] = np.arange(len(kept))
    # What little ink an empty piece had goes with the piece before it.
    renumber = np.maximum.accumulate(renumber)
    renumber[renumber < 0] = 0
    cuts = np.array([0.0, *(costs[a + 1 : b + 1].min() for a, b in pairwise(kept)), 0.0])
    edges = (boxes[:, 0] <= 1) | (boxes[:, 2] >= ink.shape[1] - 1)
    gathered = Inked(ink, renumber[numbers], cut.labels, len(kept), cut.stroke)
    own = seams.columns[[0, *kept[1:], count]]
    crossed = crossings(gathered, own, seams.others, seams.other_costs)
    pieces = Pieces(boxes, masses[kept] / 255.0 / cut.stroke, cuts, edges, crossed.nodes)
    return Segmented(line, pieces, gathered.numbers, crossed)


def _boxes(
    numbers: NDArray[np.int64], solid: NDArray[np.bool_], kept: NDArray[np.int64]
) -> list[tuple[int, int, int, int]]:
    found = ndimage.find_objects(np.where(solid, numbers + 1, 0).astype(np.int32))
    slices = [found[k] for k in kept]
    return [(s[1].start, s[0].start, s[1].stop, s[0].stop) if s is not None else (0, 0, 1, 1) for s in slices]


def candidates(segmented: Segmented, most: int) -> Runs:
    """All runs of a digit's size; then `most` at most that begin or end at a cut that crosses others."""
    height = segmented.line.height
    runs = runs_of(segmented.pieces, height)
    if not len(segmented.crossings.sides) or len(runs.starts) > MOST_RUNS:
        return runs
    return Runs.concatenated([runs, runs_between(segmented.crossings, height, most)])


def fields(segmented: Segmented, runs: Runs) -> Fields:
    """(m, 28, 28): each run framed as the normaliser frames a digit."""
    ink, stroke = segmented.line.ink, segmented.crossings.line.stroke
    height, width = ink.shape
    crops = []
    for place, (start, end) in enumerate(zip(runs.starts.tolist(), runs.ends.tolist(), strict=True)):
        left, top, right, bottom = runs.boxes[place].astype(int).tolist()
        rows = slice(max(0, top - 1), min(height, bottom + 1))
        columns = slice(max(0, left - 1), min(width, right + 1))
        crops.append(ink[rows, columns] * segmented.crossings.held(start, end, columns)[rows])
    return frames(crops, np.full(len(crops), stroke))


def overlapping_fields(segmented: Segmented, runs: Runs) -> Fields:
    """(m, 28, 28): the same, each with the ink beyond its cuts, as far as the pen is wide."""
    ink, stroke = segmented.line.ink, segmented.crossings.line.stroke
    height, width = ink.shape
    reach = max(1, round(stroke))
    crops = []
    for place, (start, end) in enumerate(zip(runs.starts.tolist(), runs.ends.tolist(), strict=True)):
        left, top, right, bottom = runs.boxes[place].astype(int).tolist()
        rows = slice(max(0, top - reach - 1), min(height, bottom + reach + 1))
        columns = slice(max(0, left - reach - 1), min(width, right + reach + 1))
        held = segmented.crossings.held(start, end, columns)[rows]
        solid = ink[rows, columns] >= WEAK
        grown = ndimage.binary_dilation(held & solid, structure=EIGHT, iterations=reach, mask=solid)
        # The faint rim of what was added comes with it.
        rim = ndimage.binary_dilation(grown, structure=EIGHT) & ~solid
        crops.append(ink[rows, columns] * (held | grown | rim))
    return frames(crops, np.full(len(crops), stroke))
