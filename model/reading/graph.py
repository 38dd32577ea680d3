"""A line of ink -> its scored candidates; ink that is plainly one digit is not searched for cuts.

Most digits stand apart. So each blob (ink that hangs together) is scored whole first, and is searched for
cuts, along with blobs close by, only where the network is not sure that it is one digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink import FIELD_SIDE
from model.ink.components import STRONG, WEAK
from model.ink.frame import frame, stroke_width
from model.ink.morphology import EIGHT
from model.ink.polarity import Grey
from model.reading.cuts import LEAST_INK, find_cuts
from model.reading.lattice import MOST_RUNS, SYMBOLS, Candidates, Fields, Network, Numbers, Pieces, runs_of
from model.reading.page import Line, NothingToRead
from model.reading.pattern import Pattern
from model.recognition import Scores

SURE, SURE_SCORE = 0.97, 0.9
"""A blob with at least this probability of one digit, and this digit score, is not searched for cuts."""
SMALL = 0.45, 0.75
"""A blob lower and narrower than this (line heights) is a mark or dirt, and not searched for cuts."""
DOT = 0.3
"""A dot is smaller than this, and a colon's dots are less than this apart sideways (line heights)."""
OVER = 0.35
"""Components that overlap sideways by this share of the narrower one belong to one blob."""
CLOSE, CLOSER = 0.3, 0.1
"""A blob may belong to an unsure blob if their gap is below the first of these (line heights), or below the
second if it is a sure digit other than 1."""
MOST_WORK = 4000
"""The most candidates in a drawing, or on a picture's likeliest ground: about a second of work."""


@dataclass(slots=True)
class Work:
    """One picture or drawing to be read: what is asked for, and what is known so far."""

    network: Network
    medium: Literal["picture", "drawing"]
    letters: Sequence[str] = SYMBOLS
    pattern: Pattern | None = None
    runs: int = 0
    """How many candidates have been admitted on this ground."""
    too_long: bool = False
    """Whether a line had more digits and marks than a number has."""
    unfit: bool = False
    """Whether a line did not fit the pattern."""
    left: float = 0.0
    """The largest share of a line's ink, among the lines read, that is in no digit and no mark."""

    def admits(self, count: int) -> bool:
        """Whether a line may have `count` more candidates.

        Raises:
            NothingToRead: all lines together have too many.
        """
        if count > MOST_RUNS:
            return False
        self.runs += count
        if self.runs > MOST_WORK:
            raise NothingToRead(f"there is more in the {self.medium} than numbers: it is too much to read")
        return count > 0


def candidates_of(line: Line, work: Work) -> tuple[Candidates, Numbers] | None:
    """The candidates of a line, and the number of each pixel's piece (H, W; -1 for no piece).

    None if the line has hardly any ink, or too many candidates.
    """
    stroke = max(1.0, stroke_width(line.ink))
    labels, boxes = _blobs(line)
    if not work.admits(len(boxes)):
        return None
    fields = _framed(line.ink, labels, [*pairwise(range(1, len(boxes) + 2))])
    first = work.network.score(fields, again=False)
    numbers = np.full(line.ink.shape, -1, np.int64)
    groups, whole, costs = list[int](), list[int](), [0.0]
    for group, (members, cut) in enumerate(_groups(boxes, first, line)):
        own = (labels > members[0]) & (labels <= members[-1] + 1)
        columns = np.flatnonzero(own.any(axis=0))
        window = slice(max(0, columns[0] - 1), columns[-1] + 2)
        inner = own[:, window]
        found, paid = _cut(line.ink[:, window] * inner, stroke, line.height, search=cut)
        numbers[:, window][inner] = found[inner] + len(groups)
        groups += [group] * len(paid)
        whole += [members[0] if len(members) == len(paid) == 1 else -1] * len(paid)
        costs += paid
    pieces = _pieces(line.ink, numbers, costs, groups, stroke)
    runs = runs_of(pieces, line.height)
    if not work.admits(len(runs.starts)):
        return None
    # Blobs that stayed whole are scored already.
    seen = np.array(whole)[runs.starts]
    new = np.flatnonzero(seen < 0)
    fields, probabilities, digit_score = fields[seen], first.probabilities[seen], first.digit_score[seen]
    if len(new):
        fields[new] = _framed(line.ink, numbers, np.stack([runs.starts, runs.ends], axis=1)[new].tolist())
        more = work.network.score(fields[new], again=False)
        probabilities[new], digit_score[new] = more.probabilities, more.digit_score
    return Candidates.of(pieces, runs, fields, Scores(probabilities, digit_score), line.height), numbers


def _framed(ink: Grey, numbers: Numbers, spans: Sequence[tuple[int, int]]) -> Fields:
    """Fields (m, 28, 28), one for each span: the ink whose `numbers` (H, W) lie in it, the end excluded."""
    found = (place or np.s_[:0, :0] for place in ndimage.find_objects((numbers + 1).astype(np.int32)))
    tops, feet, lefts, rights = zip(*((y.start, y.stop, x.start, x.stop) for y, x in found), strict=True)
    fields = np.zeros((len(spans), FIELD_SIDE, FIELD_SIDE), np.uint8)
    for field, (start, end) in zip(fields, spans, strict=True):
        own = slice(start, end)
        window = slice(min(tops[own]), max(feet[own])), slice(min(lefts[own]), max(rights[own]))
        part = numbers[window]
        field[:] = frame(ink[window] * ((part >= start) & (part < end)))
    return fields


def _pieces(ink: Grey, numbers: Numbers, costs: list[float], groups: list[int], stroke: float) -> Pieces:
    """The `Pieces` of a line, from the number of each pixel's piece (H, W; -1 for no piece)."""
    solid = ink >= WEAK
    labels = np.where(solid, numbers + 1, 0).astype(np.int32)
    found = ndimage.find_objects(labels, len(groups))
    boxes = np.array([(x.start, y.start, x.stop, y.stop) for y, x in found], np.float64)
    masses = np.bincount(labels[solid], weights=ink[solid], minlength=len(groups) + 1)[1:]
    edges = (boxes[:, 0] <= 1) | (boxes[:, 2] >= ink.shape[1] - 1)
    return Pieces(boxes, masses / 255.0 / stroke, np.array(costs), edges, np.array(groups, np.int64))


def _cut(ink: Grey, stroke: float, height: float, *, search: bool) -> tuple[Numbers, list[float]]:
    """The number of each pixel's piece (H, W), from 0, and how much ink the cut after each piece crosses.

    That ink is in stroke widths. Without a `search` for cuts, each component is a piece.
    """
    tall, width = ink.shape
    labels, count = _parts(ink, height)
    if count == 1 and not search:
        return np.zeros(ink.shape, np.int64), [0.0]
    ends = np.array([[0] * tall, [width] * tall])
    columns, costs = find_cuts(ink, stroke, height) if search else (ends, np.zeros(2))
    steps = np.zeros((tall, width + 1), np.int64)
    for column in columns[:-1]:
        steps[np.arange(tall), column] += 1
    strips = np.cumsum(steps[:, :width], axis=1) - 1
    # Components in one strip are separate pieces: there may be no path between a point and its neighbour.
    keys, places = np.unique(strips * (count + 1) + labels, return_inverse=True)
    places = np.where(labels > 0, places.reshape(ink.shape), len(keys))
    masses = np.bincount(places.ravel(), ink.ravel(), len(keys) + 1)[:-1]
    strip, part = np.divmod(keys, count + 1)
    # A whole component, such as a point, is a piece however little ink it has.
    cut = masses < np.bincount(part, masses)[part]
    least = 255 * np.where(cut, max(1.0, LEAST_INK * stroke * stroke), 1.0)
    kept = np.union1d(np.flatnonzero(masses > least), masses.argmax())
    middles = np.bincount(places.ravel(), np.indices(ink.shape)[1].ravel() * (ink / 255.0).ravel())[kept]
    kept = kept[np.lexsort((middles / masses[kept], strip[kept]))]
    number = np.full(len(keys) + 1, -1)
    number[kept] = np.arange(len(kept))
    numbers = number[places]
    # Little ink that is cut off, and the rim of strokes, goes with the nearest piece.
    nearest = ndimage.distance_transform_edt(numbers < 0, return_distances=False, return_indices=True)
    paid = [float(costs[a + 1 : b + 1].min()) if b > a else 0.0 for a, b in pairwise(strip[kept].tolist())]
    return numbers[tuple(nearest)], [*paid, 0.0]


def _parts(ink: Grey, height: float) -> tuple[NDArray[np.integer], int]:
    """Labels (H, W) of components, with a point or two split off at faint ink; and the highest label."""
    labels, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    cores, number = ndimage.label(ink >= STRONG, structure=EIGHT)
    if number <= count:
        return labels, count
    numbers = np.arange(1, number + 1)
    whose = ndimage.maximum(labels, cores, numbers).astype(np.int64)
    point = np.array([max(labels[box].shape) < DOT * height for box in ndimage.find_objects(cores)], bool)
    points, others = (np.bincount(whose[some], minlength=count + 1) for some in (point, ~point))
    parted = (others == 1) & (points > 0) & (points < 3)
    apart = np.append(0, np.where(point, count + numbers, whose))[cores]
    return np.where(parted[labels], apart, labels), count + number * bool(parted.any())


def _blobs(line: Line) -> tuple[Numbers, NDArray[np.float64]]:
    """A line's n blobs, left to right: labels (H, W), 1 to n with the faint rim, and boxes (n, 4)."""
    ink = line.ink
    labels, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    masses = np.bincount(labels.ravel(), weights=ink.ravel(), minlength=count + 1)
    found = [
        (x.start, y.start, x.stop, y.stop, number)
        for number, (y, x) in enumerate(ndimage.find_objects(labels), start=1)
        if masses[number] > 255.0 and ink.max() >= STRONG
    ]
    merged: list[list[float]] = []
    owner = np.zeros(count + 1, np.int64)
    for left, top, right, bottom, number in sorted(found):
        last = merged[-1] if merged else None
        if last is not None and _together(last, (left, top, right, bottom), line.height):
            merged[-1] = [last[0], min(last[1], top), max(last[2], right), max(last[3], bottom)]
        else:
            merged.append([left, top, right, bottom])
        owner[number] = len(merged)
    own = owner[labels]
    boxes = np.array(merged, np.float64).reshape(-1, 4)
    return np.where(labels > 0, own, ndimage.maximum_filter(own, 3)), boxes


def _together(last: Sequence[float], box: Sequence[float], height: float) -> bool:
    """Whether two boxes belong to one blob: they overlap sideways, or are the two dots of a colon."""
    gap = box[0] - last[2]
    narrower = min(box[2] - box[0], last[2] - last[0])
    tall = max(box[3] - box[1], last[3] - last[1])
    apart = max(box[1] - last[3], last[1] - box[3])
    dots = tall < DOT * height and narrower < DOT * height and apart > 0
    return -gap >= OVER * narrower or (dots and gap < DOT * height)


def _groups(boxes: NDArray[np.float64], scores: Scores, line: Line) -> list[tuple[list[int], bool]]:
    """Groups of blobs, left to right, that may share a digit, and whether to search each group for cuts."""
    left, top, right, bottom = boxes.T
    wide, tall = (right - left) / line.height, (bottom - top) / line.height
    sure = (scores.probabilities.max(axis=1) >= SURE) & (scores.digit_score >= SURE_SCORE)
    unsure = ~(sure | ((tall < SMALL[0]) & (wide < SMALL[1])))
    near = np.where(sure & (scores.probabilities.argmax(axis=1) != 1), CLOSER, CLOSE)
    groups = [([0], bool(unsure[0]))]
    for blob in range(1, len(left)):
        last, _ = groups[-1]
        gap = (left[blob] - right[last].max()) / line.height
        reach = max(near[last[-1]] * unsure[blob], near[blob] * unsure[last[-1]])
        if gap < reach:
            groups[-1] = [*last, blob], True
        else:
            groups.append(([blob], bool(unsure[blob])))
    return groups
