"""Grey -> ink: how much pen there is at each pixel, on paper of one level or of a smooth surface.

Ink may be darker or lighter than either paper. `proposals` says which of these four ways are tried.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink.morphology import border
from model.ink.polarity import Grey, Real, averaged, odds_of_dark_ink, parted

LEAST_CONTRAST, LEAST_SNR = 4.0, 4.0
"""The least contrast of ink: in grey levels (of 255), and in standard deviations of the paper's noise."""
EVEN, LEAST_GRAINED = 12.0, 40
"""Nine of ten pixels of even paper are within this many grey levels of the paper's. Grain is measured only if
the shorter side has this many pixels: a smaller picture may be all strokes."""
SURFACE_SIDE = 96
"""The longer side (pixels) of the reduced picture on which the paper's brightness is followed."""
LEAST_PAPER = 0.15
"""The least share of a picture at its border's level if that is paper: a digit may leave little of it."""
WIDEST, DARKEST = 0.25, 24.0
"""The widest stroke, as a share of the longer side; the least level of paper that tells how light falls."""
_SAMPLE = 1 << 13  # about how many pixels quantiles are estimated from


@dataclass(frozen=True, slots=True)
class InkMap:
    """How much ink there is in a picture (H, W), 0 paper to 255 full ink, seen in one of the four ways.

    `dark`: the ink is darker than the paper. `surface`: the paper was followed as a smooth surface.
    `contrast` is the difference of full ink from the paper, `noise` the paper's deviation (both grey levels).
    """

    ink: Grey
    dark: bool
    surface: bool
    contrast: float
    noise: float


def likely_ink(grey: Grey) -> InkMap | None:
    """Ink of a (H, W) picture, seen in the likeliest way; None where nothing stands out."""
    paper = plain_paper(grey)
    if paper is not None:
        return plain_ink(grey, paper)
    dark = odds_of_dark_ink(grey) >= 0
    return ink_map(grey, dark=dark, surface=not is_even(grey, dark=dark))


def ink_map(grey: Grey, *, dark: bool, surface: bool, widest: float = WIDEST) -> InkMap | None:
    """Ink of a (H, W) picture, seen in one of the four ways; None where nothing stands out."""
    difference, noise = _from_surface(grey, dark, widest) if surface else _from_level(grey, dark)
    found = _as_ink(difference, noise)
    return None if found is None else InkMap(found[0], dark, surface, found[1], noise)


def plain_paper(grey: Grey) -> int | None:
    """The paper's level where it is the same all around, as on a canvas; None if it is not."""
    level = int(grey[0, 0])
    if (border(grey) != level).any() or np.count_nonzero(grey == level) < LEAST_PAPER * grey.size:
        return None
    return level


def plain_ink(grey: Grey, paper: int) -> InkMap | None:
    """Ink of a (H, W) picture on paper of one level; None where nothing stands out."""
    darkest, lightest = int(grey.min()), int(grey.max())
    dark = paper - darkest >= lightest - paper
    peak = abs(paper - (darkest if dark else lightest))
    if peak < LEAST_CONTRAST:
        return None
    # A pixel's ink depends on its level alone, and there are only 256 levels.
    levels = np.arange(256, dtype=np.float32)
    difference = paper - levels if dark else levels - paper
    ink = np.clip(difference * (255.0 / peak), 0, 255).astype(np.uint8)
    # Translating bytes takes a fifth of the time of indexing.
    seen = np.frombuffer(grey.tobytes().translate(ink.tobytes()), np.uint8).reshape(grey.shape)
    return InkMap(seen, dark, False, float(peak), 0.0)


def is_even(grey: Grey, *, dark: bool) -> bool:
    """Whether the paper of a (H, W) picture is of one level."""
    small, threshold = parted(grey)
    paper = small[small > threshold] if dark else small[small <= threshold]
    if paper.size == 0:
        return True
    beyond = np.abs(paper - np.float32(np.median(paper)))
    return bool(np.count_nonzero(beyond <= EVEN) > 0.9 * beyond.size)


def _from_level(grey: Grey, dark: bool) -> tuple[Real, float]:
    """By how many grey levels each pixel is ink on paper of one level, and the paper's noise.

    The level is the median of the paper, the lighter or the darker of Otsu's two classes.
    """
    counts = np.bincount(grey.ravel(), minlength=256)
    threshold = int(parted(grey)[1])
    paper = counts.copy()
    paper[slice(0, threshold + 1) if dark else slice(threshold + 1, None)] = 0
    if not paper.any():
        paper = counts
    level = _median(paper)
    noise = 1.4826 * _median(np.bincount(np.abs(np.arange(256) - level), weights=paper))
    values = grey.astype(np.float32)
    if min(grey.shape) >= LEAST_GRAINED:  # in pure grain either class understates it
        steps = np.abs(_sample(np.diff(values, axis=1)))
        noise = max(noise, 1.4826 / 2**0.5 * float(np.median(steps)))
    return (level - values if dark else values - level), noise


def _median(counts: NDArray[np.number]) -> int:
    """The median of whole numbers from 0 on; `counts` says how often each occurs."""
    return int(counts.cumsum().searchsorted(counts.sum() / 2))


def _from_surface(grey: Grey, dark: bool, widest: float) -> tuple[Real, float]:
    """By how many grey levels each pixel is ink on paper whose brightness is a smooth surface.

    A grey-scale closing wider than any stroke (`widest` of the longer side) fills the ink and leaves light
    and shade (the bottom-hat transform; R. C. Gonzalez, R. E. Woods, Digital Image Processing, section 9.6).
    """
    coarse = averaged(grey, SURFACE_SIDE)
    fill = ndimage.grey_closing if dark else ndimage.grey_opening
    paper = fill(coarse, (max(3, round(widest * max(coarse.shape))),) * 2, mode="nearest")
    size = (grey.shape[1], grey.shape[0])
    surface = np.asarray(Image.fromarray(paper).resize(size, Image.Resampling.BILINEAR), np.float32)
    values = grey.astype(np.float32)
    difference: Real = values - surface
    if dark:  # light falls on paper and ink alike, so the ink is a share of the paper's brightness
        difference *= np.float32(-255) / np.maximum(surface, np.float32(DARKEST))
    # Ink lies on one side of the paper's level only, so the other side tells the level and the noise:
    # of a normal distribution, from the 12th to the 40th percentile it is 0.92 standard deviations.
    low, centre = np.quantile(_sample(difference), (0.12, 0.4)).tolist()
    return difference - np.float32(centre), (centre - low) / 0.92


def _as_ink(difference: Real, noise: float) -> tuple[Grey, float] | None:
    """Scale the difference from the paper to ink, 0 to 255; also gives its contrast. None without ink."""
    peak = float(np.quantile(_sample(difference), 0.997))
    if peak < max(LEAST_CONTRAST, LEAST_SNR * noise):
        return None
    strong = difference[difference > 0.5 * peak]
    contrast = float(np.quantile(strong, 0.6))
    floor = min(2.5 * noise, 0.35 * contrast)
    scaled = (difference - np.float32(floor)) * np.float32(255.0 / (contrast - floor))
    return np.clip(scaled, 0.0, 255.0).astype(np.uint8), contrast


def _sample(values: Real) -> Real:
    """Every k-th pixel of every k-th row: about `_SAMPLE` of them, or all."""
    step = max(1, round(math.sqrt(values.size / _SAMPLE)))
    return values[::step, ::step]
