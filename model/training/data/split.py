"""The fixed split of a training set: 55,000 to learn from and 5,000 to choose by, for MNIST."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPLIT_SEED = 1998
VALIDATION_SHARE = 5_000 / 60_000


def stratified_split(
    labels: NDArray[np.integer], share: float = VALIDATION_SHARE, seed: int = SPLIT_SEED
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sorted indices (training, validation) of `labels` (n,), each class giving `share` of itself.

    The split does not depend on a run's seed, so that every run chooses on the same images. What the
    rounding of the classes leaves is given to the largest remainders: 60,000 labels give exactly 5,000.
    """
    classes, counts = np.unique(labels, return_counts=True)
    exact = counts * share
    taken = np.floor(exact).astype(np.int64)
    missing = round(len(labels) * share) - int(taken.sum())
    for i in np.argsort(taken - exact, kind="stable")[:missing]:
        taken[i] += 1
    random = np.random.default_rng(seed)
    chosen = [
        random.permutation(np.flatnonzero(labels == label))[:n]
        for label, n in zip(classes, taken, strict=True)
    ]
    validation = np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, np.int64)
    training = np.setdiff1d(np.arange(len(labels)), validation)
    return training, validation
