"""The segmentation graph: nodes between pieces of ink, an arc for every run of pieces that may be a sign.

LeCun et al. 1998, section V. A path may also skip a piece, such as dirt or the remains of a rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from model.reading.pattern import DIGITS, MARKS
from model.recognition import Scores

SYMBOLS = (*DIGITS, *MARKS, "")
"""What a run may be: a digit, a mark or, as the last, a sign that belongs to no number."""
OTHER = len(SYMBOLS) - 1
IGNORING = (*DIGITS, *("" for _ in MARKS), "")
"""What each symbol adds to a text without marks."""

Fields = NDArray[np.uint8]
Real = NDArray[np.float64]
Numbers = NDArray[np.int64]


class Network(Protocol):
    """Scores fields: `model.recognition.Recogniser`, or anything that passes fields on to one."""

    def score(self, fields: Fields, *, again: bool = True) -> Scores:
        """Score fields (n, 28, 28), 0 background to 255 ink; `again` looks twice where it is unsure."""


LONGEST_RUN = 10
"""A digit has at most this many pieces, unless it stands by itself."""
MOST_OF_MARK = 3
"""A run much smaller than a digit is a mark, and has at most this many pieces."""
WIDEST, WIDEST_GAP = 1.7, 0.5
"""The greatest width of a digit, and the greatest gap between two parts of it, in line heights."""
MOST_RUNS = 1500
"""A line with more candidates than this is a texture; twenty digits that touch have 600 to 1,200."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """n pieces of ink in writing order, and the n + 1 nodes between them.

    All lengths are in the units of the line: pixels of its ink, or units of the drawing.
    """

    boxes: Real
    """(n, 4): left, top, right, bottom."""
    lengths: Real
    """(n,): about how far the pen travelled."""
    cuts: Real
    """(n + 1,): the ink cut through at each node, in stroke widths; 0 where no cuts were searched for."""
    edges: NDArray[np.bool_]
    """(n,): whether a piece runs out of the picture."""
    groups: Numbers
    """(n,): a number for each piece; only pieces with the same number may be parts of one sign."""


@dataclass(frozen=True, slots=True)
class Runs:
    """m runs of pieces: candidates for digits and marks."""

    starts: Numbers
    ends: Numbers
    """(m,): nodes. A run holds the pieces from its start to its end - 1."""
    boxes: Real
    """(m, 4): left, top, right, bottom."""
    lengths: Real
    """(m,): about how far the pen travelled."""

    def alone(self) -> Numbers:
        """(n,): for each piece, the run that consists of it alone."""
        single = np.flatnonzero(self.ends == self.starts + 1)
        return single[np.argsort(self.starts[single])]


@dataclass(frozen=True, slots=True)
class Candidates:
    """A line's candidates: its pieces, their runs, the runs' fields and their scores from the network."""

    pieces: Pieces
    runs: Runs
    fields: Fields
    """(m, 28, 28)."""
    scores: Scores
    height: float
    """How high the line's digits seem to be: at first, as high as the tall components."""
    middle: float
    """How far down the digits' middle seems to lie: at first, the median of the pieces' middles."""

    @classmethod
    def of(cls, pieces: Pieces, runs: Runs, fields: Fields, scores: Scores, height: float) -> Self:
        """The candidates before any text is known: `middle` is that of all pieces."""
        return cls(pieces, runs, fields, scores, height, float(np.median(pieces.boxes[:, 1::2].mean(axis=1))))


def runs_of(pieces: Pieces, height: float) -> Runs:
    """All runs of a digit's size in a line whose digits are about `height` high."""
    starts: list[int] = []
    ends: list[int] = []
    boxes: list[Sequence[float]] = []
    every, groups = pieces.boxes.tolist(), pieces.groups.tolist()
    count = len(every)
    ahead = np.minimum.accumulate(pieces.boxes[::-1, 0])[::-1]
    apart = [True, *(np.maximum.accumulate(pieces.boxes[:-1, 2]) <= ahead[1:]).tolist(), True]
    for start in range(count):
        left, top, right, bottom = every[start]
        for end in range(start + 1, count + 1):
            box = every[end - 1]
            if groups[end - 1] != groups[start] or box[0] - right > WIDEST_GAP * height:
                break
            left, top = min(left, box[0]), min(top, box[1])
            right, bottom = max(right, box[2]), max(bottom, box[3])
            if end > start + 1 and right - left > WIDEST * height:
                break
            if end > start + LONGEST_RUN and not (apart[start] and apart[end]):
                continue
            if end > start + MOST_OF_MARK and bottom - top < 0.25 * height and right - left < 0.5 * height:
                continue
            starts.append(start)
            ends.append(end)
            boxes.append((left, top, right, bottom))
    begin, stop = np.array(starts, np.int64), np.array(ends, np.int64)
    lengths = np.concatenate([[0.0], np.cumsum(pieces.lengths)])
    return Runs(begin, stop, np.array(boxes, np.float64).reshape(-1, 4), lengths[stop] - lengths[begin])
