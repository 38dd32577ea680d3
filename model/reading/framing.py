"""Many candidates framed at once, as `model.ink.frame.frame` frames one: a line has dozens.

The same steps on a stack of pictures: resampling is a product with a matrix from either side, and to make
strokes thicker or thinner is a maximum or minimum of pictures that are moved.
"""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from model.ink.frame import (
    BOX_SIDE,
    CENTRE,
    FAINT,
    FIELD_SIDE,
    FINE_SIDE,
    THICK_TARGET,
    THICKEST,
    THIN_TARGET,
    THINNEST,
)

Grey = NDArray[np.uint8]
Stack = NDArray[np.float32]
Real = NDArray[np.float32]

FILL = 1.5
"""Pictures of one stack are no more than so many times as high or wide as each other."""
MARGIN = 2
"""Paper around a picture whose strokes are made thicker (field pixels)."""
LEAST_SIDE = 32
"""Pictures with a longer side of fewer pixels are enlarged for that."""
LEAST_RADIUS = 0.25
"""Strokes are made thinner by so many field pixels at least."""


def frames(crops: Sequence[Grey], strokes: NDArray[np.float64]) -> Grey:
    """(n, 28, 28): each (H, W) picture of ink, 0 to 255, as a field; one without ink gives an empty one.

    `strokes` (n,) are the widths of their strokes (pixels).
    """
    out = np.zeros((len(crops), FIELD_SIDE, FIELD_SIDE), np.uint8)
    tight = [_tight(crop) for crop in crops]
    order = sorted((n for n, crop in enumerate(tight) if crop.size), key=lambda n: max(tight[n].shape))
    while order:
        limit = FILL * max(tight[order[0]].shape)
        count = next((k for k, n in enumerate(order) if max(tight[n].shape) > limit), len(order))
        out[order[:count]] = _framed([tight[n] for n in order[:count]], strokes[order[:count]])
        order = order[count:]
    return out


def _tight(crop: Grey) -> Grey:
    """What of a picture has ink."""
    solid = crop > FAINT
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return crop[:0]
    return crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _framed(crops: Sequence[Grey], strokes: NDArray[np.float64]) -> Grey:
    sizes = np.array([crop.shape for crop in crops])
    stack = _stacked(crops, sizes)
    longer = sizes.max(axis=1)
    width = strokes * BOX_SIDE / longer
    small = np.abs(longer - BOX_SIDE) <= 2
    thin, thick = (width < THINNEST) & ~small, (width > THICKEST) & ~small
    fields = np.empty((len(crops), FIELD_SIDE, FIELD_SIDE), np.float32)
    kept = ~(thin | thick)
    if kept.any():
        fields[kept] = _fitted(stack[kept], sizes[kept], small[kept])
    for some, change in ((thin, _thicker), (thick, _thinner)):
        if some.any():
            roomy, scale = _roomy(stack[some], longer[some])
            changed, extents = change(roomy, width[some], scale)
            fields[some] = _fitted(changed, extents, np.zeros(len(changed), bool))
    peaks = fields.max(axis=(1, 2), keepdims=True)
    # Thin strokes lose some of their ink in resampling.
    fields[~small] *= (255.0 / np.maximum(peaks, 1.0))[~small]
    return np.clip(fields, 0, 255).astype(np.uint8)


def _fitted(stack: Stack, sizes: NDArray[np.int64], whole: NDArray[np.bool_]) -> Stack:
    """(n, 28, 28): pictures (H, W) whose ink begins at their origin and has those sizes, in the field.

    Those that are `whole` are of its size already, and moved by whole pixels.
    """
    side = np.where(whole, 1.0, sizes.max(axis=1) / BOX_SIDE)
    sums = np.maximum(stack.sum(axis=(1, 2), dtype=np.float64), 1e-6)
    matrices = []
    for axis in (0, 1):
        profile = stack.sum(axis=2 - axis, dtype=np.float64)
        centre = profile @ (np.arange(profile.shape[1]) + 0.5) / sums
        room = sizes[:, axis] / side
        free = np.minimum(np.maximum(CENTRE - centre / side, 1.0), FIELD_SIDE - 1.0 - room)
        moved = np.clip(np.rint(CENTRE - centre), 0, FIELD_SIDE - room)
        matrices.append(_resampling(-np.where(whole, moved, free) * side, side, stack.shape[1 + axis]))
    return np.asarray(matrices[0] @ stack @ matrices[1].transpose(0, 2, 1))


def _resampling(
    start: NDArray[np.float64], side: NDArray[np.float64], length: int, out: int = FIELD_SIDE
) -> Real:
    """(n, out, length): weights of pixels for field pixels of `side` pixels each, the first from `start` on.

    Larger pictures are averaged with Hamming's window, smaller ones drawn with cubics, as Pillow does.
    """
    broad = np.maximum(side, 1.0).astype(np.float32)[:, None, None]
    reach = 2.0 * side.clip(0.5, 1.0).max() * (side <= 1.0).any()
    taps = np.arange(2 * ceil(max(reach, float(broad.max()))) + 1)
    centre = (start[:, None] + (np.arange(out) + 0.5) * side[:, None]).astype(np.float32)[:, :, None]
    places = np.floor(centre).astype(np.int64) + (taps - len(taps) // 2)
    away = np.abs((places + np.float32(0.5) - centre) / broad)
    index = np.minimum((away * _STEPS).astype(np.int64), len(_WINDOW) - 1)
    values = np.where(broad > 1.0, _WINDOW[index], _CUBIC[index]) / broad
    values[(places < 0) | (places >= length)] = 0.0
    weights = np.zeros((len(start), out, length + 1), np.float32)
    np.put_along_axis(weights, np.where(values == 0.0, length, places), values, axis=2)
    return weights[:, :, :length]


_STEPS = 512
_AWAY = (np.arange(2 * _STEPS + 1) + 0.5) / _STEPS
_WINDOW = np.where(_AWAY < 1, np.sinc(_AWAY) * (0.54 + 0.46 * np.cos(np.pi * _AWAY)), 0).astype(np.float32)
_CUBIC = np.where(
    _AWAY < 1,
    (1.5 * _AWAY - 2.5) * _AWAY**2 + 1,
    np.where(_AWAY < 2, ((-0.5 * _AWAY + 2.5) * _AWAY - 4) * _AWAY + 2, 0),
).astype(np.float32)
"""Both filters, in steps of their distance."""


def _roomy(stack: Stack, longer: NDArray[np.int64]) -> tuple[Grey, NDArray[np.float64]]:
    """(n, S, S): pictures with paper around them, small ones enlarged; and how many pixels a field's is."""
    if longer.min() >= LEAST_SIDE:
        margin = ceil(MARGIN * longer.max() / BOX_SIDE)
        wide = ((0, 0), (margin, margin), (margin, margin))
        return np.pad(stack.astype(np.uint8), wide), longer / BOX_SIDE
    side = longer / FINE_SIDE
    margin = ceil(MARGIN * FINE_SIDE / BOX_SIDE)
    size = FINE_SIDE + 2 * margin
    down, across = (_resampling(-margin * side, side, length, size) for length in stack.shape[1:])
    fine = np.clip(down @ stack @ across.transpose(0, 2, 1), 0, 255).astype(np.uint8)
    return fine, np.full(len(stack), FINE_SIDE / BOX_SIDE)


def _thicker(
    fine: Grey, width: NDArray[np.float64], scale: NDArray[np.float64]
) -> tuple[Stack, NDArray[np.int64]]:
    """Strokes of `width` (field pixels) made as wide as MNIST's, and the sizes of what is tight then."""
    wide = width * scale
    # A hairline is averaged away by as much as it is thinner than a pixel.
    boost = np.where(wide < 1.5, 1.6 / np.maximum(wide, 0.05), 1.0).astype(np.float32)
    if (boost > 1).any():
        fine = np.clip(fine * boost[:, None, None], 0, 255).astype(np.uint8)
    return _cut(_dilated(fine, (THIN_TARGET * scale - np.maximum(wide, 1.0)) / 2))


def _thinner(
    fine: Grey, width: NDArray[np.float64], scale: NDArray[np.float64]
) -> tuple[Stack, NDArray[np.int64]]:
    """The same for strokes that are too wide; a blot's thin parts must not be lost."""
    out = fine.copy()
    radius = (width - THICK_TARGET) * scale / 2
    while len(left := np.flatnonzero(radius >= LEAST_RADIUS * scale)):
        before = out[left]
        thinner = 255 - _dilated(255 - before, radius[left])
        kept = np.sum(thinner, axis=(1, 2)) > 0.3 * np.sum(before, axis=(1, 2))
        out[left] = np.where(kept[:, None, None], thinner, before)
        radius[left] = np.where(kept, 0.0, radius[left] / 2)
    return _cut(out)


def _cut(pixels: Grey) -> tuple[Stack, NDArray[np.int64]]:
    """Pictures moved so that their ink begins at the origin, and its sizes (n, 2)."""
    tight = [_tight(picture) for picture in pixels]
    sizes = np.array([picture.shape for picture in tight]).reshape(-1, 2)
    return _stacked(tight, sizes), np.maximum(sizes, 1)


def _stacked(pictures: Sequence[Grey], sizes: NDArray[np.int64]) -> Stack:
    """(n, H, W): pictures of any sizes, each at the origin."""
    stack = np.zeros((len(pictures), *sizes.max(axis=0)), np.float32)
    for place, picture in zip(stack, pictures, strict=True):
        place[: picture.shape[0], : picture.shape[1]] = picture
    return stack


def _dilated(pixels: Grey, radii: NDArray[np.float64]) -> Grey:
    """Pictures (n, H, W) whose bright parts are grown by a disk of each radius (pixels)."""
    out = pixels.copy()
    shapes = np.rint(radii * 4).astype(int)
    for shape in np.unique(shapes):
        some = np.flatnonzero(shapes == shape)
        out[some] = _grown(pixels[some], shape / 4)
    return out


def _grown(pixels: Grey, radius: float) -> Grey:
    reach, limit = round(radius), (radius + 0.3) ** 2
    half = [int(np.sqrt(limit - y * y)) for y in range(reach + 1) if y * y <= limit]
    wide = [pixels]
    for step in range(1, half[0] + 1):
        grown = wide[-1].copy()
        np.maximum(grown[:, :, step:], pixels[:, :, :-step], out=grown[:, :, step:])
        np.maximum(grown[:, :, :-step], pixels[:, :, step:], out=grown[:, :, :-step])
        wide.append(grown)
    out = wide[min(half[0], reach)].copy()
    for y, across in enumerate(half[1:], start=1):
        source = wide[min(across, reach)]
        np.maximum(out[:, y:], source[:, :-y], out=out[:, y:])
        np.maximum(out[:, :-y], source[:, y:], out=out[:, :-y])
    return out
