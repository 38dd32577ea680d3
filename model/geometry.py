"""Plane projective geometry: what takes points of one picture to another's, and how far lines are turned."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
"""The unit square's corners, from the upper left on."""


def project(matrix: Floats, points: Floats) -> Floats:
    """Points (n, 2) through a (3, 3) matrix: (n, 2)."""
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:])


def homography(points: Floats, seen: Floats) -> Floats:
    """(3, 3): what takes points (n, 2) to where they are seen (n, 2), by least squares; of three, affine.

    The direct linear transform (R. Hartley, A. Zisserman, Multiple View Geometry, section 4.1).
    """
    if len(points) == 3:  # and the fourth of a parallelogram
        points, seen = (np.vstack([known, known[0] - known[1] + known[2]]) for known in (points, seen))
    own = np.column_stack([points, np.ones(len(points))])
    across, down = (-seen[:, axis, None] * points for axis in (0, 1))
    table = np.vstack([np.hstack([own, 0 * own, across]), np.hstack([0 * own, own, down])])
    return np.append(np.linalg.lstsq(table, seen.T.ravel())[0], 1.0).reshape(3, 3)


def straightened(
    image: Image.Image, matrix: Floats, size: tuple[int, int], around: int = 0
) -> NDArray[np.generic]:
    """A picture (h, w) of `size`, whose pixels `matrix` takes to those of the image, `around` it a level."""
    data = (matrix / matrix[2, 2]).ravel()[:8].tolist()
    way = Image.Transform.PERSPECTIVE
    return np.asarray(image.transform(size, way, data, Image.Resampling.BILINEAR, fillcolor=around))


def skew(mask: NDArray[np.bool_]) -> float:
    """By what angle (radians, clockwise) lines in (H, W) are turned: the one with the sharpest profiles."""
    y, x = (at[:: len(at) // 4000 + 1].astype(np.float64) for at in np.nonzero(mask))
    angles, sharp = np.radians(np.arange(-6, 6.01, 0.4)), []
    for angle in angles if len(x) else angles[:0]:
        places = [y * np.cos(angle) - x * np.sin(angle), x * np.cos(angle) + y * np.sin(angle)]
        counts = [np.bincount((place - place.min()).astype(np.int64)) for place in places]
        sharp.append(sum(float((count.astype(np.float64) ** 2).sum()) for count in counts))
    return float(angles[int(np.argmax(sharp))]) if sharp else 0.0
