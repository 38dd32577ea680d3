"""Work shared between processes that are forked from this one: the data sets and fonts are loaded once."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")

_inherited: list[Callable[..., object]] = []
"""The function that this process applies, where it is a worker."""


def forked_map(function: Callable[[T], R], tasks: Sequence[T], workers: int) -> Iterator[R]:
    """Apply `function` to each task in `workers` processes; the results come in any order.

    The function may be a closure over anything, since a forked process has it already; tasks and results are
    pickled. No thread may have been started before.
    """
    if workers == 1:
        yield from map(function, tasks)
        return
    with multiprocessing.get_context("fork").Pool(workers, _inherited.append, (function,)) as pool:
        for result in pool.imap_unordered(_call, tasks):
            yield cast("R", result)


def _call(task: object) -> object:
    return _inherited[0](task)
