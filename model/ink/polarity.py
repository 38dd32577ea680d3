"""Dark ink on light paper, or light ink on dark?

Ink is rarer than paper and stands out more strongly from its surroundings, so the distribution of the
local contrast leans towards the ink: its skewness alone is right on 98 of 100 pictures of every kind.
Where that is weak, the corners, a ring inside the border and the area count as well.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink.morphology import BLOT, EIGHT, border, bounding_box, closing, opening
from model.ink.pillow import grey_of, image_of

Grey = NDArray[np.uint8]
Real = NDArray[np.float32]
Counts = NDArray[np.signedinteger | np.floating]

SIDE = 64
"""The longer side (pixels) of the reduced picture on which surroundings are judged."""
SURROUNDINGS = (25, 25)
"""The neighbourhood (reduced pixels) with which a pixel is compared."""

_FRAMED = 0.6
"""By how much the shares of bright pixels at the edge and inside it differ where there is a frame."""
CLOSE_SIDE = 40
"""A picture whose shorter side is below this (pixels) is a scanned digit cut close, never a page."""
_HATS = 1.0
"""Weight of the vote of lines against their surroundings."""
_LEAST_SHADED = 50
"""Shadows are looked for where the shorter side is this long (reduced pixels); a digit cut close, whose
loops are as light as lines are dark, seldom is so wide."""
_TIGHT = 0.98
"""Of the ink of a digit cut at its box, this share hangs together."""
_REACH = 0.85
"""It reaches over this share of the picture, each way."""
_MOST_INK = 0.65
"""It covers no more of its box, and has no square so wide (share of the longer side) all of ink."""
_LEVEL, _LEVELLED = 8.0, 0.8
"""Of a picture of two levels, this share of the pixels is within so many grey levels of them."""
_LEVELS = np.arange(256.0)
_LINE = 0.15
"""A line is narrower than this share of the picture's longer side."""
_LINED = 0.8
"""The same of one side, where a digit may fill the picture: its ink covers less of any row."""
_LEAST_FRAMED = 20
"""A picture whose shorter side is below this (reduced pixels) shows no frame."""
_SKEWNESS, _CORNERS, _RING, _AREA, _WHOLE = 6.0, 1.0, 1.0, 2.0, 8.0
"""Weights of the votes, from a logistic regression on the training generator's pictures."""


def reduced(grey: Grey, side: int = SIDE) -> Real:
    """Average a (H, W) image down so that its longer side is at most `side` pixels."""
    return averaged(grey, side).astype(np.float32)


def averaged(grey: Grey, side: int) -> Grey:
    """The same in whole levels."""
    size = reduced_size(grey.shape, side)
    if size == grey.shape:
        return grey
    return grey_of(image_of(grey).resize(size[::-1], Image.Resampling.BOX))


def reduced_size(shape: tuple[int, ...], side: int = SIDE) -> tuple[int, int]:
    """The height and width of a `reduced` image, of those of the whole one."""
    height, width = shape
    scale = side / max(height, width)
    return (height, width) if scale >= 1.0 else (max(3, round(height * scale)), max(3, round(width * scale)))


def odds_of_dark_ink(small: Real, threshold: float) -> float:
    """The logarithm of the odds that a `reduced` picture shows dark ink on lighter paper.

    Those of a logistic regression, and so what they are worth on pictures like the generator's. `threshold`
    is the level that parts the two (`otsu`).
    """
    bright = small > threshold
    tight = _tight(bright)
    if tight is not None:
        return math.inf if tight else -math.inf
    row, column = bright.shape[0] // 8, bright.shape[1] // 8
    inner = (slice(row, bright.shape[0] - row), slice(column, bright.shape[1] - column))
    edge, ring = _share(border(bright)), _share(border(bright[inner]))
    close = min(small.shape) < CLOSE_SIDE
    roomy = max(small.shape) >= CLOSE_SIDE and min(small.shape) >= _LEAST_FRAMED
    lined = roomy and _lined(bright, row, column) >= 2
    if lined or (not close and abs(ring - edge) > _FRAMED):
        # A frame, or the desk around a sheet of paper: what is inside is asked alone.
        small, bright = small[inner], bright[inner]
        close = not lined and min(small.shape) < CLOSE_SIDE
    local = small - ndimage.uniform_filter(small, size=SURROUNDINGS, mode="nearest")
    square = float((local * local).mean())
    if square == 0.0:
        return math.inf
    skewness = float((local * local * local).mean()) / square**1.5
    votes = (
        -_SKEWNESS * min(max(skewness, -3.0), 3.0)
        + _CORNERS * (2 * _share(_corners(bright)) - 1)
        + _RING * (2 * ring - 1)
        + _AREA * (2 * _share(bright) - 1)
    )
    if min(small.shape) >= _LEAST_SHADED and not two_levels(small, bright):
        votes += _HATS * _hats(small)
    if close:
        # A digit cut close hangs together; the paper around it is cut into pieces by its frame.
        votes += _WHOLE * (_largest_share(~bright) - _largest_share(bright))
    return float(votes)


def _tight(bright: NDArray[np.bool_]) -> bool | None:
    """Whether the ink of a digit cut at its very box is the darker; None if the picture is not one.

    The ink of such a digit hangs together, nearly reaches all four sides, and keeps at least three corners
    apart.
    """
    for ink, is_darker in ((~bright, True), (bright, False)):
        place = bounding_box(ink)
        if place is None:
            continue
        box = ink[place]
        # The quickest tests come first.
        if min(box.shape[n] / ink.shape[n] for n in (0, 1)) < _REACH or _share(box) > _MOST_INK:
            continue
        blot = max(3, round(BLOT * max(box.shape)))
        if ndimage.minimum_filter(box, size=(blot, blot), mode="constant").any():
            continue  # a sheet of paper, whose corners show the desk
        if _largest_share(ink) < _TIGHT:
            continue
        paper, _ = ndimage.label(~box)
        corners = set(_corners(paper).ravel().tolist()) - {0}
        if len(corners) >= 3:
            return is_darker
    return None


def two_levels(small: Real, bright: NDArray[np.bool_]) -> bool:
    """Whether a picture is of one ink on one paper, and so shows no shadow."""
    values = small.astype(np.uint8)
    near = 0
    for part in (values[bright], values[~bright]):
        if part.size:
            counts = np.bincount(part)
            median = counted_quantile(counts, 0.5)
            near += int(counts[max(0, math.floor(median - _LEVEL) + 1) : math.ceil(median + _LEVEL)].sum())
    return near > _LEVELLED * small.size


def counted_quantile(counts: Counts, share: float) -> float:
    """The quantile of levels 0 to n - 1 that occur so often, (n,); as `np.quantile` of them all."""
    upto = counts.cumsum()
    place = share * (int(upto[-1]) - 1)
    low, high = upto.searchsorted((math.floor(place), math.ceil(place)), side="right").tolist()
    return float(low + (high - low) * (place - math.floor(place)))


def _hats(small: Real) -> float:
    """By how much dark lines outdo light ones, -3 to 3: what a closing fills and an opening takes away.

    The edge of a shadow or of a desk is neither.
    """
    side = max(3, round(_LINE * max(small.shape)))
    values = small.astype(np.uint8)
    filled, taken = (
        (closing(values, side) - values).astype(np.float32),
        (values - opening(values, side)).astype(np.float32),
    )
    lines, lights = ((share * share * share).sum() for share in (filled, taken))
    ratio = float(np.log((lines + 1.0) / (lights + 1.0)))
    return min(max(ratio, -3.0), 3.0)


def _lined(bright: NDArray[np.bool_], row: int, column: int) -> int:
    """At how many sides of a mask a line runs, outside of its inner part (`row`, `column` from the edge)."""
    found = 0
    for mask, depth in ((bright, row), (bright.T, column)):
        inner = slice(min(row, column), -min(row, column))
        shares = mask[:, inner].mean(axis=1)
        if shares.max() - shares.min() <= _LINED:
            continue
        for side in (shares, shares[::-1]):
            found += bool(np.abs(side[:depth] - side[depth]).max() > _LINED)
    return found


def _share(mask: NDArray[np.generic]) -> float:
    """How much of a mask is set, 0 to 1."""
    return np.count_nonzero(mask) / mask.size


def _corners(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """(2, 2), those of a (H, W) picture."""
    height, width = pixels.shape
    return pixels[:: max(1, height - 1), :: max(1, width - 1)]


def _largest_share(mask: NDArray[np.bool_]) -> float:
    """How much of a mask is in its largest connected component, 0 to 1."""
    labels, count = ndimage.label(mask, structure=EIGHT)
    if count < 2:
        return float(count)
    counts = np.bincount(labels.ravel())[1:]
    return float(counts.max() / counts.sum())


def otsu(values: Real) -> float:
    """The level that best parts values of 0 to 255 in two (N. Otsu, 1979: largest variance between)."""
    counts = np.bincount(values.astype(np.uint8).ravel(), minlength=256).astype(np.float64)
    below = counts.cumsum()
    above = below[-1] - below
    total = (counts * _LEVELS).cumsum()
    # Where one of the parts is empty the numerator is 0, exactly.
    between = (total[-1] * below / below[-1] - total) ** 2 / np.maximum(below * above, 1.0)
    return float(between.argmax())
