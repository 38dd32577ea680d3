"""What a run learns from: one or several sources of images, mixed batch by batch by their weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.training.data.images import DataError, largest_remainders
from model.training.data.own import load_npz


@dataclass(frozen=True, slots=True)
class Source:
    """Images to learn from.

    `images` (copies, n, 28, 28) uint8, white ink on black: one or several versions of the same n images,
    each shown in turn. `labels` (n,) int64, 0 to 9 or `NO_DIGIT`. `weight` is the source's share of a
    batch, relative to the other sources'. `distort`: whether the run's distortions apply to it.
    `logits` (copies, n, 10) float16: its teachers' answers to each image, if it has any; `scores`
    (copies, n) float16: those of their digit heads, if they were asked.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    weight: float = 1.0
    distort: bool = True
    logits: NDArray[np.float16] | None = None
    scores: NDArray[np.float16] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """`fields` (b,1,28,28) float in [0,1]; `labels` (b,); `distort` (b,) bool.

    `logits` (b,10) of the teachers and `scores` (b,) of their digit heads are NaN for an image that they
    were not asked about.
    """

    fields: Tensor
    labels: Tensor
    logits: Tensor
    scores: Tensor
    distort: Tensor


class Mixture:
    """Batches drawn from sources by weight: the same ones for the same seed, whatever was drawn before.

    The number of images from each source is the same in every batch. A source is walked through in a shuffled
    order, then shuffled again; its copies take turns, and different images start with different copies. The
    first source defines a pass (once through its images) and the largest batch (one that holds all of them).
    """

    def __init__(self, sources: list[Source], batch: int, seed: int) -> None:
        self.sources, self.seed = sources, seed
        weights = [source.weight for source in sources]
        # A larger batch would only repeat the first source's images within itself.
        most = int(len(sources[0].labels) * sum(weights) / weights[0] + 1e-9)
        places = min(batch, most)
        exact = np.array(weights) / sum(weights) * places
        self.counts = largest_remainders(exact, places).tolist()
        if self.counts[0] == 0:
            raise ValueError(f"{sources[0].name}: its weight leaves no place in a batch of {batch}")
        self.steps = max(1, len(sources[0].labels) // self.counts[0])
        """Batches per pass."""

    def batches(self, pass_: int, start: int = 0) -> Iterator[Batch]:
        """The batches `start`, `start` + 1, ... of the pass `pass_` (0, 1, ...)."""
        for step in range(start, self.steps):
            yield self._batch(pass_ * self.steps + step)

    def _batch(self, number: int) -> Batch:
        fields, labels, logits, scores, distort = [], [], [], [], []
        for i, (source, count) in enumerate(zip(self.sources, self.counts, strict=True)):
            if count == 0:
                continue
            index, copies = self._draw(i, number * count, count)
            fields.append(torch.from_numpy(source.images[copies, index]))
            labels.append(torch.from_numpy(source.labels[index]))
            distort.append(torch.full((count,), source.distort))
            logits.append(_answers(source.logits, copies, index, (count, 10)))
            scores.append(_answers(source.scores, copies, index, (count,)))
        return Batch(
            torch.cat(fields)[:, None].float() / 255,
            torch.cat(labels),
            torch.cat(logits),
            torch.cat(scores),
            torch.cat(distort),
        )

    def _draw(self, i: int, first: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Indices and copies of `count` images, from number `first` on, in source i's endless walk.

        A walk is len // count whole batches, so that no batch straddles two walks.
        """
        source = self.sources[i]
        per_walk = max(count, len(source.labels) // count * count)
        walk, offset = divmod(first, per_walk)
        order = _order(self.seed, i, walk, len(source.labels))
        index = order[np.arange(offset, offset + count) % len(order)]
        # A fixed multiplicative hash spreads the images over the copies.
        copies = (index * 2_654_435_761 // 65_536 + walk) % len(source.images)
        return index, copies


@lru_cache(maxsize=16)
def _order(seed: int, source: int, walk: int, n: int) -> NDArray[np.int64]:
    """The order in which a source's `n` images come in its walk number `walk`."""
    return np.random.default_rng((seed, source, walk)).permutation(n)


def _answers(
    answers: NDArray[np.float16] | None,
    copies: NDArray[np.int64],
    index: NDArray[np.int64],
    shape: tuple[int, ...],
) -> Tensor:
    """The teachers' answers to some images, NaN if they were not asked."""
    if answers is None:
        return torch.full(shape, torch.nan)
    return torch.from_numpy(answers[copies, index]).float()


def load_source(asked: str, *, distort: bool) -> Source:
    """Load the source that `--mix FILE.npz` or `--mix FILE.npz=WEIGHT` asks for. Raises `DataError`."""
    name, _, text = asked.partition("=")
    try:
        weight = float(text) if text else 1.0
    except ValueError:
        weight = 0.0
    if not weight > 0:
        raise DataError(f"--mix {asked}: '{text}' is not a weight above 0")
    found = load_npz(Path(name))
    return Source(Path(name).stem, found.images[None], found.labels, weight, distort)
