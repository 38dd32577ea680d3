"""Grey -> ink: how much pen there is at each pixel, on paper of one level or of a smooth surface.

Either may be dark on light or light on dark. Which of the four ways are tried, `proposals` says.
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
"""Ink differs from the paper by so many grey levels (of 255), and standard deviations of its noise."""
EVEN, LEAST_GRAINED = 12.0, 40
"""On even paper nine of ten pixels are within so many grey levels of its own. A picture whose shorter side is
below so many pixels may be all strokes, which are no grain."""
SURFACE_SIDE = 96
"""The longer side (pixels) of the reduced picture on which the paper's brightness is followed."""
LEAST_PAPER = 0.15
"""So much of a picture has the level of its border where that is paper: a digit may leave little of it."""
WIDEST, DARKEST = 0.25, 24.0
"""No stroke is wider than this share of the longer side; darker paper (levels) tells nothing of the light."""
_SAMPLE = 1 << 13  # pixels, about: quantiles are told from so many


@dataclass(frozen=True, slots=True)
class InkMap:
    """How much ink there is in a picture (H, W), 0 paper to 255 full ink, seen in one of the ways.

    It is darker than the paper or lighter, and the paper was followed as a surface or taken as of one level.
    `contrast` is by how many grey levels full ink differs from it, `noise` the standard deviation of its own.
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
    # What becomes of a pixel depends on its level alone, and there are 256 of those.
    levels = np.arange(256, dtype=np.float32)
    difference = paper - levels if dark else levels - paper
    ink = np.clip(difference * (255.0 / peak), 0, 255).astype(np.uint8)
    # Looking bytes up takes a fifth of the time of an index.
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
    if min(grey.shape) >= LEAST_GRAINED:  # of nothing but grain the lighter half is no measure
        steps = np.abs(_sample(np.diff(values, axis=1)))
        noise = max(noise, 1.4826 / 2**0.5 * float(np.median(steps)))
    return (level - values if dark else values - level), noise


def _median(counts: NDArray[np.number]) -> int:
    """The median of what was counted at 0, 1, 2 and so on."""
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
    """Ink, 0 to 255, of the difference from the paper, and the contrast of full ink; None without ink."""
    peak = float(np.quantile(_sample(difference), 0.997))
    if peak < max(LEAST_CONTRAST, LEAST_SNR * noise):
        return None
    strong = difference[difference > 0.5 * peak]
    contrast = float(np.quantile(strong, 0.6))
    floor = min(2.5 * noise, 0.35 * contrast)
    scaled = (difference - np.float32(floor)) * np.float32(255.0 / (contrast - floor))
    return np.clip(scaled, 0.0, 255.0).astype(np.uint8), contrast


def _sample(values: Real) -> Real:
    """Every k-th pixel of every k-th row: some `_SAMPLE` of them, or all."""
    step = max(1, round(math.sqrt(values.size / _SAMPLE)))
    return values[::step, ::step]
