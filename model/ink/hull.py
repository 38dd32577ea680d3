"""The convex hull of points on a grid (A. M. Andrew, 1979), without a library of 16 MiB to import."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.intp]


def hull_of(points: Points) -> Points:
    """The corners (m, 2) of the convex hull of points (n, 2), x and y, in order around it; n >= 1."""
    order = np.lexsort((points[:, 0], points[:, 1]))
    x, y = points[order].T
    # Between the leftmost and the rightmost of a row none is a corner.
    first = np.flatnonzero(np.diff(y, prepend=y[0] - 1))
    last = np.append(first[1:], len(y)) - 1
    down = list(zip(x[first].tolist(), y[first].tolist(), strict=True))
    up = list(zip(x[last].tolist(), y[last].tolist(), strict=True))[::-1]
    left, right = _side(down), _side(up)
    # The sides meet at their ends, perhaps in one point.
    corners = left + right[right[0] == left[-1] :]
    if len(corners) > 1 and corners[-1] == corners[0]:
        corners.pop()
    return np.array(corners, dtype=np.intp)


def spans_of(mask: NDArray[np.bool_]) -> Points:
    """Each row of a mask that has anything, and the first and the last column of it: (n, 3)."""
    rows = np.logical_or.reduce(mask, axis=1).nonzero()[0]
    part = mask[rows]
    return np.stack([rows, part.argmax(axis=1), mask.shape[1] - 1 - part[:, ::-1].argmax(axis=1)], axis=1)


def corners_of(mask: NDArray[np.bool_]) -> Points:
    """The corners (n, 2), x and y, of the outermost pixels of a mask: a row of pixels has an area, too."""
    y, first, last = spans_of(mask).T
    return np.concatenate([np.stack([x, y + dy], axis=1) for x in (first, last + 1) for dy in (0, 1)])


def area_of(polygons: NDArray[np.integer]) -> NDArray[np.float64]:
    """The areas (...) of polygons (..., n, 2) whose corners are in order (the shoelace formula)."""
    x, y = polygons[..., 0].astype(np.float64), polygons[..., 1].astype(np.float64)
    crossed = x * np.roll(y, -1, axis=-1) - np.roll(x, -1, axis=-1) * y
    return np.asarray(np.abs(crossed.sum(axis=-1)) / 2)


def largest_quadrangle(corners: NDArray[np.integer]) -> float:
    """The area of the largest quadrangle between the corners (n, 2) of a convex polygon, in order; n >= 4.

    For each diagonal, the other two corners are those farthest from it on either side.
    """
    x, y = corners.T
    crossed = x[:, None] * y - x * y[:, None]
    # (i, j, k): twice the area of a triangle; its sign tells on which side of i j the corner k lies.
    triangles = crossed[:, :, None] + crossed + crossed.T[:, None]
    return float((triangles.max(axis=2) - triangles.min(axis=2)).max()) / 2


def _side(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The corners of the hull among points down its left side, or up its right one."""
    corners: list[tuple[int, int]] = []
    for x, y in points:
        while len(corners) > 1:
            (ax, ay), (bx, by) = corners[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) < 0:
                break
            corners.pop()
        corners.append((x, y))
    return corners
