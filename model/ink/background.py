"""Ink in a photograph: what differs from the background, the paper as the light falls on it.

The paper's brightness is followed as a surface by a grey-scale closing wider than any stroke. What the
closing fills is the ink (the bottom-hat transform; R. C. Gonzalez, R. E. Woods, Digital Image Processing,
section 9.6).
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from model.ink.errors import NoInk
from model.ink.morphology import EIGHT, border, closing, largest_around, opening
from model.ink.polarity import Grey, Real, averaged

LEAST_CONTRAST = 5.0
"""Ink differs from the paper by at least so many grey levels (of 255)."""
SURFACE_SIDE = 128
"""The longer side (pixels) of the reduced picture on which the paper's brightness is followed."""
_SURFACE_WINDOW = 0.25
"""No stroke is wider than this share of the picture's longer side."""
_SMOOTH = ImageFilter.BoxBlur(2)
_SAMPLE = 1 << 13
"""About so many evenly spaced pixels tell a picture's levels and noise as well as all of them do."""
_GRAIN = 5.0
"""A peak below so many standard deviations of the noise may be the paper's grain."""
_FEW = 16
"""Fewer pixels than this are a speck."""


def subtract_background(
    grey: Grey, small: Real, dark: bool, to_the_edge: bool, *, window: float = _SURFACE_WINDOW
) -> Grey:
    """Find the ink (H, W), 0 to 255, of a photograph: what is darker (or lighter) than the paper around it.

    Args:
        grey: The picture (H, W).
        small: The same, `reduced`.
        dark: Whether the ink is darker than the paper.
        to_the_edge: Whether ink may run out of the picture.
        window: The width of the widest stroke, as a share of the longer side.

    Raises:
        NoInk: nothing stands out.
    """
    difference = _contrast(grey, _surface(grey, dark, window), dark)
    rising = np.sort(_sample(difference), axis=None)
    # Ink lies on one side of the paper's level only, so the other side tells the level and the noise:
    # of a normal distribution, from the 12th to the 40th percentile it is 0.92 standard deviations.
    low, centre = _quantile(rising, 0.12), _quantile(rising, 0.4)
    noise = (centre - low) / 0.92
    difference -= np.float32(centre)
    rising -= np.float32(centre)
    peak = _peak(difference, rising, noise)
    stains = None if to_the_edge else at_the_edge(difference, small.shape, max(4.0 * noise, 0.15 * peak))
    least = max(2 * LEAST_CONTRAST, 4.0 * noise)
    if peak < least or stains is not None:  # otherwise the grain makes no difference
        least = max(2 * LEAST_CONTRAST, 4.0 * min(noise, 2.0 * grain(difference)))
    if peak < least:
        raise NoInk("nothing stands out from the paper")
    if stains is not None:
        difference[stains] = 0.0
        rising = np.sort(_sample(difference), axis=None)
        peak = _peak(difference, rising, noise)
        if peak < least:
            raise NoInk("nothing but what is at the edge stands out from the paper")
    strong = rising[rising > 0.5 * peak]
    if strong.size < _FEW:
        strong = np.sort(difference[difference > 0.5 * peak])
    contrast = _quantile(strong, 0.6)
    floor = min(2.5 * noise, 0.35 * contrast) + 0.08 * contrast
    difference -= np.float32(floor)
    difference *= np.float32(255.0 / (contrast - floor))
    return np.clip(difference, 0.0, 255.0, out=difference).astype(np.uint8)


def _surface(grey: Grey, dark: bool, window: float) -> Real:
    """The paper's brightness at each pixel of a (H, W) picture: strokes are filled, light and shade stay."""
    fill = closing if dark else opening
    coarse = averaged(grey, SURFACE_SIDE)
    surface = fill(coarse, round(window * max(coarse.shape)))
    smooth = np.asarray(Image.fromarray(surface).filter(_SMOOTH))
    # Where bright paper ends, a smoothed surface reaches over the desk, and the desk would be ink.
    surface = np.minimum(surface, smooth) if dark else np.maximum(surface, smooth)
    size = (grey.shape[1], grey.shape[0])
    return np.array(Image.fromarray(surface).resize(size, Image.Resampling.BILINEAR), dtype=np.float32)


def _contrast(grey: Grey, paper: Real, dark: bool) -> Real:
    """By how much each pixel is ink rather than paper, in grey levels, positive where it is."""
    difference = grey.astype(np.float32)
    if not dark:
        difference -= paper
        return difference
    # Light falls on paper and ink alike, so dark ink is a share of the paper's brightness.
    difference /= np.maximum(paper, 24.0, out=paper)
    difference *= -255.0
    difference += 255.0
    return difference


def at_the_edge(difference: Real, shape: tuple[int, ...], least: float) -> NDArray[np.bool_] | None:
    """Find what is dark at the picture's edge and does not reach its middle: a desk, a shadow, a neighbour.

    It would set the level of full ink, and it can be far darker than a pencil.

    Args:
        difference: The contrast (H, W).
        shape: Of the reduced picture in which it is looked for.
        least: The contrast that it has at least.

    Returns:
        A (H, W) mask; None where there is nothing of the kind, or nothing else.
    """
    height, width = difference.shape
    # The border of the reduced picture averages pixels that lie so near to the edge.
    rim = math.ceil(max(height / shape[0], width / shape[1])) + 1
    rims = difference[:rim], difference[-rim:], difference[:, :rim], difference[:, -rim:]
    if max(part.max() for part in rims) <= np.float32(least):
        return None  # the usual case
    size = (shape[1], shape[0])
    coarse = np.asarray(Image.fromarray(difference).resize(size, Image.Resampling.BOX))
    dark = coarse > least
    if not border(dark).any():
        return None
    labels, count = ndimage.label(dark, structure=EIGHT)
    touching = np.zeros(count + 1, dtype=bool)
    touching[border(labels)] = True
    middle = labels[shape[0] // 4 : -(shape[0] // 4), shape[1] // 4 : -(shape[1] // 4)]
    touching[middle] = False
    touching[0] = False
    if not touching.any() or touching[1:].all():
        return None
    stains = touching[labels]
    stains |= (largest_around(stains.view(np.uint8), 3) > 0) & ~dark
    return np.asarray(Image.fromarray(stains).resize((width, height), Image.Resampling.NEAREST))


def _peak(difference: Real, rising: Real, noise: float) -> float:
    """The contrast that strokes reach, and that no more than a few pixels exceed.

    `rising` is the `_sample` of `difference`, sorted.
    """
    peak = _quantile(rising, 0.997)
    if peak < _GRAIN * noise:
        # That is the grain of the paper. A digit, if there is one, has fewer than 3 in 1,000 of the pixels.
        few = float(np.partition(difference, -_FEW, axis=None)[-_FEW])
        if few > 2.0 * peak:
            return few
    return peak


def grain(values: Real) -> float:
    """The standard deviation of a picture's noise, told from the differences between neighbours.

    Shading widens the spread of the paper's levels, but hardly that of those differences. Infinite for a
    picture one pixel wide.
    """
    step = _step(values)
    across = values[::step, 1::step]
    across = across - values[::step, :-1:step]
    return 1.4826 / 2**0.5 * float(np.median(np.abs(across))) if across.size else math.inf


def _quantile(rising: Real, share: float) -> float:
    """The value that this share of some sorted values do not exceed."""
    return float(rising[int(share * (rising.size - 1))])


def _sample(values: Real) -> Real:
    """Every k-th pixel of every k-th row: about `_SAMPLE` of them, or all."""
    step = _step(values)
    return values[::step, ::step]


def _step(values: Real) -> int:
    return max(1, round(math.sqrt(values.size / _SAMPLE)))
