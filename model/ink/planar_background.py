"""Broad strokes on paper of one level, under light that fades evenly from one side to the other.

The paper's brightness is then a plane, and a few rounds of least squares find it however broad the strokes
are. A marker's strokes, or a house number's, are as wide as the shadows that `model.ink.background` looks out
for.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from model.ink.morphology import border, has_shadow, largest_around
from model.ink.polarity import Real, otsu

_ROUNDS = 4
"""How often the paper is told from the ink and a plane fitted to it."""
_LEAST_CONTRAST = 16.0
"""Ink differs from the paper by at least so many grey levels, ..."""
_CLEAR = 6.0
"""... and by at least so many times the paper's noise."""
_BETWEEN = 0.3, 0.04
"""Away from the ink, pixels with more than 0.3 of the ink's contrast are at most a share of 0.04."""
_MOST_INK, _MOST_BORDER = 0.6, 0.4
"""Ink covers at most these shares of the picture and of its border."""
BROAD = 0.15
"""Narrower strokes (share of the longer side) are for `model.ink.background`, which tells shadows better."""
_NEAR = 5
"""A pixel is away from the ink if no ink lies in a square of this side around it (reduced pixels)."""

Plane = tuple[float, float, float]
"""Level in the middle, and the differences from left to right and from top to bottom."""


def fit_plane(small: Real, dark: bool, threshold: float) -> Plane | None:
    """Fit a plane to the paper of a `reduced` picture; None unless it shows broad strokes on paper alone.

    Args:
        small: The picture.
        dark: Whether the ink is darker than the paper.
        threshold: The level that parts the two to begin with (`otsu`).
    """
    height, width = small.shape
    across, down = _powers(width), _powers(height)
    values = small.astype(np.float64)
    sign = -1.0 if dark else 1.0
    ink = small < threshold if dark else small > threshold
    # The paper, 1 where it is and 0 elsewhere, and its levels.
    known = np.empty((2, height, width))
    plane: Plane = 0.0, 0.0, 0.0
    for _ in range(_ROUNDS):
        np.logical_not(ink, out=known[0])
        np.multiply(known[0], values, out=known[1])
        # Sums over the paper of all products of powers of x and y, alone and with the levels.
        alone, levels = (down @ (known @ across.T)).tolist()
        ((n, x, xx), (y, xy, _), (yy, _, _)), ((v, vx, _), (vy, _, _), _) = alone, levels
        if n < (1.0 - _MOST_INK) * ink.size:
            return None
        # The normal equations are three, and nearly orthogonal: much of the picture is paper.
        normal = np.array([[n, x, y], [x, xx, xy], [y, xy, yy]])
        plane = tuple(np.linalg.solve(normal, np.array([v, vx, vy])).tolist())
        paper = plane[0] + plane[1] * across[1] + (plane[2] * down[1])[:, None]
        beyond = (sign * (values - paper)).astype(np.float32)
        before, ink = ink, beyond > otsu(np.clip(beyond, 0, 255))
        if np.array_equal(before, ink):
            break
    return plane if _is_clear(beyond, ink) else None


@lru_cache(maxsize=256)
def _powers(length: int) -> NDArray[np.float64]:
    """The powers 0, 1 and 2 of the places along an axis, from -0.5 to 0.5: (3, length)."""
    places = (np.arange(length) + 0.5) / length - 0.5
    return np.stack([np.ones(length), places, places * places])


def _is_clear(beyond: Real, ink: NDArray[np.bool_]) -> bool:
    """Whether the differences from a plane are those of strokes on paper and nothing else."""
    if _width(ink) < BROAD * max(ink.shape) or border(ink).mean() > _MOST_BORDER:
        return False
    paper = beyond[~ink]
    contrast = float(np.median(beyond[ink])) if ink.any() else 0.0
    noise = 1.4826 * float(np.median(np.abs(paper)))
    if contrast < max(_LEAST_CONTRAST, _CLEAR * noise):
        return False
    off = largest_around(ink.view(np.uint8), _NEAR) == 0
    share, most = _BETWEEN
    if off.any() and float((beyond[off] > share * contrast).mean()) > most:
        return False
    return not has_shadow(ink)


def _width(ink: NDArray[np.bool_]) -> float:
    """The mean width of strokes: twice their area by their outline. The picture's edge is not an outline."""
    outline = int(np.count_nonzero(ink[1:] != ink[:-1]) + np.count_nonzero(ink[:, 1:] != ink[:, :-1]))
    return 2.0 * int(np.count_nonzero(ink)) / max(1, outline)


def subtract_plane(grey: Real, plane: Plane) -> Real:
    """Bring the paper of a (H, W) picture to the level that it has in the middle."""
    height, width = grey.shape
    _, across, down = plane
    x = ((np.arange(width) + 0.5) / width - 0.5).astype(np.float32)
    y = ((np.arange(height) + 0.5) / height - 0.5).astype(np.float32)
    even: Real = grey - np.float32(across) * x - np.float32(down) * y[:, None]
    return even
