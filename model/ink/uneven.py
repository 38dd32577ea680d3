"""Ink in a photograph: what differs from the paper around it, whatever the light.

The paper's brightness is followed as a surface, by a grey-scale closing wider than any stroke (the bottom-hat
transform; R. C. Gonzalez, R. E. Woods, Digital Image Processing, section 9.6).
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink.components import EIGHT
from model.ink.errors import NoInk
from model.ink.extremes import closing, largest_around, opening
from model.ink.polarity import Grey, Real, averaged, border

LEAST_CONTRAST = 5.0
"""Grey levels (of 255) by which ink must differ from the paper at the least."""
SURFACE_SIDE = 128
"""The longer side (pixels) of the reduced picture on which the paper's brightness is followed."""
_SURFACE_WINDOW = 0.25
"""No stroke is wider than this share of the picture's longer side."""
_SAMPLE = 1 << 13
"""Of more pixels than this, evenly spaced ones tell a picture's levels and noise as well as all do."""
_GRAIN = 5.0
"""Up to so many standard deviations of the paper's levels may be its grain."""
_FEW = 16
"""Fewer pixels than this are a speck."""


def uneven(
    grey: Grey, small: Real, dark: bool, to_the_edge: bool, *, window: float = _SURFACE_WINDOW
) -> Grey:
    """Ink in a photograph: what is darker (or lighter) than the paper around it."""
    # A closing fills what is darker than its surroundings and narrower than the window: the strokes.
    fill = closing if dark else opening
    coarse = averaged(grey, SURFACE_SIDE)
    surface = fill(coarse, round(window * max(coarse.shape)))
    smooth = smoothed(surface)
    # Where bright paper ends, smoothing would have it reach over the desk, and the desk would be ink.
    surface = np.minimum(surface, smooth) if dark else np.maximum(surface, smooth)
    height, width = grey.shape
    paper = np.array(
        Image.fromarray(surface).resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32
    )
    difference = grey.astype(np.float32)
    if dark:  # light falls on paper and ink alike, so dark ink is a share of the paper's brightness
        difference /= np.maximum(paper, 24.0, out=paper)
        difference *= -255.0
        difference += 255.0
    else:
        difference -= paper
    # Ink lies on one side of the paper's level only, so the other side tells the level and the noise:
    # of a normal distribution, from the 12th to the 40th percentile it is 0.92 standard deviations.
    rising = np.sort(_sample(difference), axis=None)
    low, centre = picked(rising, 0.12, 0.4)
    noise = (centre - low) / 0.92
    difference -= np.float32(centre)
    rising -= np.float32(centre)
    peak = _peak(difference, rising, noise)
    stains = None if to_the_edge else at_the_edge(difference, small.shape, max(4.0 * noise, 0.15 * peak))
    least = max(2 * LEAST_CONTRAST, 4.0 * noise)
    if peak < least or stains is not None:  # else the grain has no say
        least = max(2 * LEAST_CONTRAST, 4.0 * min(noise, 2.0 * grain(difference)))
    if peak < least:
        raise NoInk("nothing stands out from the paper")
    if stains is not None:
        difference[stains] = 0.0
        rising = np.sort(_sample(difference), axis=None)
        peak = _peak(difference, rising, noise)
        if peak < least:
            raise NoInk("nothing but what is at the edge stands out from the paper")
    half = np.float32(0.5 * peak)
    strong = rising[rising.searchsorted(half, side="right") :]
    if strong.size < _FEW:
        strong = np.sort(difference[difference > half])
    (contrast,) = picked(strong, 0.6)
    floor = min(2.5 * noise, 0.35 * contrast) + 0.08 * contrast
    difference -= np.float32(floor)
    difference *= np.float32(255.0 / (contrast - floor))
    return np.clip(difference, 0.0, 255.0, out=difference).astype(np.uint8)


def smoothed(values: Grey) -> Grey:
    """Of (H, W) values, the mean of the 5 x 5 pixels around each, rounded along either axis.

    The edge's pixels go on outside. It is Pillow's `BoxBlur(2)` at a third of its price: all rows are one,
    with room between them.
    """
    height, width = values.shape
    room = width + 4
    picture = np.empty((height + 4, room), np.uint16)
    picture[2:-2, 2:-2] = values
    picture[:2, 2:-2], picture[-2:, 2:-2] = values[0], values[-1]
    picture[:, :2], picture[:, -2:] = picture[:, 2:3], picture[:, -3:-2]
    row = picture.reshape(-1)
    for apart in (1, room):
        two = row[:-apart] + row[apart:]
        five = two[: -3 * apart] + two[2 * apart : -apart] + row[4 * apart :]
        five += 2
        row = np.floor_divide(five, 5, out=five)
    return np.ndarray((height, width), np.uint16, row, strides=(2 * room, 2)).astype(np.uint8)


def at_the_edge(difference: Real, shape: tuple[int, ...], least: float) -> NDArray[np.bool_] | None:
    """What is dark at the picture's edge and does not reach its middle: a desk, a shadow, a neighbour.

    (H, W) differences -> (H, W) mask, or None where it would leave nothing. It would set the level of full
    ink, and it can be far darker than a pencil.
    """
    height, width = difference.shape
    # Of each pixel of a reduced picture's border, all that is averaged lies so near to the edge.
    rim = math.ceil(max(height / shape[0], width / shape[1])) + 1
    rims = difference[:rim], difference[-rim:], difference[:, :rim], difference[:, -rim:]
    if max(part.max() for part in rims) <= np.float32(least):
        return None  # nothing is at the edge: the usual case
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
    """The difference from the paper that strokes reach, and no more than a few pixels exceed.

    `rising` is a sample of `difference`, sorted.
    """
    (peak,) = picked(rising, 0.997)
    if peak < _GRAIN * noise:
        # That is the grain of the paper: a digit that is there is smaller than the rest of the percent.
        few = float(np.partition(difference, -_FEW, axis=None)[-_FEW])
        if few > 2.0 * peak:
            return few
    return peak


def grain(values: Real) -> float:
    """The standard deviation of a picture's noise, told from the differences between neighbours.

    Shading widens the spread of the paper's levels, but hardly those. Infinite where there are no neighbours.
    """
    step = _step(values)
    across = values[::step, 1::step]
    across = across - values[::step, :-1:step]
    if not across.size:
        return math.inf
    (median,) = quantiles(np.abs(across, out=across), 0.5)
    return 1.4826 / 2**0.5 * median


def quantiles(values: Real, *shares: float) -> list[float]:
    """What these shares of some values are no larger than, as `np.quantile` has it.

    Where the processor sorts eight or sixteen numbers at a time, sorting takes numpy a sixth of the time of
    picking out the few that are asked for.
    """
    return picked(np.sort(values, axis=None), *shares)


def picked(rising: Real, *shares: float) -> list[float]:
    """The `quantiles` of what is sorted."""
    found = []
    for share in shares:
        place = share * (rising.size - 1)
        low, high = rising[int(place)], rising[min(int(place) + 1, rising.size - 1)]
        found.append(float(low) + (float(high) - float(low)) * (place - int(place)))
    return found


def _sample(values: Real) -> Real:
    """Every k-th pixel of every k-th row, about `_SAMPLE` of them; all where there are no more."""
    step = _step(values)
    return values[::step, ::step]


def _step(values: Real) -> int:
    return max(1, round(math.sqrt(values.size / _SAMPLE)))
