"""Colours -> ink: how much pen there is at each pixel, whatever the paper, the pen and the light.

A drawing on an even background is told from a photograph by its border. The first needs one level for
the paper; the second gets the paper's brightness as a surface, by a grey-scale opening wider than any
stroke (the top-hat transform; R. C. Gonzalez, R. E. Woods, Digital Image Processing, section 9.6).
"""

import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from model.ink.errors import NoInk
from model.ink.extremes import closing, opening, smallest_around
from model.ink.polarity import (
    SURROUNDINGS,
    Counts,
    Grey,
    Real,
    border,
    counted_median,
    ink_is_darker,
    otsu,
    reduced,
)

SMALL_SIDE = 40
"""An image whose shorter side is below this (pixels) is a scanned digit cut close, never a page."""

LEAST_CONTRAST = 5.0
"""Grey levels (of 255) by which ink must differ from the paper at the least."""

_SURFACE_SIDE = 128
"""The longer side (pixels) of the reduced picture on which the paper's brightness is followed."""
_SURFACE_WINDOW = 0.25
"""No stroke is wider than this share of the picture's longer side."""
_SAMPLE = 1 << 13
"""Of more pixels than this, evenly spaced ones tell a picture's levels and noise as well as all do."""
_CLOSE_WINDOW = 0.45
"""The same where a digit may fill its picture."""
_LEAST_SHADED = 20
"""A picture whose shorter side is below this (pixels) shows no shadow."""
_RIM = 7
"""Within so many pixels of a reduced picture the rims of strokes are left out of what tells even paper."""
_WIDEST = 0.2
"""A stroke's width, as a share of the longer side, at the most; a shadow or a sheet is wider."""
_DESK = 0.75
"""Strokes are no darker than this share of what is taken for the desk beyond even paper."""
_BLOT = 0.3
"""A square of ink this wide (share of the longer side) that runs out of the picture is a shadow."""
_PLATEAU = 0.04
"""The share of a picture that may be evenly faint, as a shadow is and no stroke's rim."""
_EVEN = 12.0
"""Grey levels by which even paper may vary."""
_COLOUR_SIDE = 96
"""The longer side (pixels) of the reduced picture that tells the axis of its colours."""
_SURROUNDINGS = ImageFilter.BoxBlur((SURROUNDINGS[0] // 2, SURROUNDINGS[1] // 2))
_SMOOTH = ImageFilter.BoxBlur(2)
_PLAIN = 0.15
"""The share of a picture that has the level of its border where that is the paper: a digit may leave little
of it."""
_GRAIN = 5.0
"""Up to so many standard deviations of the paper's levels may be its grain."""
_FEW = 16
"""Fewer pixels than this are a speck."""
_LEVELS = np.arange(256)


@dataclass(frozen=True, slots=True)
class InkMap:
    """How much ink there is."""

    ink: Grey
    """(H, W), 0 paper to 255 full ink."""
    even: bool
    """Whether the paper was even, as on a canvas or a clean scan, and not a photograph."""


def opaque(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay (H, W, 4) RGBA pixels on the background that shows the ink; other arrays pass.

    Where most is transparent, what is visible is the ink, and it is laid on black or white, whichever
    is farther from it. Where most is opaque, the picture has a paper of its own: its usual colour.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 4:
        return pixels
    alpha = pixels[:, :, 3]
    colour = pixels[:, :, :3]
    if alpha.min() == 255:
        return colour
    visible = alpha > 127
    share = float(visible.mean())
    if share > 0.5:
        paper = np.median(colour[visible], axis=0)
    else:
        weight = alpha.astype(np.float32)
        total = float(weight.sum())
        if total == 0.0:
            raise NoInk("the image is fully transparent")
        mean = float((colour.mean(axis=2) * weight).sum()) / total
        paper = np.full(3, 0.0 if mean > 127.5 else 255.0)
    cover = alpha[:, :, None].astype(np.float32) / 255.0
    return np.asarray(np.rint(colour * cover + paper.astype(np.float32) * (1.0 - cover)), dtype=np.uint8)


def to_grey(pixels: NDArray[np.uint8]) -> Grey:
    """Project (H, W, 3) colours on the axis along which the picture has its local contrast.

    Luminance would lose red ink on green paper; the principal component of the colours' differences
    from their surroundings does not. (H, W) arrays pass.
    """
    if pixels.ndim == 2:
        return pixels
    middle = pixels[pixels.shape[0] // 2]
    if (middle == middle[:, :1]).all():  # else it has colour for certain
        red, green, blue = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
        if np.array_equal(red, green) and np.array_equal(green, blue):
            return np.ascontiguousarray(red)
    picture = Image.fromarray(pixels)
    small = picture.reduce(-(-max(pixels.shape[:2]) // _COLOUR_SIDE))
    around = small.filter(_SURROUNDINGS)
    # Differences count by their square, so that the noise of the paper has little say in the axis.
    local = (np.asarray(small, dtype=np.float32) - np.asarray(around, dtype=np.float32)).reshape(-1, 3)
    _, vectors = np.linalg.eigh(local.T @ local)
    axis = vectors[:, -1]
    axis = axis / np.abs(axis).sum()
    if axis @ np.array([0.299, 0.587, 0.114]) < 0:
        axis = -axis
    offset = -255.0 * float(axis[axis < 0].sum())
    matrix = (*axis.tolist(), offset)
    return np.asarray(picture.convert("L", matrix))


def ink_map(grey: Grey, *, to_the_edge: bool = False) -> InkMap:
    """Ink of a (H, W) grey image of either polarity. Raises `NoInk` when nothing stands out.

    `to_the_edge`: what is dark at the edge is ink too, as in a line of digits that fills its picture.
    """
    paper = plain_paper(grey)
    if paper is not None:
        dark = paper - float(grey.min()) > float(grey.max()) - paper
        return InkMap(_even(grey, paper, dark, noise=0.0), even=True)
    small = reduced(grey)
    dark = ink_is_darker(small)
    threshold = otsu(small)
    counts = _counts(grey)
    paper_counts = counts.copy()
    paper_counts[slice(0, int(threshold) + 1) if dark else slice(int(threshold) + 1, None)] = 0
    if not paper_counts.any():
        raise NoInk("nothing stands out from the paper")
    level = counted_median(paper_counts)
    cut_close = (max if to_the_edge else min)(grey.shape) < SMALL_SIDE
    if cut_close or _is_even(small, (small > threshold) == dark, level):
        # Where ink is rare, all pixels tell the noise; the paper's half of pure noise would look quiet.
        noise = 1.4826 * (
            _spread(paper_counts, level) if cut_close else _spread(counts, counted_median(counts))
        )
        if cut_close:
            return InkMap(_cut_close(grey, small, level, dark, noise), even=True)
        with suppress(NoInk):  # shading may drown what stands out from the paper around it
            ink = _even(grey, level, dark, noise)
            desk = None if to_the_edge else _desk(ink)
            if desk is not None:
                ink = _even(np.where(desk, round(level), grey).astype(np.uint8), level, dark, noise)
            if _is_drawing(ink):
                return InkMap(ink, even=True)
    return InkMap(_uneven(grey, small, dark, to_the_edge), even=False)


def _counts(grey: Grey) -> Counts:
    """(256,): how often each level occurs."""
    return np.array(Image.fromarray(grey).histogram())


def _spread(counts: Counts, level: float) -> float:
    """The median of how far grey levels are from `level`, a multiple of a half."""
    halves = np.bincount(np.abs(2 * _LEVELS - round(2 * level)), weights=counts)
    return counted_median(halves) / 2


def _sample(values: Real) -> Real:
    """Every k-th pixel of every k-th row, about `_SAMPLE` of them; all where there are no more."""
    step = _step(values)
    return values[::step, ::step]


def _step(values: Real) -> int:
    return max(1, round(math.sqrt(values.size / _SAMPLE)))


def _cut_close(grey: Grey, small: Real, level: float, dark: bool, noise: float) -> Grey:
    """Ink of a small picture: its paper is even, but for a shadow where it is a photograph after all."""
    ink = _even(grey, level, dark, noise)
    if min(grey.shape) < _LEAST_SHADED or _is_drawing(ink):
        return ink
    with suppress(NoInk):
        shaded = _uneven(grey, small, dark, False, window=_CLOSE_WINDOW)
        if _is_drawing(shaded):
            return shaded
    return ink


def plain_paper(grey: Grey) -> float | None:
    """The paper's level where it is the same all over, as on a canvas; None if it is not."""
    level = grey[0, 0]
    if (border(grey) != level).any() or np.count_nonzero(grey == level) < _PLAIN * grey.size:
        return None
    return float(level)


def _even(grey: Grey, paper: float, dark: bool, noise: float) -> Grey:
    """Ink on paper of one level: the difference, from the noise's reach to the full contrast."""
    difference = grey.astype(np.float32)
    difference = paper - difference if dark else difference - paper
    # The largest of n normal deviates is about sqrt(2 ln n); the ink of a digit cut close is more than one.
    deviates = 3.5 if min(grey.shape) < SMALL_SIDE else (2.0 * np.log(grey.size)) ** 0.5 + 1.0
    contrast = _contrast(difference, max(LEAST_CONTRAST, deviates * noise))
    floor = min(2.5 * noise, 0.3 * contrast)
    return np.asarray(np.clip((difference - floor) * (255.0 / (contrast - floor)), 0, 255), dtype=np.uint8)


def _contrast(difference: Real, least: float) -> float:
    """The level of full ink: what the darkest strokes reach, a stray pixel apart."""
    peak = float(difference.max())
    if peak < least:
        raise NoInk("nothing stands out from the paper")
    strong = difference[difference > 0.5 * peak]
    return full_ink(peak, float(np.percentile(strong, 75)))


def full_ink(peak: float, usual: float) -> float:
    """What difference from the paper counts as full ink: of the largest and the usual one of strokes.

    Raises `NoInk` where even the largest is too small.
    """
    if peak < LEAST_CONTRAST:
        raise NoInk("nothing stands out from the paper")
    return max(usual, 0.6 * peak)


def _is_even(small: Real, paper: NDArray[np.bool_], level: float) -> bool:
    """Whether the paper, a mask of a reduced picture, has one level, soft rims of strokes left out."""
    deep = smallest_around(paper.view(np.uint8), _RIM) > 0
    where = deep if np.count_nonzero(deep) >= 0.02 * deep.size else paper
    return float((np.abs(small[where] - level) <= _EVEN).mean()) > 0.9


def _is_drawing(ink: Grey) -> bool:
    """Whether what was found on even paper is strokes, and not a sheet of paper on a desk or a shadow."""
    strong = int((ink > 127).sum())
    faint = int(((ink > 40) & (ink <= 127)).sum())
    if faint >= 2.5 * strong and faint >= 0.02 * ink.size:
        return False
    coarse = reduced(ink, _SURFACE_SIDE)
    if float((ndimage.minimum_filter((coarse > 20) & (coarse <= 127), size=5)).mean()) > _PLATEAU:
        return False
    blot = max(5, round(_BLOT * max(coarse.shape)))
    deep = ndimage.minimum_filter(coarse, size=blot) > 90
    if deep.any():
        labels, _ = ndimage.label(coarse > 90)
        if np.intersect1d(
            labels[deep], border(labels)
        ).any():  # a blot of ink does not run out of the picture
            return False
    values = coarse.astype(np.float32)
    # As `frame.stroke_width`, but the picture's edge is no edge of a shadow that runs out of it.
    edges = float(np.abs(np.diff(values, axis=0)).sum()) + float(np.abs(np.diff(values, axis=1)).sum())
    return bool(2.0 * float(values.sum()) < _WIDEST * max(coarse.shape) * edges)


def _desk(ink: Grey) -> NDArray[np.bool_] | None:
    """What is at the edge of even paper, away from the middle, and much darker than the strokes there."""
    small = reduced(ink)
    stains = _at_the_edge(ink.astype(np.float32), small.shape, 25.0)
    if stains is None:
        return None
    rest = ink[~stains]
    strokes = rest[rest > 25]
    if strokes.size == 0 or float(np.percentile(strokes, 90)) > _DESK * float(np.median(ink[stains])):
        return None
    return stains


def _uneven(
    grey: Grey, small: Real, dark: bool, to_the_edge: bool, *, window: float = _SURFACE_WINDOW
) -> Grey:
    """Ink in a photograph: what is darker (or lighter) than the paper around it."""
    # A closing fills what is darker than its surroundings and narrower than the window: the strokes.
    fill = closing if dark else opening
    coarse = reduced(grey, _SURFACE_SIDE).astype(np.uint8)
    surface = fill(coarse, round(window * max(coarse.shape)))
    smooth = np.asarray(Image.fromarray(surface).filter(_SMOOTH))
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
    some = _sample(difference)
    low, centre = (float(level) for level in np.percentile(some, [12, 40]))
    noise = (centre - low) / 0.92
    difference -= np.float32(centre)
    peak = _peak(difference, noise)
    # Shading widens the spread of the paper's levels, but hardly the differences between neighbours.
    step = _step(difference)
    across = difference[::step, 1::step]
    across = across - difference[::step, :-1:step]
    grain = 1.4826 / 2**0.5 * float(np.median(np.abs(across, out=across)))
    least = max(2 * LEAST_CONTRAST, 4.0 * min(noise, 2.0 * grain))
    if peak < least:
        raise NoInk("nothing stands out from the paper")
    stains = None if to_the_edge else _at_the_edge(difference, small.shape, max(4.0 * noise, 0.15 * peak))
    if stains is not None:
        difference[stains] = 0.0
        peak = _peak(difference, noise)
        if peak < least:
            raise NoInk("nothing but what is at the edge stands out from the paper")
    strong = _sample(difference)
    strong = strong[strong > 0.5 * peak]
    if strong.size < _FEW:
        strong = difference[difference > 0.5 * peak]
    contrast = float(np.percentile(strong, 60))
    floor = min(2.5 * noise, 0.35 * contrast) + 0.08 * contrast
    difference -= np.float32(floor)
    difference *= np.float32(255.0 / (contrast - floor))
    return np.clip(difference, 0.0, 255.0, out=difference).astype(np.uint8)


def _peak(difference: Real, noise: float) -> float:
    """The difference from the paper that strokes reach, and no more than a few pixels exceed."""
    peak = float(np.percentile(_sample(difference), 99.7))
    if peak < _GRAIN * noise:
        # That is the grain of the paper: a digit that is there is smaller than the rest of the percent.
        few = float(np.partition(difference, -_FEW, axis=None)[-_FEW])
        if few > 2.0 * peak:
            return few
    return peak


def _at_the_edge(difference: Real, shape: tuple[int, ...], least: float) -> NDArray[np.bool_] | None:
    """What is dark at the picture's edge and does not reach its middle: a desk, a shadow, a neighbour.

    (H, W) differences -> (H, W) mask, or None where it would leave nothing. It would set the level of full
    ink, and it can be far darker than a pencil.
    """
    height, width = difference.shape
    size = (shape[1], shape[0])
    coarse = np.asarray(Image.fromarray(difference).resize(size, Image.Resampling.BOX))
    labels, count = ndimage.label(coarse > least, structure=np.ones((3, 3), dtype=bool))
    touching = np.zeros(count + 1, dtype=bool)
    touching[border(labels)] = True
    middle = labels[shape[0] // 4 : -(shape[0] // 4), shape[1] // 4 : -(shape[1] // 4)]
    touching[middle] = False
    touching[0] = False
    if not touching.any() or touching[1:].all():
        return None
    stains = ndimage.binary_dilation(touching[labels], structure=np.ones((3, 3), dtype=bool))
    stains &= (labels == 0) | touching[labels]
    return np.asarray(Image.fromarray(stains).resize((width, height), Image.Resampling.NEAREST))
