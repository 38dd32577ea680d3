"""Pen strokes -> lines, pieces and the candidates' fields; the order of writing shows where many cuts are."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.ink.strokes import LEAST_SPAN, Drawing, Drawings
from model.reading.graph import Work
from model.reading.lattice import Candidates, Pieces, runs_of
from model.reading.page import group_lines

Stroke = NDArray[np.float64]

MOST_STROKES = 400
CUT = 1.0
"""The ink that a cut within a stroke counts as (stroke widths)."""
_TOUCHING, _OVER = 0.08, 0.3
"""Strokes of a digit: their largest gap (share of the taller), and least overlap (share of the narrower)."""


@dataclass(frozen=True, slots=True)
class PenLine:
    """The strokes of one line, cut into pieces."""

    parts: list[Stroke]
    strokes: list[int]
    """The number of the drawing's stroke that each part comes from."""
    pieces: Pieces
    height: float


def pen_lines(drawing: Drawing) -> list[PenLine]:
    """The lines of a drawing, top to bottom."""
    strokes, numbers = drawing.strokes, list(range(len(drawing.strokes)))
    if len(strokes) > MOST_STROKES:
        numbers = sorted(sorted(numbers, key=lambda i: -_length(strokes[i]))[:MOST_STROKES])
        strokes = [strokes[i] for i in numbers]
    boxes = np.array([_box(stroke) for stroke in strokes])
    extent = float((boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)).max())
    # In thousandths of the largest stroke, as lines are grouped by whole numbers; dots may be far apart.
    span = max(float((boxes[:, 2:] - boxes[:, :2]).max()), 1e-9 * extent)
    span = span if span > LEAST_SPAN else 1.0
    whole = np.rint((boxes - np.tile(boxes[:, :2].min(axis=0), 2)) * (1000.0 / span)).astype(np.int64)
    whole[:, 2:] += 1
    owners = _stacked(whole)
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    ends = np.minimum.reduceat(whole[:, :2], first), np.maximum.reduceat(whole[:, 2:], first)
    groups, height = group_lines(np.concatenate(ends, axis=1), np.ones(len(first), bool))
    every, tall = list(zip(numbers, strokes, strict=True)), height * span / 1000.0
    return [_line([every[i] for i in np.flatnonzero(np.isin(owners, own))], tall) for own in groups]


def _stacked(boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,): the group of each stroke; one right below the stroke before it, touching it, joins its group.

    The two halves of an 8 or a 3 are not separate lines.
    """
    owners = np.zeros(len(boxes), np.int64)
    for i, (before, box) in enumerate(pairwise(boxes.tolist()), start=1):
        beside = min(before[2], box[2]) - max(before[0], box[0])
        above = max(before[1], box[1]) - min(before[3], box[3])
        narrower = min(before[2] - before[0], box[2] - box[0])
        touching = above <= _TOUCHING * max(before[3] - before[1], box[3] - box[1])
        owners[i] = owners[i - 1] + (not touching or beside < _OVER * narrower)
    return owners


def _line(strokes: list[tuple[int, Stroke]], height: float) -> PenLine:
    parts: list[Stroke] = []
    whose: list[int] = []
    cuts = [0.0]
    for number, stroke in _in_order(strokes, height):
        cut = _cut(stroke, height)
        parts += cut
        whose += [number] * len(cut)
        cuts += [*[CUT] * (len(cut) - 1), 0.0]
    boxes = np.array([_box(part) for part in parts])
    lengths = np.array([_length(part) for part in parts])
    none = np.zeros(len(parts), np.int64)
    return PenLine(parts, whose, Pieces(boxes, lengths, np.array(cuts), none.astype(bool), none), height)


def _in_order(strokes: list[tuple[int, Stroke]], height: float) -> list[tuple[int, Stroke]]:
    """Strokes in writing order, except that one added later to an earlier digit is moved next to it."""
    ordered: list[tuple[int, Stroke]] = []
    for number, stroke in strokes:
        left, _, right, _ = _box(stroke)
        place = len(ordered)
        while place > 0:
            before = _box(ordered[place - 1][1])
            over = min(before[2], right) - max(before[0], left)
            narrower = max(min(before[2] - before[0], right - left), 0.1 * height)
            if before[0] + before[2] <= left + right or over >= 0.35 * narrower:
                break
            place -= 1
        ordered.insert(place, (number, stroke))
    return ordered


def _cut(stroke: Stroke, height: float) -> list[Stroke]:
    """Cut a stroke that is wider than one digit wherever it may pass from one digit to the next.

    That is at the middle of each long enough stretch in which the pen moves to the right.
    """
    left, _, right, _ = _box(stroke)
    if right - left < 0.9 * height or len(stroke) < 6:
        return [stroke]
    step = np.diff(stroke[:, 0])
    forward = step > 0
    turns = np.flatnonzero(np.diff(forward.astype(np.int8))) + 1
    places = []
    for start, end in pairwise([0, *turns.tolist(), len(step)]):
        if forward[start] and stroke[end, 0] - stroke[start, 0] > 0.25 * height:
            middle = (stroke[start, 0] + stroke[end, 0]) / 2
            inner = start + int(np.argmin(np.abs(stroke[start : end + 1, 0] - middle)))
            if 1 <= inner < len(stroke) - 1:
                places.append(inner)
    return [stroke[a : b + 1] for a, b in pairwise([0, *places, len(stroke) - 1])]


def candidates_of(line: PenLine, work: Work) -> Candidates | None:
    """The candidates of a line, each drawn as the normaliser draws a digit; None if there are too many."""
    runs = runs_of(line.pieces, line.height)
    if not work.admits(len(runs.starts)):
        return None
    drawings = [Drawing.of(line.parts[start:end]) for start, end in zip(runs.starts, runs.ends, strict=True)]
    fields = Drawings(drawings).fields()
    return Candidates.of(line.pieces, runs, fields, work.network.score(fields, again=False), line.height)


def _box(stroke: Stroke) -> tuple[float, float, float, float]:
    low, high = stroke[:, :2].min(axis=0), stroke[:, :2].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _length(stroke: Stroke) -> float:
    return float(np.hypot(*np.diff(stroke[:, :2], axis=0).T).sum())
