"""Chances that every source takes."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from model.generator.items import Rng

T = TypeVar("T")


def between(rng: Rng, low: float, high: float) -> float:
    """A random number between two positive ones, each order of magnitude as likely as another."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def one_of(rng: Rng, things: Sequence[T]) -> T:
    """One of the things, each as likely as another."""
    return things[int(rng.integers(len(things)))]


def either(share: float, first: Callable[[Rng], T], second: Callable[[Rng], T]) -> Callable[[Rng], T]:
    """A hand, an ink or a source: `first` with probability `share`, else `second`."""
    return lambda rng: first(rng) if rng.random() < share else second(rng)
