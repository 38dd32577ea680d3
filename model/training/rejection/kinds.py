"""Digits and other things of many kinds, each kind counting the same wherever several are taken together."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.training.data import NO_DIGIT, LabelledImages
from model.training.evaluation.measures import Weights

Index = NDArray[np.int64]
"""Places of images, (m,)."""


def gather(parts: Mapping[str, LabelledImages]) -> LabelledImages:
    """Join all `parts`, grouped by kind: each part's own kinds, or one kind of the part's name.

    Kinds of the same name are joined.
    """
    numbers: dict[str, int] = {}
    kinds = []
    for name, part in parts.items():
        names: tuple[str, ...] = (name,)
        within = np.zeros(len(part), np.int64)
        if part.groups is not None and part.group_names is not None:
            names, within = part.group_names, part.groups
        kinds.append(np.array([numbers.setdefault(kind, len(numbers)) for kind in names])[within])
    return LabelledImages(
        np.concatenate([part.images for part in parts.values()]),
        np.concatenate([part.labels for part in parts.values()]),
        np.concatenate(kinds),
        tuple(numbers),
    )


def kinds_of(gathered: LabelledImages, *, digits: bool) -> dict[str, Index]:
    """The images of each kind of digits, or of each kind of other things."""
    assert gathered.groups is not None
    assert gathered.group_names is not None
    wanted = (gathered.labels != NO_DIGIT) == digits
    found = {
        name: np.flatnonzero(wanted & (gathered.groups == n)) for n, name in enumerate(gathered.group_names)
    }
    return {name: index for name, index in found.items() if len(index)}


def balanced(kinds: Mapping[str, Index]) -> tuple[Index, Weights]:
    """The images of all `kinds` and a weight for each: every kind has the same, and together they have 1."""
    weights = [np.full(len(index), 1 / (len(index) * len(kinds))) for index in kinds.values()]
    return np.concatenate(list(kinds.values())), np.concatenate(weights)
