"""The learning rate over a run, as a share of its highest value."""

import math

WARM_UP = 0.15
"""The share of a one-cycle run in which the rate rises."""


def rate(schedule: str, progress: float) -> float:
    """The share of the highest learning rate at `progress` (0: start, 1: end of the run).

    - constant: 1 throughout;
    - cosine: from 1 down to 0 along half a cosine (Loshchilov, Hutter 2017, equation 5, one period);
    - one-cycle: up from 1/25 to 1, then down to 0, each along half a cosine (Smith, Topin 2018).

    Raises `ValueError` for another name.
    """
    if schedule == "constant":
        return 1.0
    if schedule == "cosine":
        return _half_cosine(1, 0, progress)
    if schedule == "one-cycle":
        if progress < WARM_UP:
            return _half_cosine(1 / 25, 1, progress / WARM_UP)
        return _half_cosine(1, 0, (progress - WARM_UP) / (1 - WARM_UP))
    raise ValueError(f"there is no schedule '{schedule}': choose from one-cycle, cosine, constant")


def _half_cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(max(progress, 0), 1))) / 2
