"""What a check expects, and how long it waits for it."""

import time
from collections.abc import Callable

import numpy as np

ALIKE = 1e-5
"""What two batches of another size may differ by, in a probability."""


class BrokenPromise(Exception):
    """What was to be shown is not so; the message says what was seen."""


def wait_for(what: str, is_so: Callable[[], bool], seconds: float = 300) -> None:
    """Wait until `is_so`.

    Raises:
        BrokenPromise: it did not become so in time.
    """
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise BrokenPromise(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


def alike(one: list[float], other: list[float]) -> bool:
    """Whether two answers' probabilities are the same but for rounding."""
    return float(np.abs(np.subtract(one, other)).max()) < ALIKE
