"""What the tests of fitting start from."""

import numpy as np

from model.reading.decision import Model
from model.reading.kinds import KINDS
from model.reading.lattice import RUN_FEATURES, SKIP_FEATURES
from model.reading.weights import DIGIT_FEATURES, SHAPES, SIGN_FEATURES, Weights

INPUTS = 76
"""How many features tell kinds."""


def default_model() -> Model:
    """Weights by rule of thumb, and layers that take everything for a digit."""
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
    sign = dict.fromkeys(SIGN_FEATURES, 0.0) | {"kind": 1.0}
    parts = [list(part.values()) for part in (digit, run, sign, skip)]
    weights = Weights(parts[0], parts[1], parts[2], parts[3], shapes)
    out = np.zeros((2, len(KINDS)))
    out[-1, 0] = 8.0
    return Model(weights, (np.zeros((INPUTS + 1, 1)), out))
