"""Connected components of ink: where each lies, how heavy it is, and which of them may be one digit."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.morphology import EIGHT
from model.ink.polarity import Grey

Values = NDArray[Any]
Floats = NDArray[np.float64]
Group = NDArray[np.bool_]
"""A mask (n,) of the components that belong to a group."""

WEAK, STRONG = 64, 140
"""Ink is followed down to WEAK from where it reaches STRONG (hysteresis)."""
MOST_COMPONENTS = 200
"""The most components that are looked at, the heaviest ones: a picture with more is noise."""
GAP = 0.08
"""The largest gap between parts of a digit, as a share of the longer side of the parts gathered so far."""
LEAST_MASS, LEAST_SECOND = 0.02, 0.2
"""A component below this share of the main one's mass is a speck; below this of its prominence, no digit."""


class Components(NamedTuple):
    """n components, the heaviest first: `labels` (n,) in the labelled picture, and their `masses` (n,).

    `boxes` (n, 4) are left, top, right and bottom (pixels), the last two exclusive; `edges` (n,) is the
    number of the picture's sides that each of them touches.
    """

    labels: Values
    boxes: Values
    masses: Values
    edges: Values

    def take(self, group: Group) -> "Components":
        """The components of a group."""
        return Components(*(values[group] for values in self))

    def joined(self, other: "Components") -> "Components":
        """These components and those of `other`."""
        return Components(*(np.concatenate(both) for both in zip(self, other, strict=True)))


def components_of(ink: Grey) -> tuple[Values, Components]:
    """Label (H, W) ink, and find its components, except those that are nowhere strong."""
    labels, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    there = np.flatnonzero(labels)
    label, amount = labels.ravel()[there], ink.ravel()[there]
    masses = np.bincount(label, weights=amount, minlength=count + 1)
    masses[np.bincount(label[amount >= STRONG], minlength=count + 1) == 0] = 0.0
    heaviest = np.argsort(-masses, kind="stable")[:MOST_COMPONENTS]
    heaviest = heaviest[masses[heaviest] > 0]
    places = ndimage.find_objects(labels)
    spans = [places[number - 1] for number in heaviest.tolist()]
    boxes = [(across.start, down.start, across.stop, down.stop) for down, across in spans]
    found = np.array(boxes, np.float64).reshape(-1, 4)
    height, width = ink.shape
    edges = (found == (0, 0, width, height)).sum(axis=1)
    return labels, Components(heaviest, found, masses[heaviest], edges)


def gaps(first: Floats, second: Floats) -> Floats:
    """The gaps (n, m, 2), across and down, between (n, 4) and (m, 4) boxes; negative where they overlap."""
    behind, before = first[:, None, :2] - second[:, 2:], second[:, :2] - first[:, None, 2:]
    return np.asarray(np.maximum(behind, before))


def groups(found: Components, shape: tuple[int, ...]) -> list[tuple[str, Group]]:
    """Groups of components of a (H, W) picture that may be one digit, each with the name of its way.

    Ways: grown around the main component or the next one; all that do not touch the edge; all.
    """
    unique: dict[bytes, tuple[str, Group]] = {}
    for way, group in _groups(found, shape) if len(found.masses) else ():
        unique.setdefault(group.tobytes(), (way, group))
    return [(way, group) for way, group in unique.values() if group.any()]


def _groups(found: Components, shape: tuple[int, ...]) -> Iterator[tuple[str, Group]]:
    inner, prominent = found.edges == 0, _prominence(found, shape)
    main = int(prominent.argmax())
    heavy = found.masses > LEAST_MASS * found.masses[main]
    yield "grown", _grown(main, found.boxes, heavy & (inner | ~inner[main]), GAP)
    is_main = np.arange(len(inner)) == main
    others = np.where(is_main, 0.0, prominent)
    second = int(others.argmax())
    if others[second] > LEAST_SECOND * prominent[main]:
        # A ring's box holds the digit in it: either may be meant without the other.
        yield "grown", is_main
        yield "second", _grown(second, found.boxes, heavy & ~is_main & (inner | ~inner[second]), 0.0)
    yield "inner", heavy & inner
    yield "all", heavy


def _grown(main: int, boxes: Floats, allowed: Group, gap: float) -> Group:
    """A component and those near to it or to one already gathered, such as the hat of a 5."""
    group = fresh = np.arange(len(boxes)) == main
    while fresh.any():
        low, high = boxes[group, :2].min(axis=0), boxes[group, 2:].max(axis=0)
        apart = gaps(boxes, boxes[fresh]).max(axis=2).min(axis=1)
        fresh = allowed & ~group & (np.maximum(apart, 0) <= gap * (high - low).max())
        group = group | fresh
    return np.asarray(group)


def _prominence(found: Components, shape: tuple[int, ...]) -> Floats:
    """How much each component looks like the picture's subject: large, central and away from the edge."""
    sides, (left, top, right, bottom) = shape[::-1], found.boxes.T
    x, y = (left + right) / (2 * sides[0]) - 0.5, (top + bottom) / (2 * sides[1]) - 0.5
    central = 1.0 - 0.9 * np.minimum(1.0, np.hypot(x, y) / 0.7)
    over_middle = (left < sides[0] / 2) & (sides[0] / 2 < right) & (found.edges < 3)
    within = np.where(found.edges == 0, 1.0, np.where(over_middle, 0.5, 0.1))
    size = np.maximum(right - left, bottom - top)
    return np.asarray(np.sqrt(found.masses * size) * central * within)
