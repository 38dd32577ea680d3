"""What rejection is measured on: digits and other things of many kinds, each kind counting the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.training.data import NO_DIGIT, LabelledImages

Weights = NDArray[np.float64]

GROUPS = {
    "strokes": "drawings",
    "canvas": "drawings",
    "photos": "photographs",
    "printed": "prints",
    "displays": "prints",
    "mnist": "scans",
    "coarse": "scans",
    "cheques": "scans",
    "cells": "scans",
    "letters": "letters",
    "scripts": "other scripts",
    "characters": "other scripts",
    "scribbles": "scribbles and shapes",
    "shapes": "scribbles and shapes",
    "symbols": "symbols and icons",
    "textures": "pictures",
    "pictures": "pictures",
    "fabrics": "pictures",
    "pairs": "several digits",
    "halves": "spoiled digits",
    "struck": "spoiled digits",
    "overlapping": "spoiled digits",
    "lying": "spoiled digits",
    "segments": "pieces of numbers",
}
"""The first word of a kind's name, and the group that it belongs to; another kind is a group of its own."""


def group_of(kind: str) -> str:
    """The group of a kind: "photos-pen" -> "photographs"."""
    return GROUPS.get(kind.partition("-")[0], kind)


def gather(parts: Mapping[str, LabelledImages]) -> LabelledImages:
    """One part of all `parts`, its `groups` the names of the kinds and its `writers` which of them.

    A part that names no kinds is one kind of the name it has in `parts`; kinds of one name are joined.
    """
    names: dict[str, int] = {}
    kinds = []
    for name, part in parts.items():
        own = part.group_names if part.group_names and part.groups is not None else (name,)
        within = np.zeros(len(part), np.int64) if part.groups is None or not part.group_names else part.groups
        numbers = np.array([names.setdefault(kind, len(names)) for kind in own])
        kinds.append(numbers[within])
    return LabelledImages(
        np.concatenate([part.images for part in parts.values()]),
        np.concatenate([part.labels for part in parts.values()]),
        np.concatenate(kinds),
        tuple(names),
    )


def kinds_of(part: LabelledImages, *, digits: bool) -> dict[str, NDArray[np.int64]]:
    """The kinds of the digits, or of all that is none, of a gathered part: the indices of their images."""
    assert part.groups is not None
    assert part.group_names is not None
    wanted = (part.labels != NO_DIGIT) == digits
    found = {name: np.flatnonzero(wanted & (part.groups == n)) for n, name in enumerate(part.group_names)}
    return {name: index for name, index in found.items() if len(index)}


def grouped(kinds: Mapping[str, NDArray[np.int64]]) -> dict[str, list[str]]:
    """The kinds of each group, in the order in which they come."""
    groups: dict[str, list[str]] = {}
    for kind in kinds:
        groups.setdefault(group_of(kind), []).append(kind)
    return groups


def balanced(kinds: Mapping[str, NDArray[np.int64]]) -> tuple[NDArray[np.int64], Weights]:
    """All indices of `kinds` and a weight for each: every kind has the same, and together they have 1."""
    index = np.concatenate(list(kinds.values()))
    weights = [np.full(len(one), 1 / (len(one) * len(kinds))) for one in kinds.values()]
    return index, np.concatenate(weights)


def sample(part: LabelledImages, count: int, seed: int = 0) -> LabelledImages:
    """At most `count` digits and as many other things, chosen at random but the same ones each time."""
    random = np.random.default_rng(seed)
    digit = part.labels != NO_DIGIT
    chosen = [random.permutation(np.flatnonzero(side))[:count] for side in (digit, ~digit)]
    return part.take(np.sort(np.concatenate(chosen)))
