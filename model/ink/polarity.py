"""Dark ink on light paper, or light ink on dark? The odds, by the levels of the picture.

Ink is rarer than paper and stands out more strongly from its surroundings, so the distribution of the local
contrast leans towards the ink. Paper is connected, and lies at the picture's border and in its corners.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink.morphology import EIGHT, border, grey_of, image_of

Grey = NDArray[np.uint8]
Real = NDArray[np.float32]

LEVELS_SIDE = 64
"""The longer side (pixels) of the reduced picture on which surroundings are judged."""
SURROUNDINGS = (25, 25)
"""The neighbourhood (reduced pixels) with which a pixel is compared."""
MOST_ODDS = 10.0
"""Odds (logarithmic) are no larger than this, either way."""
WEIGHTS = (4.23, -1.22, 2.02, -0.23, 1.63, 1.02, 2.14, 0.91)
"""The weights of the votes for dark ink, and last the bias: a logistic regression on generated pictures."""
_LEVELS = np.arange(256.0)


def averaged(grey: Grey, side: int) -> Grey:
    """Average a (H, W) image down so that its longer side has at most `side` pixels."""
    height, width = grey.shape
    scale = side / max(height, width)
    if scale >= 1.0:
        return grey
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return grey_of(image_of(grey).resize(size, Image.Resampling.BOX))


def parted(grey: Grey) -> tuple[Real, float]:
    """Average a (H, W) image down, and give the level that best parts it in two classes."""
    small = averaged(grey, LEVELS_SIDE).astype(np.float32)
    return small, otsu(small)


def odds_of_dark_ink(grey: Grey) -> float:
    """The logarithm of the odds that a (H, W) picture shows dark ink on lighter paper."""
    small, threshold = parted(grey)
    bright = small > threshold
    local = small - ndimage.uniform_filter(small, size=SURROUNDINGS, mode="nearest")
    square = float((local * local).mean())
    skewness = float((local * local * local).mean()) / max(square, 1e-6) ** 1.5
    height, width = bright.shape
    ring = border(bright[height // 8 : height - height // 8, width // 8 : width - width // 8])
    middle = bright[height // 4 : height - height // 4, width // 4 : width - width // 4]
    corners = bright[:: max(height - 1, 1), :: max(width - 1, 1)]
    shares = [np.count_nonzero(part) / part.size for part in (corners, ring, border(bright), bright, middle)]
    largest = _largest_share(~bright) - _largest_share(bright)
    votes = (-min(max(skewness, -3.0), 3.0), *(2.0 * share - 1.0 for share in shares), largest, 1.0)
    return min(max(float(np.dot(WEIGHTS, votes)), -MOST_ODDS), MOST_ODDS)


def _largest_share(mask: NDArray[np.bool_]) -> float:
    """How much of a mask is in its largest connected component, 0 to 1."""
    counts = np.bincount(ndimage.label(mask, structure=EIGHT)[0].ravel())[1:]
    return float(counts.max(initial=0) / max(counts.sum(), 1))


def otsu(values: Real) -> float:
    """The level that best parts values of 0 to 255 in two (N. Otsu, 1979: greatest variance between)."""
    counts = np.bincount(values.astype(np.uint8).ravel(), minlength=256).astype(np.float64)
    below = counts.cumsum()
    above = below[-1] - below
    total = (counts * _LEVELS).cumsum()
    # Where one of the parts is empty the numerator is 0, exactly.
    between = (total[-1] * below / below[-1] - total) ** 2 / np.maximum(below * above, 1.0)
    return float(between.argmax())
