"""Shapes that are put around digits: rectangles, which may be turned, and discs."""

import numpy as np
from numpy.typing import NDArray

from model.ink.hull import area_of, corners_of, hull_of, spans_of

Mask = NDArray[np.bool_]

LEAST_FILL = 0.88
"""A rectangle's share of the narrowest one around it; a disc's of its convex hull is larger."""
_ANGLES = np.radians(np.arange(-24.0, 25.0, 3.0))
"""Those that are tried are turned by these."""
_DISC = 0.96
"""A disc's share of its convex hull."""
_WIDEST = 2.0
"""It is at most so wide for its height."""


def is_rectangle(shape: Mask) -> bool:
    """Whether a shape (H, W) without holes fills a rectangle."""
    rows, first, last = spans_of(shape).T
    x, y = np.concatenate([first, last]), np.concatenate([rows, rows])
    across = np.outer(np.cos(_ANGLES), x) + np.outer(np.sin(_ANGLES), y)
    down = np.outer(np.cos(_ANGLES), y) - np.outer(np.sin(_ANGLES), x)
    areas = (np.ptp(across, axis=1) + 1) * (np.ptp(down, axis=1) + 1)
    return bool(shape.sum() > LEAST_FILL * areas.min())


def is_disc(shape: Mask, narrowest: float) -> bool:
    """Whether a shape (H, W) without holes is round, and so wide for its height at the least."""
    height, width = shape.shape
    if not narrowest * height <= width <= _WIDEST * height:
        return False
    return bool(shape.sum() > _DISC * area_of(hull_of(corners_of(shape))))
