"""Grey -> ink: how much pen there is at each pixel, whatever the paper, the pen and the light.

A drawing on an even background is told from a photograph by its border. The first needs one level for
the paper; the second gets the paper's brightness as a surface (see `model.ink.background`).
"""

import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.ink.background import LEAST_CONTRAST, SURFACE_SIDE, at_the_edge, grain, subtract_background
from model.ink.errors import NoInk
from model.ink.morphology import border, has_shadow, smallest_around
from model.ink.pillow import image_of
from model.ink.planar_background import fit_plane, subtract_plane
from model.ink.polarity import (
    Counts,
    Grey,
    Real,
    averaged,
    counted_quantile,
    odds_of_dark_ink,
    otsu,
    reduced,
    reduced_size,
)

SMALL_SIDE = 40
"""An image whose shorter side is below this (pixels) is a scanned digit cut close, never a page."""


_CLOSE_WINDOW = 0.45
"""No stroke is wider than this share of a picture's longer side where a digit may fill it."""
_LEAST_SHADED = 20
"""A picture whose shorter side is below this (pixels) shows no shadow."""
_RIM = 7
"""Within so many pixels of a reduced picture the rims of strokes are left out of what tells even paper."""
_WIDEST = 0.2
"""A stroke's width, as a share of the longer side, at the most; a shadow or a sheet is wider."""
_DESK = 0.75
"""Strokes are at most this share as dark as the desk beyond even paper."""
_PLATEAU = 0.04
"""The share of a picture that may be evenly faint, as a shadow is and no stroke's rim."""
_EVEN = 12.0
"""Grey levels by which even paper may vary."""
_PLAIN = 0.15
"""The share of a picture that has the level of its border where that is the paper: a digit may leave little
of it."""
_PURE, _PURE_BORDER = 0.1, 0.3
"""The share of a picture, and of its border, that pure paper has at the least."""
_GRAINS = 2.0
"""A small picture's noise is at most this many times its grain: more is light and shade."""
_LEVELS = np.arange(256, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class InkMap:
    """How much ink there is."""

    ink: Grey
    """(H, W), 0 paper to 255 full ink."""
    even: bool
    """Whether the paper was even, as on a canvas or a clean scan, and not a photograph."""
    dark: bool
    """Whether the ink is darker than the paper."""
    pure: bool = False
    """Whether the paper is of the purest white or black there is, as no camera sees it."""
    log_odds: float = math.inf
    """The odds (logarithmic) that it is so; infinite where it is plain to see."""


def ink_map(grey: Grey, *, to_the_edge: bool = False, dark: bool | None = None) -> InkMap:
    """Ink of a (H, W) grey image of either polarity. Raises `NoInk` when nothing stands out.

    `to_the_edge`: what is dark at the edge is ink too, as in a line of digits that fills its picture. `dark`
    says whether the ink is darker than the paper, where that is known.
    """
    paper = plain_paper(grey)
    if paper is not None:
        if dark is None:
            dark = paper - float(grey.min()) > float(grey.max()) - paper
        return InkMap(even_ink(grey, paper, dark), True, dark, pure=True)
    small = reduced(grey)
    threshold = otsu(small)
    log_odds = math.inf
    if dark is None:
        odds = odds_of_dark_ink(small, threshold)
        dark, log_odds = odds >= 0, abs(odds)
    counts = _counts(grey)
    pure = None if to_the_edge else _on_pure_paper(grey, counts, dark)
    if pure is not None:
        return InkMap(pure, True, dark, pure=True, log_odds=log_odds)
    paper_counts = counts.copy()
    paper_counts[slice(0, int(threshold) + 1) if dark else slice(int(threshold) + 1, None)] = 0
    if not paper_counts.any():
        raise NoInk("nothing stands out from the paper")
    level = counted_quantile(paper_counts, 0.5)
    cut_close = (max if to_the_edge else min)(grey.shape) < SMALL_SIDE
    if cut_close or _is_even(small, (small > threshold) == dark, level):
        # Where ink is rare, all pixels tell the noise; the paper's half of pure noise would look quiet.
        noise = 1.4826 * (
            _spread(paper_counts, level) if cut_close else _spread(counts, counted_quantile(counts, 0.5))
        )
        if cut_close:
            noise = min(noise, _GRAINS * grain(grey.astype(np.float32)))
            return InkMap(_cut_close(grey, small, level, dark, noise), True, dark, log_odds=log_odds)
        with suppress(NoInk):  # shading may drown what stands out from the paper around it
            ink = even_ink(grey, level, dark, noise)
            desk = None if to_the_edge else _desk(ink)
            if desk is not None:
                ink = even_ink(np.where(desk, round(level), grey).astype(np.uint8), level, dark, noise)
            if _is_drawing(ink):
                return InkMap(ink, True, dark, log_odds=log_odds)
    if not to_the_edge:
        sloping = _sloping(grey, small, dark, threshold)
        if sloping is not None:
            return InkMap(sloping, True, dark, log_odds=log_odds)
    return InkMap(subtract_background(grey, small, dark, to_the_edge), False, dark, log_odds=log_odds)


def _on_pure_paper(grey: Grey, counts: Counts, dark: bool) -> Grey | None:
    """Ink on paper of the purest white or black there is, as no camera sees it; None on any other.

    So are scans that were cleaned, and those that were enlarged: a digit may fill them to all of their edges.
    """
    (there,) = counts.nonzero()
    level = int(there[-1] if dark else there[0])
    if (
        counts[level] < _PURE * grey.size
        or np.count_nonzero(border(grey) == level) < _PURE_BORDER * border(grey).size
    ):
        return None
    ink = even_ink(grey, level, dark)
    desk = _desk(ink)
    return ink if desk is None else even_ink(np.where(desk, level, grey).astype(np.uint8), level, dark)


def _sloping(grey: Grey, small: Real, dark: bool, threshold: float) -> Grey | None:
    """Ink on paper that is lit from one side; None where that is not all there is to see."""
    plane = fit_plane(small, dark, threshold)
    if plane is None:
        return None
    even, level = subtract_plane(grey.astype(np.float32), plane), plane[0]
    beyond = np.abs(even - np.float32(level))
    # Of ink and paper, what is nearer to the paper tells its noise.
    noise = 1.4826 * float(np.median(beyond[beyond <= 0.5 * float(np.percentile(beyond, 98))]))
    with suppress(NoInk):
        return even_ink(np.rint(even.clip(0, 255)).astype(np.uint8), level, dark, noise)
    return None


def _counts(grey: Grey) -> Counts:
    """(256,): how often each level occurs."""
    return np.array(image_of(grey).histogram())


def _spread(counts: Counts, level: float) -> float:
    """The median of how far grey levels are from `level`, a multiple of a half."""
    halves = np.bincount(np.abs(2 * np.arange(256) - round(2 * level)), weights=counts)
    return counted_quantile(halves, 0.5) / 2


def _cut_close(grey: Grey, small: Real, level: float, dark: bool, noise: float) -> Grey:
    """Ink of a small picture: its paper is even, but for a shadow where it is a photograph after all."""
    ink = even_ink(grey, level, dark, noise)
    if min(grey.shape) < _LEAST_SHADED or _is_drawing(ink):
        return ink
    sloping = _sloping(grey, small, dark, otsu(small))
    if sloping is not None:
        return sloping
    with suppress(NoInk):
        shaded = subtract_background(grey, small, dark, False, window=_CLOSE_WINDOW)
        if _is_drawing(shaded):
            return shaded
    return ink


def plain_paper(grey: Grey) -> float | None:
    """The paper's level where it is the same all over, as on a canvas; None if it is not."""
    level = grey[0, 0]
    if (border(grey) != level).any() or np.count_nonzero(grey == level) < _PLAIN * grey.size:
        return None
    return float(level)


def even_ink(grey: Grey, paper: float, dark: bool, noise: float = 0.0) -> Grey:
    """Ink (H, W) on paper of one level: the difference from it, from the noise's reach to the full contrast.

    Raises `NoInk` where nothing stands out from the noise.
    """
    extreme = int(grey.min() if dark else grey.max())
    peak = paper - extreme if dark else extreme - paper
    # The largest of n normal deviates is about sqrt(2 ln n); the ink of a digit cut close is more than one.
    deviates = 3.5 if min(grey.shape) < SMALL_SIDE else (2.0 * math.log(grey.size)) ** 0.5 + 1.0
    if peak < max(LEAST_CONTRAST, deviates * noise):
        raise NoInk("nothing stands out from the paper")
    # Full ink is what three quarters of the dark strokes reach at the most, a stray pixel apart.
    strong = grey < paper - 0.5 * peak if dark else grey > paper + 0.5 * peak
    usual = float(extreme)
    if 4 * np.count_nonzero(grey == extreme) < np.count_nonzero(strong) + 8:  # most drawings have one pen
        usual = float(np.percentile(grey[strong], 25 if dark else 75))
    contrast = max(abs(usual - paper), 0.6 * peak)
    floor = min(2.5 * noise, 0.3 * contrast)
    if (contrast, floor) == (255.0, 0.0):  # black on white, or white on black
        return 255 - grey if dark else grey
    # What becomes of a pixel depends on its level alone, and there are 256 of those.
    difference = paper - _LEVELS if dark else _LEVELS - paper
    ink = np.clip((difference - floor) * (255.0 / (contrast - floor)), 0, 255).astype(np.uint8)
    return np.frombuffer(grey.tobytes().translate(ink.tobytes()), np.uint8).reshape(grey.shape)


def _is_even(small: Real, paper: NDArray[np.bool_], level: float) -> bool:
    """Whether the paper, a mask of a reduced picture, has one level, soft rims of strokes left out."""
    deep = smallest_around(paper.view(np.uint8), _RIM) > 0
    where = deep if np.count_nonzero(deep) >= 0.02 * deep.size else paper
    near = np.abs(small[where] - np.float32(level)) <= _EVEN
    return bool(np.count_nonzero(near) > 0.9 * near.size)


def _is_drawing(ink: Grey) -> bool:
    """Whether what was found on even paper is strokes, and not a sheet of paper on a desk or a shadow."""
    strong = np.count_nonzero(ink > 127)
    faint = np.count_nonzero(ink > 40) - strong
    if faint >= 2.5 * strong and faint >= 0.02 * ink.size:
        return False
    coarse = averaged(ink, SURFACE_SIDE)
    plateau = smallest_around(((coarse > 20) & (coarse <= 127)).view(np.uint8), 5)
    if np.count_nonzero(plateau) > _PLATEAU * plateau.size:
        return False
    if has_shadow(coarse > 90):
        return False
    values = coarse.astype(np.int32)
    # As `frame.stroke_width`, but a shadow that runs out of the picture has no edge there.
    edges = int(np.abs(values[1:] - values[:-1]).sum()) + int(np.abs(values[:, 1:] - values[:, :-1]).sum())
    return bool(2.0 * int(values.sum()) < _WIDEST * max(coarse.shape) * edges)


def _desk(ink: Grey) -> NDArray[np.bool_] | None:
    """Find stains at the edge of even paper that stay away from the middle and are much darker than the
    strokes."""
    stains = at_the_edge(ink.astype(np.float32), reduced_size(ink.shape), 25.0)
    if stains is None:
        return None
    rest = ink[~stains]
    strokes = rest[rest > 25]
    if strokes.size == 0 or float(np.percentile(strokes, 90)) > _DESK * float(np.median(ink[stains])):
        return None
    return stains
