"""The segmentation graph: nodes between pieces of ink, an arc for every run of pieces that may be a digit.

LeCun et al. 1998, section V. An arc also may pass a piece over, as what stands between digits or beside
them: separators, currency signs, what is left of rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from model.reading.pattern import DIGITS, MARKS
from model.recognition import Scores

SYMBOLS = (*DIGITS, *MARKS, "")
"""What a run may be: a digit, a mark, or the last: a sign that belongs to no number."""
OTHER = len(SYMBOLS) - 1
IGNORING = (*DIGITS, *("" for _ in MARKS), "")
"""What each symbol adds to a text without marks."""

Fields = NDArray[np.uint8]
Real = NDArray[np.float64]

LONGEST_RUN = 10
"""A digit has at most this many pieces."""
MOST_OF_MARK = 3
"""What is smaller than a digit is a mark of no more pieces than this."""
WIDEST = 1.7
"""The greatest width of a digit in line heights."""
WIDEST_GAP = 0.5
"""The greatest gap between two parts of a digit in line heights."""
MOST_RUNS = 1000
"""A line with more candidates than this is a texture; twenty digits that touch have some 600.

Those that begin or end at cuts that cross others do not count."""
MOST_CROSSING = 800
"""Candidates of one picture that begin or end at cuts that cross others, at most."""
MOST_OVERLAPS = 400
"""Candidates of one picture that are scored once more with the ink beyond their cuts, at most."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """k cuts that cross some of the cuts between pieces: nodes n + 1 to n + k of the graph.

    Digits alone begin and end at them; what is passed over lies between other cuts.
    """

    after: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """(k,): the last of the nodes 0 to n that lies wholly to the left."""
    before: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """(k,): the first that lies wholly to the right."""
    costs: Real = field(default_factory=lambda: np.zeros(0))
    """(k,): how much ink is cut through, in stroke widths."""
    places: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """(k,): how much ink lies to the left."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """n pieces of ink in writing order, and the n + 1 places between them.

    All lengths are in the units of the line: pixels of its ink, or units of the drawing.
    """

    boxes: Real
    """(n, 4): left, top, right, bottom."""
    lengths: Real
    """(n,): about how long the pen's way was."""
    cuts: Real
    """(n + 1,): how much ink was cut through there, in stroke widths; 0 where pieces stand apart."""
    edges: NDArray[np.bool_]
    """(n,): whether a piece runs out of the picture."""
    crossing: Crossing = Crossing()
    """Cuts that cross some of these."""

    @classmethod
    def of_one(cls, box: Real, length: float) -> "Pieces":
        """A single piece."""
        return cls(box[None], np.array([length]), np.zeros(2), np.zeros(1, bool))

    def moved(self, across: int) -> "Pieces":
        """The same farther to the right."""
        return replace(self, boxes=self.boxes + np.array([across, 0, across, 0]))

    def order(self) -> NDArray[np.int64]:
        """(n + 1 + k,): the place of each node from left to right; a run goes from a lower to a higher."""
        own = len(self.boxes) + 1
        count = own + len(self.crossing.after)
        ids = np.arange(count)
        after = np.concatenate([np.arange(own), self.crossing.after])
        within = np.concatenate([np.full(own, -1), self.crossing.places])
        order = np.empty(count, np.int64)
        order[np.lexsort((ids, within, after))] = ids
        return order


@dataclass(frozen=True, slots=True)
class Runs:
    """m runs of pieces: candidates for digits."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    """(m,): nodes. Up to n, a run holds the pieces starts to ends - 1; see `Crossing` for those beyond."""
    boxes: Real
    """(m, 4): left, top, right, bottom."""
    lengths: Real
    """(m,): about how long the pen's way was."""

    @classmethod
    def of_one(cls, box: Real, length: float) -> "Runs":
        """The run of a single piece."""
        return cls(np.zeros(1, np.int64), np.ones(1, np.int64), box[None], np.array([length]))

    @classmethod
    def concatenated(cls, runs: Sequence["Runs"]) -> "Runs":
        """All of them."""
        names = ("starts", "ends", "boxes", "lengths")
        return cls(*(np.concatenate([getattr(part, name) for part in runs]) for name in names))

    def moved(self, across: int) -> "Runs":
        """The same farther to the right."""
        return replace(self, boxes=self.boxes + np.array([across, 0, across, 0]))

    def taken(self, chosen: NDArray[np.int64] | list[int]) -> "Runs":
        """Some of them, by their numbers."""
        return Runs(self.starts[chosen], self.ends[chosen], self.boxes[chosen], self.lengths[chosen])


def joined(pieces: Sequence[Pieces], runs: Sequence[Runs]) -> tuple[Pieces, Runs]:
    """Graphs side by side as one: the first one's last node is the next one's first."""
    total = sum(len(part.boxes) for part in pieces)
    own = crossing = 0
    nodes, moved = [], []
    for part, some in zip(pieces, runs, strict=True):
        count, found = len(part.boxes), part.crossing
        renumbered = np.concatenate(
            [np.arange(count + 1) + own, np.arange(len(found.after)) + total + 1 + crossing]
        )
        moved.append(replace(some, starts=renumbered[some.starts], ends=renumbered[some.ends]))
        nodes.append(replace(found, after=found.after + own, before=found.before + own))
        own, crossing = own + count, crossing + len(found.after)
    cuts = np.concatenate([[0.0], *(part.cuts[1:] for part in pieces)])
    boxes, lengths, edges = (
        np.concatenate([getattr(part, name) for part in pieces]) for name in ("boxes", "lengths", "edges")
    )
    both = Crossing(
        *(
            np.concatenate([getattr(node, name) for node in nodes])
            for name in ("after", "before", "costs", "places")
        )
    )
    return Pieces(boxes, lengths, cuts, edges, both), Runs.concatenated(moved)


@dataclass(frozen=True, slots=True)
class Scored:
    """A line's candidates: its pieces, their runs, the runs' fields and what the network says of them."""

    pieces: Pieces
    runs: Runs
    fields: Fields
    scores: Scores
    height: float
    """That of the line's largest ink."""


def runs_of(pieces: Pieces, height: float) -> Runs:
    """All runs of a digit's size in a line whose digits are about `height` high."""
    starts: list[int] = []
    ends: list[int] = []
    boxes: list[Sequence[float]] = []
    count = len(pieces.boxes)
    for start in range(count):
        left, top, right, bottom = pieces.boxes[start]
        for end in range(start + 1, min(start + LONGEST_RUN, count) + 1):
            box = pieces.boxes[end - 1]
            if box[0] - right > WIDEST_GAP * height:
                break
            left, top = min(left, box[0]), min(top, box[1])
            right, bottom = max(right, box[2]), max(bottom, box[3])
            if end > start + 1 and right - left > WIDEST * height:
                break
            if end > start + MOST_OF_MARK and bottom - top < 0.25 * height and right - left < 0.5 * height:
                continue
            starts.append(start)
            ends.append(end)
            boxes.append((left, top, right, bottom))
    first, last = np.array(starts, np.int64), np.array(ends, np.int64)
    lengths = np.concatenate([[0.0], np.cumsum(pieces.lengths)])
    return Runs(first, last, np.array(boxes, np.float64).reshape(-1, 4), lengths[last] - lengths[first])


RUN_FEATURES = ("cut", "cuts", "pieces", "gap", "uncut", "length", "edge", "alone", "overlap", "crossing")
SKIP_FEATURES = ("skip", "size", "tall", "length", "cut", "low", "high", "edge", "flat", "wide", "none")


def run_features(pieces: Pieces, runs: Runs, height: float) -> Real:
    """(m, len(RUN_FEATURES)): what speaks for or against a run being a digit, whichever it is."""
    out = np.zeros((len(runs.starts), len(RUN_FEATURES)))
    if not len(out):
        return out
    starts, ends = runs.starts, runs.ends
    count, crossing = len(pieces.boxes), pieces.crossing
    cuts = np.concatenate([pieces.cuts, crossing.costs])
    both = cuts[starts] + cuts[ends]
    out[:, 0] = ((cuts[starts] > 0.2).astype(float) + (cuts[ends] > 0.2)) / 2
    out[:, 1] = both / 2
    first, last = inner(pieces, runs)
    out[:, 2] = last - first
    gaps = np.zeros(count + 1)
    if count > 1:
        so_far = np.maximum.accumulate(pieces.boxes[:, 2])
        gaps[1:-1] = np.maximum(pieces.boxes[1:, 0] - so_far[:-1], 0.0) / height
    for number, (start, end) in enumerate(zip(first, last, strict=True)):
        if end > start:
            out[number, 3] = gaps[start:end].max()
            out[number, 4] = np.exp(-cuts[start:end]).sum()
        out[number, 6] = float(pieces.edges[start - 1 : end].any())
    out[:, 5] = np.log(np.maximum(runs.lengths, 1e-3) / height)
    out[:, 7] = 1.0
    out[:, 8] = _overlaps(pieces, runs)
    out[:, 9] = ((starts > count).astype(float) + (ends > count)) / 2
    return out


def inner(pieces: Pieces, runs: Runs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(m,) and (m,): the first cut between pieces within each run, and the one after the last of them."""
    own = np.arange(len(pieces.boxes) + 1)
    first = np.concatenate([own + 1, pieces.crossing.before])[runs.starts]
    last = np.concatenate([own, pieces.crossing.after + 1])[runs.ends]
    return first, np.maximum(first, last)


def _overlaps(pieces: Pieces, runs: Runs) -> Real:
    """(m,): the share of a run's width, or of its neighbour's if that is less, that the two have in common.

    The bar of a crossed 7 or the slash in a 0 is no digit of its own.
    """
    left, right = pieces.boxes[:, 0], pieces.boxes[:, 2]
    out = np.zeros(len(runs.starts))
    own = np.arange(len(left) + 1)
    before = np.concatenate([own, pieces.crossing.after])[runs.starts] - 1
    after = np.concatenate([own, pieces.crossing.before])[runs.ends]
    for beside, there in ((before, before >= 0), (after, after < len(left))):
        other = np.where(there, beside, 0)
        shared = np.minimum(right[other], runs.boxes[:, 2]) - np.maximum(left[other], runs.boxes[:, 0])
        least = np.minimum(right[other] - left[other], runs.boxes[:, 2] - runs.boxes[:, 0])
        share = np.clip(shared / np.maximum(least, 1e-6), 0.0, 1.0)
        out = np.maximum(out, np.where(there, share, 0.0))
    return out


def skip_features(pieces: Pieces, height: float, middle: float) -> Real:
    """(n, len(SKIP_FEATURES)): what speaks for or against passing each piece over."""
    left, top, right, bottom = pieces.boxes.T
    out = np.zeros((len(pieces.boxes), len(SKIP_FEATURES)))
    wide, tall = (right - left) / height, (bottom - top) / height
    out[:, 0] = 1.0
    out[:, 1] = np.minimum(np.maximum(wide, tall), 2.0)
    out[:, 2] = np.minimum(tall, 1.5)
    out[:, 3] = np.minimum(pieces.lengths / height, 3.0)
    out[:, 4] = np.minimum(pieces.cuts[:-1] + pieces.cuts[1:], 6.0) / 2
    centre = ((top + bottom) / 2 - middle) / height
    out[:, 5] = np.clip(centre, 0, 1)
    out[:, 6] = np.clip(-centre, 0, 1)
    out[:, 7] = pieces.edges
    out[:, 8] = np.clip(np.log(np.maximum(wide, 0.02) / np.maximum(tall, 0.02)), 0, 3)
    out[:, 9] = np.clip(wide - 1.0, 0, 2)
    return out
