"""Plane projective geometry: maps from one picture to another, and the angle at which lines lie."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
"""The unit square's corners (x, y), clockwise from the upper left."""


def project(matrix: Floats, points: Floats) -> Floats:
    """Map points (n, 2) by a (3, 3) projective matrix; gives (n, 2)."""
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:])


def homography(points: Floats, seen: Floats) -> Floats:
    """The (3, 3) matrix that maps points (n, 2) to `seen` (n, 2), by least squares; affine for three points.

    The direct linear transform (R. Hartley, A. Zisserman, Multiple View Geometry, section 4.1).
    """
    if len(points) == 3:  # add the fourth corner of a parallelogram
        points, seen = (np.vstack([known, known[0] - known[1] + known[2]]) for known in (points, seen))
    own = np.column_stack([points, np.ones(len(points))])
    across, down = (-seen[:, axis, None] * points for axis in (0, 1))
    table = np.vstack([np.hstack([own, 0 * own, across]), np.hstack([0 * own, own, down])])
    return np.append(np.linalg.lstsq(table, seen.T.ravel())[0], 1.0).reshape(3, 3)


def straightened(
    image: Image.Image, matrix: Floats, size: tuple[int, int], around: int = 0
) -> NDArray[np.generic]:
    """Resample an image to `size` (w, h). `matrix` maps new pixels to old; the outside is `around`."""
    data = (matrix / matrix[2, 2]).ravel()[:8].tolist()
    way = Image.Transform.PERSPECTIVE
    return np.asarray(image.transform(size, way, data, Image.Resampling.BILINEAR, fillcolor=around))


def skew(mask: NDArray[np.bool_]) -> float:
    """The angle (radians, clockwise) by which lines in (H, W) are turned: the one of sharpest profiles."""
    y, x = (at[:: len(at) // 4000 + 1].astype(np.float64) for at in np.nonzero(mask))
    angles, sharp = np.radians(np.arange(-6, 6.01, 0.4)), []
    for angle in angles if len(x) else angles[:0]:
        places = [y * np.cos(angle) - x * np.sin(angle), x * np.cos(angle) + y * np.sin(angle)]
        counts = [np.bincount((place - place.min()).astype(np.int64)) for place in places]
        sharp.append(sum(float((count.astype(np.float64) ** 2).sum()) for count in counts))
    return float(angles[int(np.argmax(sharp))]) if sharp else 0.0
