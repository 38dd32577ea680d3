"""A line of ink -> its candidates, scored: what is plainly one digit is cut no further.

Most digits stand apart. So what hangs together is looked at whole first, and only where the network does not
see one digit of usual size is it searched for cuts, with whatever stands close by.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.components import WEAK
from model.ink.frame import stroke_width
from model.ink.morphology import EIGHT
from model.reading.errors import NothingToRead
from model.reading.framing import frames
from model.reading.lattice import MOST_CROSSING, MOST_RUNS, Fields, Pieces, Real, Runs, Scored, joined
from model.reading.network import Network
from model.reading.page import Line
from model.reading.segment import Segmented, candidates, fields, segment
from model.recognition import Scores

SURE, SURE_SCORE = 0.97, 0.9
"""What hangs together is one digit if the network says so with these probabilities, ..."""
LOWEST, TALLEST, BROADEST = 0.62, 1.45, 1.0
"""... and it is no lower, taller or broader than this (line heights)."""
SMALL = 0.45, 0.75
"""What is lower and narrower than this is a mark or dirt, and is not cut."""
DOT = 0.3
"""A dot is no larger, and one of two above each other no farther aside, than this (line heights)."""
SINGLE = 0.99
"""A digit of several components may be a digit and a mark: one has at least this share of what is sure."""
OVER = 0.35
"""Components over each other by this share of the narrower one hang together."""
CLOSE, CLOSER = 0.3, 0.1
"""What is so close to what is no digit by itself may be a part of it, and a sure digit, but for a 1, if it is
closer (line heights)."""
PAD = 2
"""So many columns of paper are put beside what is cut."""
MOST_WORK = 4000
"""Candidates of one picture or drawing, at most: a second or so of work."""


class Effort:
    """What was spent on one picture or drawing (its `medium`): how many candidates of each sort.

    `too_long` says whether a line had more than a number has.
    """

    def __init__(self, network: Network, medium: str) -> None:
        self.network = network
        self.medium = medium
        self.runs = 0
        self.crossing = 0
        self.overlaps = 0
        self.too_long = False

    def admits(self, count: int) -> bool:
        """Whether a line may have `count` more candidates.

        Raises:
            NothingToRead: all lines together have too many.
        """
        if count > MOST_RUNS:
            self.too_long = True
            return False
        self.runs += count
        if self.runs > MOST_WORK:
            raise NothingToRead(f"there is more in the {self.medium} than numbers: it is too much to read")
        return count > 0


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a line that was cut; from which of the line's runs on its runs are."""

    segmented: Segmented
    runs: Runs
    first: int


@dataclass(frozen=True, slots=True)
class Graph:
    """A line's candidates, the piece that each pixel is of (H, W; -1 none), and the parts that were cut."""

    line: Line
    scored: Scored
    numbers: NDArray[np.int64]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Blobs:
    """What hangs together, n from left to right."""

    labels: NDArray[np.int64]
    """(H, W): 1 to n, 0 paper; the faint rim is of what it is around."""
    boxes: Real
    lengths: Real
    single: NDArray[np.bool_]
    """(n,): whether all but a speck of its ink is one component."""


def graph_of(line: Line, effort: Effort) -> Graph | None:
    """Find and score the candidates of a line; None when there is no ink to speak of, or too much."""
    stroke = max(1.0, stroke_width(line.ink))
    blobs = _blobs(line, stroke)
    if blobs is None or not effort.admits(len(blobs.boxes)):
        return None
    whole = _whole_fields(line.ink, blobs, stroke)
    first = effort.network.score(whole, again=False)
    pieces: list[Pieces] = []
    runs: list[Runs] = []
    made: list[Fields] = []
    parts: list[Part] = []
    known: dict[int, int] = {}
    numbers = np.full(line.ink.shape, -1, np.int64)
    count = taken = 0
    for group in _groups(blobs, first, line.height):
        left, part = _part(line, blobs, group) if group.cut else (0, None)
        if part is not None:
            here = candidates(part, MOST_CROSSING - effort.crossing)
            own = int((np.maximum(here.starts, here.ends) <= len(part.pieces.boxes)).sum())
            if not effort.admits(own):
                return None
            effort.crossing += len(here.starts) - own
            parts.append(Part(part, here, taken))
            pieces.append(part.pieces.moved(left - PAD))
            runs.append(here.moved(left - PAD))
            made.append(fields(part, here))
            solid = part.line.ink[:, PAD:-PAD] > 0
            numbers[:, left : left + solid.shape[1]][solid] = part.numbers[:, PAD:-PAD][solid] + count
            count += len(part.pieces.boxes)
            taken += len(here.starts)
            continue
        for blob in group.blobs:
            pieces.append(Pieces.of_one(blobs.boxes[blob], float(blobs.lengths[blob])))
            runs.append(Runs.of_one(blobs.boxes[blob], float(blobs.lengths[blob])))
            numbers[blobs.labels == blob + 1] = count
            known[taken] = blob
            made.append(whole[blob][None])
            count, taken = count + 1, taken + 1
    both = joined(pieces, runs)
    edges = (both[0].boxes[:, 0] <= 1) | (both[0].boxes[:, 2] >= line.ink.shape[1] - 1)
    scored = _scored(effort.network, np.concatenate(made), first, known)
    found = Scored(replace(both[0], edges=edges), both[1], np.concatenate(made), scored, line.height)
    return Graph(line, found, numbers, tuple(parts))


def _scored(network: Network, made: Fields, first: Scores, known: dict[int, int]) -> Scores:
    """The scores of all runs; those `known` were scored first."""
    probabilities, digit_score = np.zeros((len(made), 10)), np.zeros(len(made))
    runs, blobs = list(known), list(known.values())
    probabilities[runs], digit_score[runs] = first.probabilities[blobs], first.digit_score[blobs]
    rest = np.setdiff1d(np.arange(len(made)), runs)
    if len(rest):
        more = network.score(made[rest], again=False)
        probabilities[rest], digit_score[rest] = more.probabilities, more.digit_score
    return Scores(probabilities, digit_score)


def _blobs(line: Line, stroke: float) -> _Blobs | None:
    ink = line.ink
    labels, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    masses = np.bincount(labels.ravel(), weights=ink.ravel(), minlength=count + 1)
    found = [
        (part[1].start, part[0].start, part[1].stop, part[0].stop, number)
        for number, part in enumerate(ndimage.find_objects(labels), start=1)
        if masses[number] > 255.0
    ]
    if not found:
        return None
    found.sort()
    merged: list[list[float]] = []
    owner = np.zeros(count + 1, np.int64)
    for left, top, right, bottom, number in found:
        last = merged[-1] if merged else None
        if last is not None and _together(last, (left, top, right, bottom), line.height):
            merged[-1] = [last[0], min(last[1], top), max(last[2], right), max(last[3], bottom)]
        else:
            merged.append([left, top, right, bottom])
        owner[number] = len(merged)
    heaviest = np.zeros(len(merged) + 1)
    np.maximum.at(heaviest, owner, masses)
    whole = np.bincount(owner, weights=masses, minlength=len(merged) + 1)
    own = owner[labels]
    own = np.where(labels > 0, own, ndimage.maximum_filter(own, 3))
    single = heaviest[1:] >= SINGLE * whole[1:]
    return _Blobs(own, np.array(merged, np.float64), whole[1:] / 255.0 / stroke, single)


def _together(last: Sequence[float], box: Sequence[float], height: float) -> bool:
    """Whether what lies in two boxes hangs together: the one over the other, or the two dots of a colon."""
    gap = box[0] - last[2]
    narrower = min(box[2] - box[0], last[2] - last[0])
    tall = max(box[3] - box[1], last[3] - last[1])
    apart = max(box[1] - last[3], last[1] - box[3])
    dots = tall < DOT * height and narrower < DOT * height and apart > 0
    return -gap >= OVER * narrower or (dots and gap < DOT * height)


def _whole_fields(ink: NDArray[np.uint8], blobs: _Blobs, stroke: float) -> Fields:
    crops = []
    for number, (left, top, right, bottom) in enumerate(blobs.boxes.astype(int).tolist(), start=1):
        window = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
        crops.append(ink[window] * (blobs.labels[window] == number))
    return frames(crops, np.full(len(crops), stroke))


@dataclass(frozen=True, slots=True)
class _Group:
    """Blobs from left to right that may be parts of each other, and whether they are to be cut."""

    blobs: list[int]
    cut: bool


def _groups(blobs: _Blobs, scores: Scores, height: float) -> list[_Group]:
    left, top, right, bottom = blobs.boxes.T
    wide, tall = (right - left) / height, (bottom - top) / height
    sure = (scores.probabilities.max(axis=1) >= SURE) & (scores.digit_score >= SURE_SCORE)
    sure &= blobs.single & (tall >= LOWEST) & (tall <= TALLEST) & (wide <= BROADEST)
    unsure = ~(sure | ((tall < SMALL[0]) & (wide < SMALL[1])))
    near = np.where(sure & (scores.probabilities.argmax(axis=1) != 1), CLOSER, CLOSE)
    groups = [_Group([0], bool(unsure[0]))]
    for blob in range(1, len(left)):
        last = groups[-1]
        gap = (left[blob] - right[last.blobs].max()) / height
        before = last.blobs[-1]
        reach = max(near[before] * unsure[blob], near[blob] * unsure[before])
        if gap < reach:
            groups[-1] = _Group([*last.blobs, blob], cut=True)
        else:
            groups.append(_Group([blob], bool(unsure[blob])))
    return groups


def _part(line: Line, blobs: _Blobs, group: _Group) -> tuple[int, Segmented | None]:
    """The blobs of a group in pieces, None where there is too little ink, and where it begins in the line."""
    boxes = blobs.boxes[group.blobs].astype(int)
    left, right = max(0, int(boxes[:, 0].min()) - 1), int(boxes[:, 2].max()) + 1
    window = blobs.labels[:, left:right]
    own = (window >= group.blobs[0] + 1) & (window <= group.blobs[-1] + 1)
    ink = np.pad(line.ink[:, left:right] * own, ((0, 0), (PAD, PAD)))
    return left, segment(replace(line, ink=ink))
