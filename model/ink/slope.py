"""Broad strokes on paper of one level, under light that fades evenly from one side to the other.

The paper's brightness is then a plane, which a few rounds of least squares find however broad the strokes
are: a marker's, or a house number's, are as wide as the shadows that `model.ink.uneven` has to look out for.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.extremes import largest_around, smallest_around
from model.ink.polarity import Real, border, otsu

_ROUNDS = 4
"""So many times the paper is told from the ink, and the plane laid through it."""
_LEAST_CONTRAST = 16.0
"""Grey levels between ink and paper at the least; and so many times the paper's noise:"""
_CLEAR = 6.0
_BETWEEN = 0.3, 0.04
"""Of what is well off the ink, no more than a share of 0.04 is farther from the paper than 0.3 of the ink."""
_MOST_INK, _MOST_BORDER = 0.6, 0.4
"""No more of the picture, and no more of its border, is ink."""
_BLOT = 0.3
"""A square of ink this wide (share of the longer side) that runs out of the picture is a shadow."""
BROAD = 0.15
"""Narrower strokes (share of the longer side) are for `model.ink.uneven`, which minds shadows more."""
_NEAR = 5
"""What is well off the ink lies outside of this neighbourhood (reduced pixels)."""

Plane = tuple[float, float, float]
"""Level in the middle, and the differences from left to right and from top to bottom."""


def slope(small: Real, dark: bool, threshold: float) -> Plane | None:
    """The plane of a `reduced` picture's paper; None where there are no broad strokes on paper, and no more.

    `dark` says whether the ink is darker than the paper, `threshold` what level parts them at first (`otsu`).
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
        # The normal equations are three, and as good as orthogonal: much of the picture is paper.
        normal = np.array([[n, x, y], [x, xx, xy], [y, xy, yy]])
        plane = tuple(np.linalg.solve(normal, np.array([v, vx, vy])).tolist())
        paper = plane[0] + plane[1] * across[1] + (plane[2] * down[1])[:, None]
        beyond = (sign * (values - paper)).astype(np.float32)
        before, ink = ink, beyond > otsu(np.clip(beyond, 0, 255))
        if np.array_equal(before, ink):
            break  # and so it would stay
    return plane if _is_clear(beyond, ink) else None


@lru_cache(maxsize=256)
def _powers(length: int) -> NDArray[np.float64]:
    """Of the places along an axis, from -0.5 to 0.5, the powers 0, 1 and 2: (3, length)."""
    places = (np.arange(length) + 0.5) / length - 0.5
    return np.stack([np.ones(length), places, places * places])


def _is_clear(beyond: Real, ink: NDArray[np.bool_]) -> bool:
    """Whether the differences from a plane are those of strokes on paper, and of nothing else."""
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
    blot = max(5, round(_BLOT * max(ink.shape)))
    deep = smallest_around(ink.view(np.uint8), blot) > 0
    if deep.any():
        labels, _ = ndimage.label(ink)
        return not np.intersect1d(labels[deep], border(labels)).any()
    return True


def _width(ink: NDArray[np.bool_]) -> float:
    """The mean width of strokes: twice their area by their outline; the picture's edge is no outline."""
    outline = int(np.count_nonzero(ink[1:] != ink[:-1]) + np.count_nonzero(ink[:, 1:] != ink[:, :-1]))
    return 2.0 * int(np.count_nonzero(ink)) / max(1, outline)


def levelled(grey: Real, plane: Plane) -> Real:
    """A (H, W) picture with its paper all of the level in the middle."""
    height, width = grey.shape
    _, across, down = plane
    x = ((np.arange(width) + 0.5) / width - 0.5).astype(np.float32)
    y = ((np.arange(height) + 0.5) / height - 0.5).astype(np.float32)
    even: Real = grey - np.float32(across) * x - np.float32(down) * y[:, None]
    return even
