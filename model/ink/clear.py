"""A drawing on a sheet that is transparent for the most part, laid on paper as `colour.opaque` does it."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

LARGEST = 512
"""The longer side (pixels) of a picture that is looked at in full. A larger one is averaged down before it
is laid on paper, and so is its alpha: what comes of that is known for black ink and for white alone."""

_WHITE = 255


def laid(grey: Plane | None, alpha: Plane, shape: tuple[int, int]) -> tuple[Plane, int] | None:
    """The (h, w) part of a picture of a `shape` that is not transparent, laid on paper, and its level.

    None where that is not known. Of a picture larger than LARGEST it is the ink, as light, on black.

    Args:
        grey: The part's grey levels; black if there are none.
        alpha: The part's opacity.
        shape: (H, W) of the picture, transparent outside of the part.
    """
    most = 0.5 * shape[0] * shape[1]
    if not alpha.any() or (alpha.size > most and np.count_nonzero(alpha > 127) > most):
        return None
    large = max(shape) > LARGEST
    if grey is None or not grey.any():
        return (alpha, 0) if large else (np.subtract(255, alpha, dtype=np.uint8), _WHITE)
    if large:
        return (alpha, 0) if not ((grey != _WHITE) & (alpha > 0)).any() else None
    weights = alpha.astype(np.float64)
    # The mean of what is visible: black is the farther paper from what is light.
    mean = float(np.vdot(weights, grey)) / float(np.add.reduce(weights, axis=None))
    paper = 0 if mean > _WHITE / 2 else _WHITE
    cover = alpha.astype(np.float32) / 255.0
    return np.rint(grey * cover + np.float32(paper) * (1.0 - cover)).astype(np.uint8), paper
