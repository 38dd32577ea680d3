"""Connected components of ink: where each lies, how heavy it is, and which of them may be one digit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.polarity import Grey

WEAK, STRONG = 64, 140
"""Ink is followed down to WEAK from where it reaches STRONG (hysteresis)."""
MOST_COMPONENTS = 200
"""Of more components than this the heaviest are looked at: what has more is noise."""
GAPS = 0.08, 0.25, 0.0
"""Parts of a digit lie so near to each other, as a share of the longer side of what is gathered."""
LEAST_MASS = 0.02
"""A part lighter than this share of the main component is a speck."""
LEAST_SECOND = 0.2
"""What is less prominent than this share of the main component is not the digit."""


@dataclass(frozen=True, slots=True, eq=False)
class PixelBox:
    """A box in pixels, `right` and `bottom` exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """From side to side."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def size(self) -> int:
        """The longer side."""
        return max(self.width, self.height)


@dataclass(frozen=True, slots=True, eq=False)
class Component(PixelBox):
    """A connected component of ink in its box."""

    label: int
    mass: float
    edges: int
    """On how many sides of the image it ends."""


def components_of(labels: NDArray[np.signedinteger], count: int, ink: Grey) -> list[Component]:
    """The `count` components of (H, W) `labels`, the heaviest first, without those nowhere strong."""
    height, width = ink.shape
    there = np.flatnonzero(labels > 0)
    label, amount = labels.ravel()[there], ink.ravel()[there]
    strong = np.bincount(label[amount >= STRONG], minlength=count + 1)
    masses = np.bincount(label, weights=amount, minlength=count + 1)
    boxes = ndimage.find_objects(labels)
    found = []
    masses[strong == 0] = 0.0
    for number in np.argsort(-masses, kind="stable")[:MOST_COMPONENTS].tolist():
        if masses[number] == 0.0:
            break
        rows, columns = boxes[number - 1]
        edges = (rows.start == 0) + (rows.stop == height) + (columns.start == 0) + (columns.stop == width)
        box = columns.start, rows.start, columns.stop, rows.stop
        found.append(Component(*box, number, float(masses[number]), edges))
    return found


def union(group: list[Component]) -> PixelBox:
    """The box around several components."""
    return PixelBox(
        min(part.left for part in group),
        min(part.top for part in group),
        max(part.right for part in group),
        max(part.bottom for part in group),
    )


def groups(found: Sequence[Component], shape: tuple[int, ...]) -> Iterator[tuple[str, list[Component]]]:
    """Groups of components of a (H, W) picture that may be one digit, with the way they were made.

    Grown around the main component and around the next one; what does not touch the edge; all.
    """
    given: set[bytes] = set()
    if not found:
        return
    for name, group in _groups(found, shape):
        if group.any() and group.tobytes() not in given:
            given.add(group.tobytes())
            yield name, [part for part, own in zip(found, group.tolist(), strict=True) if own]


def _groups(found: Sequence[Component], shape: tuple[int, ...]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The same as masks (n,)."""
    height, width = shape
    boxes = np.array([(part.left, part.top, part.right, part.bottom) for part in found])
    masses, inner = np.array([part.mass for part in found]), np.array([not part.edges for part in found])
    prominent = np.array([prominence(part, width, height) for part in found])
    main = int(prominent.argmax())
    heavy = masses > LEAST_MASS * masses[main]
    for gap in GAPS:
        yield "grown", _grown(main, boxes, heavy & (inner | ~inner[main]), gap)
    is_main = np.arange(len(found)) == main
    others = np.where(is_main, 0.0, prominent)
    second = int(others.argmax())
    if others[second] > LEAST_SECOND * prominent[main]:
        # A ring's box holds the digit in it: either may be meant without the other.
        yield "grown", is_main
        yield "second", _grown(second, boxes, heavy & ~is_main & (inner | ~inner[second]), 0.0)
    yield "inner", heavy & inner
    yield "all", heavy


def _grown(
    main: int, boxes: NDArray[np.signedinteger], allowed: NDArray[np.bool_], gap: float
) -> NDArray[np.bool_]:
    """A component and what lies near to it, and near to that, such as the hat of a 5: (n,)."""
    group: NDArray[np.bool_] = np.arange(len(boxes)) == main
    fresh = group
    while fresh.any():
        low, high = boxes[group, :2].min(axis=0), boxes[group, 2:].max(axis=0)
        # How far apart two boxes are: along the axis where they are farther.
        before = boxes[None, :, :2] - boxes[fresh, None, 2:]
        behind = boxes[fresh, None, :2] - boxes[None, :, 2:]
        apart = np.maximum(before, behind).max(axis=2).min(axis=0)
        fresh = allowed & ~group & (np.maximum(apart, 0) <= gap * (high - low).max())
        group = group | fresh
    return group


def prominence(part: Component, width: int, height: int) -> float:
    """How much a component looks like what the picture was taken of: large, and away from the edge."""
    x = (part.left + part.right) / (2 * width) - 0.5
    y = (part.top + part.bottom) / (2 * height) - 0.5
    centrality = 1.0 - 0.9 * min(1.0, (x * x + y * y) ** 0.5 / 0.7)
    over_middle = part.left < width / 2 < part.right and part.top < height / 2 < part.bottom
    within = 1.0 if not part.edges else 0.5 if over_middle and part.edges < 3 else 0.1
    return float((part.mass * part.size) ** 0.5 * centrality * within)
