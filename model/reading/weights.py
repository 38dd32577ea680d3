"""What a path through the segmentation graph scores: the weights, fitted by `python -m model read --fit`."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.reading.lattice import RUN_FEATURES, SKIP_FEATURES, Runs, Scored, run_features, skip_features

Real = NDArray[np.float64]
Kind = Literal["image", "strokes"]

FILE = Path(__file__).with_name("weights.json")

DIGIT_FEATURES = ("digit", "score", "unlike", "width", "height", "place", "ink", "kind")
"""The network's log probability of a digit, of there being one and of there being none; how well its shape
fits the digit: log densities of its width, height, vertical place and length of ink; and the log probability
that it is of the kind of digits."""
SIGN_FEATURES = ("kind", "other", *RUN_FEATURES)
"""Of a run as a mark or another sign: the log probability that it is one; 1 for signs that are no marks; and
what there is of every run."""

LEAST_KIND = -6.0
"""What is less probable than this (natural logarithm) is just improbable."""

SHAPES = ("width", "height", "place", "ink")


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the features, and the usual shape of each digit.

    `shapes` holds for each of SHAPES the mean and the standard deviation of each digit, (4, 10, 2), where
    width and height are logarithms of line heights, place is the centre's distance from the line's middle
    in line heights, ink the logarithm of its length in line heights. `temperature` divides a text's score.
    """

    digit: list[float]
    run: list[float]
    sign: list[float]
    skip: list[float]
    shapes: list[list[list[float]]]
    temperature: float = 1.0
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Weights for images and for strokes."""

    image: Weights
    strokes: Weights

    def save(self, path: Path = FILE) -> None:
        """Write the table as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")


def load(path: Path = FILE) -> Table:
    """Read the table. Raises OSError or ValueError when there is none or it does not fit the features."""
    raw = json.loads(path.read_text())
    table = Table(**{kind: Weights(**raw[kind]) for kind in ("image", "strokes")})
    for weights in (table.image, table.strokes):
        sizes = tuple(map(len, (weights.digit, weights.run, weights.sign, weights.skip)))
        if sizes != tuple(map(len, (DIGIT_FEATURES, RUN_FEATURES, SIGN_FEATURES, SKIP_FEATURES))):
            raise ValueError(f"{path}: its weights are not those of the features")
    return table


@cache
def shipped() -> Table:
    """The weights that come with the project."""
    return load()


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a line's arcs: `digit` (m, 10, f), `run` (m, g), `sign` (m, 6, h), `skip` (n, k)."""

    digit: Real
    run: Real
    sign: Real
    skip: Real


def shape_of(runs: Runs, lengths: Real, height: float, middle: float) -> Real:
    """(m, 4): SHAPES of each run."""
    left, top, right, bottom = runs.boxes.T
    least = 0.02 * height
    return np.stack(
        [
            np.log(np.maximum(right - left, least) / height),
            np.log(np.maximum(bottom - top, least) / height),
            ((top + bottom) / 2 - middle) / height,
            lengths,
        ],
        axis=1,
    )


def features(line: Scored, kinds: Real, weights: Weights, *, height: float, middle: float) -> Features:
    """Features of a line's arcs; `kinds` (m, KINDS) are the logarithms of how probable each kind is."""
    pieces, runs, scores = line.pieces, line.runs, line.scores
    run = run_features(pieces, runs, height)
    shape = shape_of(runs, run[:, RUN_FEATURES.index("length")], height, middle)
    usual = np.array(weights.shapes)
    digit = np.zeros((len(runs.starts), 10, len(DIGIT_FEATURES)))
    score = np.clip(scores.digit_score.astype(np.float64), 1e-4, 1 - 1e-4)
    digit[:, :, 0] = np.log(np.maximum(scores.probabilities, 1e-6))
    digit[:, :, 1] = np.log(score)[:, None]
    digit[:, :, 2] = np.log(1 - score)[:, None]
    for place in range(len(SHAPES)):
        off = (shape[:, place, None] - usual[place, None, :, 0]) / usual[place, None, :, 1]
        # Beyond five deviations a shape is just unusual.
        digit[:, :, 3 + place] = -0.5 * np.minimum(off * off, 25.0) - np.log(usual[place, None, :, 1])
    known = np.maximum(kinds, LEAST_KIND)
    digit[:, :, -1] = known[:, :1]
    signs = known[:, 1:-1]
    sign = np.zeros((*signs.shape, len(SIGN_FEATURES)))
    sign[:, :, 0] = signs
    sign[:, -1, 1] = 1.0
    sign[:, :, 2:] = run[:, None, :]
    skip = skip_features(pieces, height, middle)
    alone = np.flatnonzero(runs.ends == runs.starts + 1)
    alone = alone[runs.starts[alone] < len(pieces.boxes)]
    skip[runs.starts[alone], -1] = known[alone, -1]
    return Features(digit, run, sign, skip)


def arc_scores(found: Features, weights: Weights) -> tuple[Real, Real]:
    """Scores of every run as every symbol (m, SYMBOLS), and of passing over every piece (n,)."""
    digits = found.digit @ np.array(weights.digit) + (found.run @ np.array(weights.run))[:, None]
    arcs = np.concatenate([digits, found.sign @ np.array(weights.sign)], axis=1)
    return arcs / weights.temperature, found.skip @ np.array(weights.skip) / weights.temperature
