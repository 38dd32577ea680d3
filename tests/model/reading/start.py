"""Weights from which the tests of fitting start."""

from model.reading.lattice import RUN_FEATURES, SKIP_FEATURES
from model.reading.weights import DIGIT_FEATURES, SHAPES, Weights


def default_weights() -> Weights:
    """Weights by rule of thumb."""
    mean = [[-0.45, -0.1, 0.0, 0.9]] * 10
    mean[1] = [-1.2, 0.0, 0.0, 0.2]
    deviation = [0.35, 0.25, 0.15, 0.35]
    shapes = [[[mean[d][s], deviation[s]] for d in range(10)] for s in range(len(SHAPES))]
    run = dict.fromkeys(RUN_FEATURES, 0.0) | {
        "cut": -1.0,
        "cuts": -0.3,
        "gap": -8.0,
        "uncut": -0.3,
        "alone": 1.5,
    }
    skip = dict.fromkeys(SKIP_FEATURES, 0.0) | {"skip": -0.5, "size": -6.0, "cut": -1.0, "flat": 0.5}
    digit = dict.fromkeys(DIGIT_FEATURES, 0.4) | {"digit": 1.0, "score": 1.0, "unlike": 0.0}
    return Weights(list(digit.values()), list(run.values()), list(skip.values()), shapes)
