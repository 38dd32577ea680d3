"""Connected components of ink: where each lies, how heavy it is, and whether it runs out of the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.polarity import Grey

WEAK, STRONG = 64, 140
"""Ink is followed down to WEAK from where it reaches STRONG (hysteresis)."""

MOST_COMPONENTS = 200
"""Of more components than this the heaviest are looked at: what has more is noise."""


@dataclass(frozen=True, slots=True)
class Component:
    """A connected component of ink; the box is in pixels, `right` and `bottom` exclusive."""

    label: int
    left: int
    top: int
    right: int
    bottom: int
    mass: float
    edges: int
    """On how many sides of the image it ends."""

    @property
    def width(self) -> int:
        """Width of the box."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height of the box."""
        return self.bottom - self.top

    @property
    def size(self) -> int:
        """The box's longer side."""
        return max(self.width, self.height)


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
        found.append(
            Component(
                number, columns.start, rows.start, columns.stop, rows.stop, float(masses[number]), edges
            )
        )
    return found


def thinness(part: Component, labels: NDArray[np.signedinteger]) -> float:
    """How wide a component is for its length, 0 to 1, whichever way it lies."""
    rows, columns = slice(part.top, part.bottom), slice(part.left, part.right)
    y, x = np.nonzero(labels[rows, columns] == part.label)
    if len(y) < 2:
        return 1.0
    least, most = np.linalg.eigvalsh(np.cov(np.stack([x, y])))
    return float(np.sqrt(max(least, 0.0) / most)) if most > 0 else 1.0


def union(group: list[Component]) -> tuple[int, int, int, int]:
    """The box around several components: left, top, right, bottom."""
    return (
        min(c.left for c in group),
        min(c.top for c in group),
        max(c.right for c in group),
        max(c.bottom for c in group),
    )
