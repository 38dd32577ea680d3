"""What a candidate is: a digit, a mark, another sign, or nothing by itself; and how much speaks for it.

A network of one hidden layer, with a linear way past it, looks at what the digits' network says of the
candidate, at its shape, at where it stands (its place against the line and what is beside it) and at how it
was cut out. Its outputs are what an arc adds to the score of a path through the segmentation graph as each
symbol; the last, of a single piece, what passing it over adds. `python -m model read --fit` fits it.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from model.reading.lattice import SYMBOLS, Candidates, Pieces, Real, Runs
from model.recognition import Scores

FILE = Path(__file__).with_name("weights.json")
Way = Literal["image", "strokes"]
WAYS: tuple[Way, ...] = ("image", "strokes")
ARRAYS = "hidden", "out", "past"

NONE = len(SYMBOLS)
"""The output for what is dirt, a part of a sign, or several signs at once."""
CELLS = 7
"""A field is looked at in so many cells across and down."""
FAR = 9.0
NEAR = 0.8
"""What lies no farther from a candidate than this is beside it (line heights)."""
LEAST, MOST = 0.02, 20.0
"""What is narrower, lower or shorter than this, or more than that (line heights), is just small, or long."""


@dataclass(frozen=True, slots=True)
class Model:
    """The network's weights; `temperature` divides its outputs."""

    hidden: Real
    """(features + 1, hidden): the last row is the bias; as in the others."""
    out: Real
    """(hidden, SYMBOLS + 1)."""
    past: Real
    """(features + 1, SYMBOLS + 1): the linear way."""
    temperature: float = 1.0
    provenance: str = ""

    def scores(self, found: Real) -> Real:
        """(m, SYMBOLS + 1): what candidates with features (m, features) add to a path as each."""
        inside = np.maximum(found @ self.hidden[:-1] + self.hidden[-1], 0.0)
        outputs = found @ self.past[:-1] + self.past[-1] + inside @ self.out
        return np.asarray(outputs / self.temperature)


def save(models: dict[Way, Model]) -> None:
    """Write the weights for images and for strokes as JSON, a row a line."""
    raw = {
        way: {name: getattr(model, name).round(3).tolist() for name in ARRAYS}
        | {"temperature": model.temperature, "provenance": model.provenance}
        for way, model in models.items()
    }
    FILE.write_text(json.dumps(raw, separators=(",", ":")).replace("],[", "],\n[") + "\n")


@cache
def shipped() -> dict[Way, Model]:
    """The weights that come with the project. Raises OSError or ValueError for a file that has none."""
    raw = json.loads(FILE.read_text())
    return {way: Model(**raw[way] | {name: np.array(raw[way][name]) for name in ARRAYS}) for way in WAYS}


def features(line: Candidates) -> Real:
    """(m, features) of the runs of a line."""
    pieces, runs, fields, scores = line.pieces, line.runs, line.fields, line.scores
    height, middle = line.height, line.middle
    left, top, right, bottom = runs.boxes.T
    wide, tall = (np.clip(size / height, LEAST, MOST) for size in (right - left, bottom - top))
    score = np.clip(scores.digit_score.astype(np.float64), 1e-3, 1 - 1e-3)
    begun, ended = pieces.cuts[runs.starts], pieces.cuts[runs.ends]
    edges = np.concatenate([[0], np.cumsum(pieces.edges)])
    uncut, gap, alike = _within(pieces, runs, score, height)
    place = np.stack(
        [
            np.log(wide),
            np.log(tall),
            np.log(wide / tall),
            np.clip((top - middle) / height, -2, 2),
            np.clip((bottom - middle) / height, -2, 2),
            np.log(np.clip(runs.lengths / height, LEAST, MOST)),
            np.minimum(begun, 4.0),
            np.minimum(ended, 4.0),
            ((begun > 0.2).astype(float) + (ended > 0.2)) / 2,
            np.log(score / (1 - score)) / 3,
            (runs.ends - runs.starts) / 4,
            uncut,
            gap,
            edges[runs.ends] > edges[runs.starts],
            np.full(len(wide), alike),
        ],
        axis=1,
    )
    digits = np.log(np.maximum(scores.probabilities, 1e-4)) / 4
    side = fields.shape[1] // CELLS
    cells = fields.reshape(len(fields), CELLS, side, CELLS, side).mean(axis=(2, 4)) / 128.0
    beside = _beside(pieces, runs, height, middle), _neighbours(runs, scores, height)
    return np.concatenate([place, *beside, digits, cells.reshape(len(fields), -1)], axis=1)


def _within(pieces: Pieces, runs: Runs, score: Real, height: float) -> tuple[Real, Real, float]:
    """(m,) and (m,): how many places within each run were not worth a cut, and its widest gap.

    And how much the ink of the line looks like digits (0 to 1): in a word a stroke is an l, and no 1.
    """
    so_far = np.maximum.accumulate(pieces.boxes[:, 2])
    gaps = np.zeros(len(pieces.cuts))
    gaps[1:-1] = np.maximum(pieces.boxes[1:, 0] - so_far[:-1], 0.0) / height
    reluctant = np.exp(-pieces.cuts)
    spans = [slice(start + 1, end) for start, end in zip(runs.starts, runs.ends, strict=True)]
    uncut = np.array([reluctant[span].sum() for span in spans], np.float64)
    likely = np.zeros(len(pieces.boxes))
    for span, value in zip(spans, score.tolist(), strict=True):
        held = slice(span.start - 1, span.stop)
        likely[held] = np.maximum(likely[held], value)
    alike = float(np.average(likely, weights=pieces.lengths + 1e-6))
    return uncut / 4, np.array([gaps[span].max(initial=0.0) for span in spans], np.float64), alike


def _beside(pieces: Pieces, runs: Runs, height: float, middle: float) -> Real:
    """(m, 10): to the left and right the gap, whether there is nothing, how high and low it is; overlap.

    The bar of a crossed 7 or the slash in a 0 overlaps its neighbour: it is no digit of its own.
    """
    number = np.arange(len(pieces.boxes))
    left, top, right, bottom = pieces.boxes.T
    own_left, own_right = runs.boxes[:, None, 0], runs.boxes[:, None, 2]
    least = np.maximum(np.minimum(right - left, own_right - own_left), 1e-6)
    shared = np.clip((np.minimum(right, own_right) - np.maximum(left, own_left)) / least, 0, 1)
    out = []
    for there, away in (
        (number < runs.starts[:, None], own_left - right),
        (number >= runs.ends[:, None], left - own_right),
    ):
        gaps = np.where(there, away / height, FAR)
        near = gaps < NEAR
        none = ~near.any(axis=1)
        high = np.where(near, (top - middle) / height, FAR).min(axis=1, initial=FAR)
        low = np.where(near, (bottom - middle) / height, -FAR).max(axis=1, initial=-FAR)
        out += [np.clip(gaps.min(axis=1, initial=FAR), -0.5, 1.5), none]
        out += [np.where(none, 0.0, np.clip(edge, -1.5, 1.5)) for edge in (high, low)]
        out.append(np.where(there, shared, 0.0).max(axis=1, initial=0.0))
    return np.stack(out, axis=1).astype(np.float64)


def _neighbours(runs: Runs, scores: Scores, height: float) -> Real:
    """(m, 8): of what looks most like a digit right before and right behind, whether it is one, how sure that
    and which one is, and how far its top and foot are from the run's. A 0 among letters is an o.
    """
    likely = scores.digit_score * scores.probabilities.max(axis=1)
    order = np.argsort(likely, kind="stable")
    best = np.full((2, int(runs.ends.max()) + 1), -1)
    # Where several end or begin at one node, the last is kept: the likeliest.
    best[0, runs.ends[order]] = best[1, runs.starts[order]] = order
    out: list[Real] = []
    for near in (best[0, runs.starts], best[1, runs.ends]):
        there = near >= 0
        higher, _, lower = np.clip((runs.boxes[near, 1:] - runs.boxes[:, 1:]) / height, -1.5, 1.5).T
        out += [there * each for each in (scores.digit_score[near], likely[near], higher, lower)]
    return np.stack(out, axis=1).astype(np.float64)
