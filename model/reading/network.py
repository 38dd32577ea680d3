"""What reading asks of a network."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.recognition import Scores


class Network(Protocol):
    """Scores fields: `model.recognition.Recogniser`, or whatever hands its fields to one."""

    def score(self, fields: NDArray[np.uint8], *, again: bool = True) -> Scores:
        """Score fields (n, 28, 28), 0 background to 255 ink; `again` looks twice where it is unsure."""
