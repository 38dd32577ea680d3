"""Items drawn batch by batch, in as many processes as are wanted.

Every item has a seed of its own, made from the run's seed, the part, the kind and the item's number: the item
depends neither on the number of processes nor on the code that it is drawn for.
"""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, TypeVar, cast

import numpy as np

from model.generator.items import PARTS, Item
from model.generator.kinds import Kind
from model.generator.materials import Materials
from model.recognition import Recogniser

T = TypeVar("T")
R = TypeVar("R")
SIZE = 100
"""The most items in a batch."""

_inherited: list[Callable[..., object]] = []
"""The function that this process applies, where it is a worker."""


class Batch(NamedTuple):
    """Some items of one kind: the kind's place among the kinds, and the items' numbers."""

    kind: int
    numbers: range


def in_batches(
    materials: Materials,
    kinds: Sequence[Kind],
    counts: Iterable[int],
    use: Callable[[Batch, Iterator[Item], Recogniser], R],
    *,
    seed: int,
    workers: int = 1,
    model: str = "lenet5",
    device: str = "cpu",
    progress: Callable[[int], object] = lambda _: None,
) -> Iterator[tuple[Batch, R]]:
    """Yield each batch, in order, and what `use` makes of it; `counts` has the number of items per kind.

    `progress` is called with the number of items of each batch. The preset or checkpoint `model` is loaded
    in each process.
    """
    sources = [kind.make(materials) for kind in kinds]
    recogniser = cache(lambda: Recogniser.load(model, device))

    def run(batch: Batch) -> R:
        of_kind = [seed, PARTS.index(materials.part), *kinds[batch.kind].name.encode()]
        rngs = (np.random.default_rng([*of_kind, number]) for number in batch.numbers)
        return use(batch, map(sources[batch.kind], rngs), recogniser())

    batches = [
        Batch(kind, range(start, min(start + SIZE, count)))
        for kind, count in enumerate(counts)
        for start in range(0, count, SIZE)
    ]
    for batch, made in zip(batches, forked_map(run, batches, workers), strict=True):
        progress(len(batch.numbers))
        yield batch, made


def forked_map(function: Callable[[T], R], tasks: Sequence[T], workers: int) -> Iterator[R]:
    """Apply `function` to each task, in order, in processes that are forked from this one.

    The function may be a closure over anything, since a forked process has it already: data sets and fonts
    are loaded once. Tasks and results are pickled. No thread may have been started before.
    """
    if workers == 1:
        yield from map(function, tasks)
        return
    with multiprocessing.get_context("fork").Pool(workers, _inherited.append, (function,)) as pool:
        for result in pool.imap(_call, tasks):
            yield cast("R", result)


def _call(task: object) -> object:
    return _inherited[0](task)
