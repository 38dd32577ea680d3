"""Score a candidate as a digit, a mark, another sign, or nothing by itself.

A small network sees the candidate itself, through two layers of convolutions, and also the scores that the
digits' network gives it, its shape, its place in the line, its neighbours and how it was cut out. Its outputs
are what an arc adds, as each symbol, to the score of a path through the segmentation graph; for a single
piece, the last output is what skipping it adds. `python -m model read --fit` fits it.
"""

from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from model.reading.lattice import SYMBOLS, Candidates, Fields, Pieces, Real, Runs
from model.recognition import Scores

FILE = Path(__file__).with_name("weights.safetensors")
Way = Literal["image", "strokes"]
WAYS: tuple[Way, ...] = ("image", "strokes")
Float32 = NDArray[np.float32]

NONE = len(SYMBOLS)
"""The output for a candidate that is dirt, a part of a sign, or several signs at once."""
KERNELS, SIDES, STRIDE = (8, 16), (5, 3), 2
"""The two layers' numbers of kernels, kernel sides and stride (pixels); a field gives 16 x 5 x 5 values."""
FAR = 9.0
NEAR = 0.8
"""A piece nearer to a candidate than this is beside it; without one, FAR is the distance (line heights)."""
LEAST, MOST = 0.02, 20.0
"""Widths, heights and lengths are clipped to the range between these (line heights)."""


class Model(NamedTuple):
    """The weights of the network's layers, each with its biases as the last row."""

    first: Float32
    """(25 + 1, 8)."""
    second: Float32
    """(8 x 9 + 1, 16): by kernel of the first layer, then by row and column of the window."""
    hidden: Float32
    """(features + 400 + 1, hidden)."""
    out: Float32
    """(hidden + 1, SYMBOLS + 1)."""

    def see(self, fields: Fields) -> Float32:
        """(m, 400): what the convolutions see in fields (m, 28, 28)."""
        # With the fields as the last axis, windows are copied and multiplied in long rows.
        seen: Float32 = fields.transpose(1, 2, 0)[None].astype(np.float32, order="C") / np.float32(255)
        for layer, side in ((self.first, SIDES[0]), (self.second, SIDES[1])):
            windows = sliding_window_view(seen, (side, side), (1, 2))[:, ::STRIDE, ::STRIDE]
            windows = windows.transpose(0, 4, 5, 1, 2, 3)
            inside = layer[:-1].T @ windows.reshape(len(layer) - 1, -1) + layer[-1][:, None]
            seen = inside.clip(0).reshape(-1, *windows.shape[3:])
        return seen.reshape(-1, len(fields)).T

    def scores(self, found: Real, seen: Float32) -> Real:
        """(m, SYMBOLS + 1): what candidates add to a path as each symbol, by their features and `see`."""
        both = np.concatenate([found.astype(np.float32), seen], axis=1)
        inside = (both @ self.hidden[:-1] + self.hidden[-1]).clip(0)
        return np.asarray(inside @ self.out[:-1] + self.out[-1], np.float64)


def save(models: dict[Way, Model], provenance: str) -> None:
    """Write the weights for images and for strokes, as float16, and how they were made."""
    layers = {f"{way}.{name}": layer for way in WAYS for name, layer in models[way]._asdict().items()}
    saved = {name: layer.astype(np.float16, order="C") for name, layer in layers.items()}
    save_file(saved, FILE, {"provenance": provenance})


@cache
def shipped() -> dict[Way, Model]:
    """The weights that come with the project."""
    layers = {name: layer.astype(np.float32) for name, layer in load_file(FILE).items()}
    return {way: Model(*(layers[f"{way}.{name}"] for name in Model._fields)) for way in WAYS}


def features(line: Candidates) -> Real:
    """(m, features) of the runs of a line."""
    pieces, runs, scores = line.pieces, line.runs, line.scores
    height, middle = line.height, line.middle
    left, top, right, bottom = runs.boxes.T
    wide, tall = (np.clip(size / height, LEAST, MOST) for size in (right - left, bottom - top))
    score = np.clip(scores.digit_score.astype(np.float64), 1e-3, 1 - 1e-3)
    begun, ended = pieces.cuts[runs.starts], pieces.cuts[runs.ends]
    edges = np.concatenate([[0], np.cumsum(pieces.edges)])
    place = np.stack(
        [
            np.log(wide),
            np.log(tall),
            np.clip((top - middle) / height, -2, 2),
            np.clip((bottom - middle) / height, -2, 2),
            np.log(np.clip(runs.lengths / height, LEAST, MOST)),
            np.minimum(begun, 4.0),
            np.minimum(ended, 4.0),
            np.log(score / (1 - score)) / 3,
            (runs.ends - runs.starts) / 4,
            edges[runs.ends] > edges[runs.starts],
            np.full(len(wide), _alike(pieces, runs, score)),
        ],
        axis=1,
    )
    digits = np.log(np.maximum(scores.probabilities, 1e-4)) / 4
    beside = _beside(pieces, runs, height, middle), _neighbours(runs, scores, height)
    return np.concatenate([place, *beside, digits], axis=1)


def _alike(pieces: Pieces, runs: Runs, score: Real) -> float:
    """How much the ink of a line looks like digits (0 to 1): in a word, a stroke is an l, not a 1."""
    likely = np.zeros(len(pieces.boxes))
    for start, end, value in zip(runs.starts, runs.ends, score, strict=True):
        likely[start:end] = np.maximum(likely[start:end], value)
    return float(np.average(likely, weights=pieces.lengths + 1e-6))


def _beside(pieces: Pieces, runs: Runs, height: float, middle: float) -> Real:
    """(m, 10): on the left, then the right: the gap, whether it is empty, the ink's top and foot, overlap.

    The bar of a crossed 7 or the slash in a 0 overlaps its neighbour: it is no digit of its own.
    """
    number = np.arange(len(pieces.boxes))
    left, top, right, bottom = pieces.boxes.T
    own_left, own_right = runs.boxes[:, None, 0], runs.boxes[:, None, 2]
    least = np.maximum(np.minimum(right - left, own_right - own_left), 1e-6)
    shared = np.clip((np.minimum(right, own_right) - np.maximum(left, own_left)) / least, 0, 1)
    out, before, behind = [], number < runs.starts[:, None], number >= runs.ends[:, None]
    for there, away in ((before, own_left - right), (behind, left - own_right)):
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
    """(m, 8): for the likeliest digit right before a run, then right after it: its digit score, this score
    times its best probability, its top and foot against the run's (line heights). A 0 among letters is an o.
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
