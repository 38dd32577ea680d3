"""What reading asks of a network."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Recognition(Protocol):
    """What a network makes of n fields."""

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """(n, 10), each row's sum 1."""

    @property
    def digit_score(self) -> NDArray[np.float32]:
        """(n,), 0 to 1: how much a field looks like one legible digit."""


class Recogniser(Protocol):
    """A network: `model.recognition.Recogniser`, or whatever hands its fields to one."""

    def score(self, fields: NDArray[np.uint8]) -> Recognition:
        """What it makes of (n, 28, 28) fields."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a network made of fields, as reading keeps it: probabilities (n, 10), digit scores (n,)."""

    probabilities: NDArray[np.float32]
    digit_score: NDArray[np.float32]
