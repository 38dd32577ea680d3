"""Acutance: a pen leaves edges, however blurred; light that fades over a sheet of paper leaves none."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.polarity import Grey, reduced

_WINDOW = 9
"""The surroundings of a pixel (of 64 along the longer side): an edge lies well within, a shade does not."""
_STRIP = 0.25
"""A strip along a side is narrower than this share of the picture."""
_ALONG = 0.9
"""It covers this share of the side."""
_LEAST = 0.2
"""By this share of full ink the ink differs from its surroundings at an edge, at the least."""
_CERTAIN = 0.001
"""By so much more if a single place is to prove it, whatever is rounded."""


def has_edges(ink: Grey) -> bool:
    """Whether the (H, W) ink has an edge anywhere.

    The picture is continued beyond its border as in a mirror, so that a shade cut off there has no edge.
    """
    small = reduced(ink)
    most = float(small.max())
    row, column = divmod(int(small.argmax()), small.shape[1])
    reach = _WINDOW // 2
    if reach <= row < small.shape[0] - reach and reach <= column < small.shape[1] - reach:
        around = small[row - reach : row + reach + 1, column - reach : column + reach + 1]
        if most - float(around.sum()) / _WINDOW**2 > (_LEAST + _CERTAIN) * most:
            return True  # the darkest place of most strokes proves it
    around = ndimage.uniform_filter(small, size=_WINDOW, mode="reflect")
    return bool(float((small - around).max()) >= _LEAST * most)


def is_strip(mask: NDArray[np.bool_]) -> bool:
    """Whether all of the ink, a (H, W) mask, is a strip along one whole side of the picture.

    The paper's brightness is a guess there, and a shade that leads out of the picture looks like ink.
    """
    for side in (mask, mask[::-1], mask.T, mask.T[::-1]):
        depth = round(_STRIP * len(side))
        if np.count_nonzero(side[:2]) >= _ALONG * side[:2].size and not side[depth:].any():
            return True
    return False
