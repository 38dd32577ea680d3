"""Which of a picture's proposals shows the digit, and whether any does: code proposes, the network decides.

A proposal's log-odds come from the network's outputs for its field and from its features. Their weights are
fitted on generated pictures (`model.training.rejection.choosing`), and lie beside the checkpoint that they
are for, as in `lenet5.choice.json`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from model.checkpoints.metadata import locate
from model.ink import FEATURES

Floats = NDArray[np.float64]

SUFFIX = ".choice.json"
MOST_ODDS = 8.0
"""Log-odds are clipped to this, either way."""
OF_THE_NETWORK = ("digit score", "confidence", "a one")
"""The inputs from the network: two log-odds, and the probability of a 1, which stray lines often resemble."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The weights: a layer of hidden units over k inputs, `OF_THE_NETWORK` and then ink's `FEATURES`."""

    mean: Floats
    """(k,): the mean of each input."""
    deviation: Floats
    """(k,): the standard deviation of each input."""
    hidden: Floats
    """(k, h): the weights from the inputs to the hidden units."""
    threshold: Floats
    """(h,): the biases of the hidden units."""
    output: Floats
    """(h,): the weights from the hidden units to the log-odds."""
    straight: Floats
    """(k,): the weights from the inputs straight to the log-odds."""
    offset: float

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the weights. Raises ValueError if they were fitted for other features."""
        values: Mapping[str, Any] = json.loads(path.read_text())
        if values["inputs"] != [*OF_THE_NETWORK, *FEATURES]:
            raise ValueError(f"{path}: fitted for other features than ink has now")
        arrays = {name: np.array(values[name], np.float64) for name in cls.__slots__ if name != "offset"}
        return cls(**arrays, offset=float(values["offset"]))

    def save(self, path: Path) -> None:
        """Write what `load` reads."""
        values = {name: np.round(getattr(self, name), 5).tolist() for name in self.__slots__}
        values = {"inputs": [*OF_THE_NETWORK, *FEATURES], **values}
        path.write_text(json.dumps(values, indent=1) + "\n")

    def log_odds(self, features: NDArray[np.float32], digit: Floats, probabilities: Floats) -> Floats:
        """Log-odds (n,) that each of n proposals shows a digit.

        Args:
            features: (n, k - 3), NaN where the ink is plain to see: there the network alone decides.
            digit: (n,), the log-odds of a digit by the field alone.
            probabilities: (n, 10), of the digits.
        """
        plain = np.isnan(features[:, 0])
        inputs = inputs_of(np.where(plain[:, None], 0.0, features), digit, probabilities)
        inputs = (inputs - self.mean) / self.deviation
        odds = np.tanh(inputs @ self.hidden + self.threshold) @ self.output
        odds += inputs @ self.straight + self.offset
        return np.asarray(np.where(plain, digit, odds))


def inputs_of(features: NDArray[np.floating], digit: Floats, probabilities: Floats) -> Floats:
    """The inputs (n, k) of proposals' features, log-odds of a digit and probabilities."""
    highest = probabilities.max(axis=1)
    rest = np.maximum(1.0 - highest, 1e-9)
    odds = [np.clip(each, -MOST_ODDS, MOST_ODDS) for each in (digit, np.log(highest / rest))]
    return np.column_stack([*odds, probabilities[:, 1], features])


def choice_for(checkpoint: Path) -> Choice:
    """The weights beside a checkpoint; those of `lenet5` for a checkpoint that has none of its own."""
    path = checkpoint.with_suffix(SUFFIX)
    return Choice.load(path if path.exists() else locate("lenet5").with_suffix(SUFFIX))
