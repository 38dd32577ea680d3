"""Networks for code that is not on the event loop, as the reading of numbers is."""

import numpy as np
from numpy.typing import NDArray

from app.batcher import Batcher
from model.recognition import Recogniser, Scores


class Answering:
    """A recogniser for code on another thread: its fields go through the queue like everyone's.

    Args:
        batcher: Where they are computed.
        recogniser: Whose answers.
        seconds: How long an answer may take.
    """

    def __init__(self, batcher: Batcher, recogniser: Recogniser, seconds: float) -> None:
        self._batcher = batcher
        self._recogniser = recogniser
        self._seconds = seconds

    def score(self, fields: NDArray[np.uint8]) -> Scores:
        """The scores of (n, 28, 28) fields."""
        if not len(fields):
            return self._recogniser.score(fields)
        return self._batcher.score_from_thread(self._recogniser, fields, self._seconds)
