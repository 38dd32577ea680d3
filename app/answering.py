"""Networks for code that is not on the event loop, as the reading of numbers is."""

import numpy as np
from numpy.typing import NDArray

from app.batcher import Batcher
from model.recognition.recogniser import Recogniser, Recognition


class Answering:
    """A recogniser for code on another thread: its fields go through the queue like everyone's.

    Args:
        batcher: Where they are computed.
        recogniser: Whose answers.
        seconds: How long an answer may take.
    """

    def __init__(self, batcher: Batcher, recogniser: Recogniser, seconds: float) -> None:
        self.input_size = recogniser.input_size
        self._batcher = batcher
        self._recogniser = recogniser
        self._seconds = seconds

    def recognise(self, fields: NDArray[np.uint8]) -> Recognition:
        """The answers for (n, S, S) fields."""
        if not len(fields):
            return self._recogniser.recognise(fields)
        return self._batcher.recognise_from_thread(self._recogniser, fields, self._seconds)
