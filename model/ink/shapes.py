"""Shapes that are put around digits: rectangles, which may be turned, and discs."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.hull import area_of, corners_of, hull_of

Mask = NDArray[np.bool_]

_RECTANGLE = 0.88
"""A rectangle's share of the narrowest one around it."""
_ANGLES = np.radians(np.arange(-24.0, 25.0, 3.0))
"""Those that are tried are turned by these."""
_DISC = 0.96
"""A disc's share of its convex hull."""
_WIDEST = 2.0
"""It is at most so wide for its height."""


def is_rectangle(shape: Mask) -> bool:
    """Whether a shape (H, W) without holes fills a rectangle."""
    outline = shape & ~ndimage.binary_erosion(shape)
    y, x = np.nonzero(outline)
    across = np.outer(np.cos(_ANGLES), x) + np.outer(np.sin(_ANGLES), y)
    down = np.outer(np.cos(_ANGLES), y) - np.outer(np.sin(_ANGLES), x)
    areas = (np.ptp(across, axis=1) + 1) * (np.ptp(down, axis=1) + 1)
    return bool(shape.sum() > _RECTANGLE * areas.min())


def is_disc(shape: Mask, narrowest: float) -> bool:
    """Whether a shape (H, W) without holes is round, and so wide for its height at the least."""
    height, width = shape.shape
    if not narrowest * height <= width <= _WIDEST * height:
        return False
    return bool(shape.sum() > _DISC * area_of(hull_of(corners_of(shape))))
