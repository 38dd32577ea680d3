"""What a candidate is: a digit, one of the marks, another sign, or none of these.

A network of one hidden layer looks at where the candidate stands (its place against the line and what is
beside it), at its shape, and at what the digits' network says of it. A point and a comma stand at the base
line, a dash in the middle, a slash is taller than the digits, and all that is small.
"""

import json
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from model.reading.lattice import Pieces, Real, Runs, Scored, inner
from model.reading.pattern import MARKS

FILE = Path(__file__).with_name("kinds.json")

KINDS = ("digit", *MARKS, "other", "none")
"""`none` is dirt, a part of a sign, or several signs at once."""
CELLS = 7
"""A field is looked at in so many cells across and down."""
FAR = 9.0
NEAR = 0.8
"""What lies no farther from a candidate than this is beside it (line heights)."""


Way = Literal["image", "strokes"]
Layers = tuple[Real, Real]
"""Weights from (features + 1) to the hidden layer, and from (hidden + 1) to the kinds; the last rows of each
are biases."""


def save(layers: dict[Way, Layers]) -> None:
    """Write layers as JSON, a row of weights a line."""
    rows = {way: [part.round(3).tolist() for part in both] for way, both in layers.items()}
    FILE.write_text(json.dumps(rows, separators=(",", ":")).replace("],[", "],\n[") + "\n")


@cache
def shipped() -> dict[Way, Layers]:
    """The layers that come with the project."""
    raw = json.loads(FILE.read_text())
    return {way: (np.array(raw[way][0]), np.array(raw[way][1])) for way in ("image", "strokes")}


def features(line: Scored, height: float, middle: float) -> Real:
    """(m, features) of the runs of a line whose digits are `height` high about its `middle`."""
    pieces, runs, fields, scores = line.pieces, line.runs, line.fields, line.scores
    left, top, right, bottom = runs.boxes.T
    wide, tall = np.maximum(right - left, 1e-6) / height, np.maximum(bottom - top, 1e-6) / height
    least = 0.02
    score = np.clip(scores.digit_score.astype(np.float64), 1e-3, 1 - 1e-3)
    costs = np.concatenate([pieces.cuts, pieces.crossing.costs])
    place = np.stack(
        [
            np.log(np.maximum(wide, least)),
            np.log(np.maximum(tall, least)),
            np.log(np.maximum(wide, least) / np.maximum(tall, least)),
            np.clip((top - middle) / height, -2, 2),
            np.clip((bottom - middle) / height, -2, 2),
            np.log(np.maximum(runs.lengths / height, 1e-2)),
            np.minimum(costs[runs.starts], 4.0),
            np.minimum(costs[runs.ends], 4.0),
            np.log(score / (1 - score)) / 3,
        ],
        axis=1,
    )
    digits = np.log(np.maximum(scores.probabilities, 1e-4)) / 4
    side = fields.shape[1] // CELLS
    cells = fields.reshape(len(fields), CELLS, side, CELLS, side).mean(axis=(2, 4)) / 128.0
    beside = _beside(pieces, runs, height, middle)
    return np.concatenate([place, beside, digits, cells.reshape(len(fields), -1)], axis=1)


def _beside(pieces: Pieces, runs: Runs, height: float, middle: float) -> Real:
    """(m, 8): to the left and to the right the gap, whether there is nothing, and how high and low it is."""
    first, last = inner(pieces, runs)
    number = np.arange(len(pieces.boxes))
    left, top, right, bottom = pieces.boxes.T
    out = []
    for there, away in (
        (number < first[:, None] - 1, runs.boxes[:, None, 0] - right),
        (number >= last[:, None], left - runs.boxes[:, None, 2]),
    ):
        gaps = np.where(there, away / height, FAR)
        near = gaps < NEAR
        none = ~near.any(axis=1)
        high = np.where(near, (top - middle) / height, FAR).min(axis=1, initial=FAR)
        low = np.where(near, (bottom - middle) / height, -FAR).max(axis=1, initial=-FAR)
        out += [np.clip(gaps.min(axis=1, initial=FAR), -0.5, 1.5), none]
        out += [np.where(none, 0.0, np.clip(edge, -1.5, 1.5)) for edge in (high, low)]
    return np.stack(out, axis=1).astype(np.float64)


def log_shares(found: Real, layers: Layers) -> Real:
    """(m, kinds): the logarithm of how probably each is of each kind."""
    hidden, out = layers
    inside = np.maximum(found @ hidden[:-1] + hidden[-1], 0.0)
    logits = inside @ out[:-1] + out[-1]
    return np.asarray(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
