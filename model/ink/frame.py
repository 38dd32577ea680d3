"""Ink -> the network's field, as MNIST's digits were framed.

MNIST's rule (LeCun et al. 1998, section III.A): the digit fits a 20x20 box, its aspect kept, and its
centre of mass lies at the centre of a 28x28 field. Measured on MNIST's training images, that centre is
pixel (14, 14) to within half a pixel, as digits were shifted by whole pixels. Strokes are 1.4 to 4.4 pixels
wide there (1st and 99th percentile of `stroke_width`), 2.4 in the middle.
"""

from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.ink.errors import NoInk
from model.ink.morphology import bounding_box, grey_of, image_of

Field = NDArray[np.uint8]

FIELD_SIDE = 28
BOX_SIDE = 20
"""The sides of MNIST's fields and of the box that the digit fits (pixels)."""
CENTRE = 14.5
"""The centre of mass along either axis, where pixel i reaches from i to i + 1."""

THINNEST, THICKEST = 1.5, 3.6
"""Strokes outside these widths (field pixels) are brought nearer to MNIST's."""
THIN_TARGET, THICK_TARGET = 2.5, 3.0
"""The widths (field pixels) that thinner and thicker strokes are given."""

FAINT = 24
"""Ink up to this level does not widen the digit's box."""
FINE_SIDE = 60
"""The longer side (pixels) of the digit while its strokes are made thicker or thinner."""


def frame(ink: NDArray[np.uint8]) -> Field:
    """Frame (H, W) ink, 0 to 255, as a (28, 28) field. Raises `NoInk` when there is none."""
    ink = _crop(ink)
    width = stroke_width(ink) * BOX_SIDE / max(ink.shape)
    if not THINNEST <= width <= THICKEST:
        ink = _crop(_with_width(ink, width))
    return _fit(ink)


def stroke_width(ink: NDArray[np.uint8]) -> float:
    """Mean stroke width (pixels): a stroke of length l has the area w l and edges of length 2 l.

    The edges' length is the total variation of the image, which antialiasing does not change.
    """
    values = np.zeros((ink.shape[0] + 2, ink.shape[1] + 2), np.float32)
    values[1:-1, 1:-1] = ink
    across, down = values[1:, 1:] - values[1:, :-1], values[1:, 1:] - values[:-1, 1:]
    edges = float(np.sqrt(across * across + down * down).sum())
    return 2.0 * float(values.sum()) / edges if edges else 0.0


def _crop(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    box = bounding_box(ink > FAINT)
    if box is None:
        raise NoInk("nothing stands out from the paper")
    return ink[box]


def _centre_of_mass(ink: NDArray[np.uint8]) -> tuple[float, float]:
    """(x, y) in pixels, where pixel i reaches from i to i + 1."""
    columns, rows = ink.sum(axis=0, dtype=np.float64), ink.sum(axis=1, dtype=np.float64)
    mass = float(columns.sum())
    x, y = (float(sums @ np.arange(len(sums))) / mass + 0.5 for sums in (columns, rows))
    return x, y


def _fit(ink: NDArray[np.uint8]) -> Field:
    """Resample ink of any size into the field, in one step, and stretch it to full ink."""
    height, width = ink.shape
    side = max(height, width) / BOX_SIDE  # source pixels for each pixel of the field
    x, y = _centre_of_mass(ink)
    # Ink that is heavy on one side would push its box out of the field: the box stays a pixel inside it.
    left = min(max(CENTRE - x / side, 1.0), FIELD_SIDE - 1.0 - width / side)
    top = min(max(CENTRE - y / side, 1.0), FIELD_SIDE - 1.0 - height / side)
    before = ceil(max(left, top) * side) + 1
    after = ceil(FIELD_SIDE * side) + 1
    canvas = np.zeros((before + after, before + after), dtype=np.uint8)
    canvas[before : before + height, before : before + width] = ink
    x0, y0 = before - left * side, before - top * side
    window = (x0, y0, x0 + FIELD_SIDE * side, y0 + FIELD_SIDE * side)
    method = Image.Resampling.BICUBIC if side < 1.0 else Image.Resampling.HAMMING
    field = grey_of(image_of(canvas).resize((FIELD_SIDE, FIELD_SIDE), method, box=window))
    # Thin strokes lose some of their ink in resampling.
    peak = int(field.max())
    return field if peak in {0, 255} else (field.astype(np.uint16) * 255 // peak).astype(np.uint8)


def _with_width(ink: NDArray[np.uint8], width: float) -> NDArray[np.uint8]:
    """Make strokes of `width` (field pixels) thicker or thinner, at a fine scale."""
    factor = FINE_SIDE / max(ink.shape)
    size = (max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor)))
    method = Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.BOX
    fine = grey_of(image_of(ink).resize(size, method))
    per_field_pixel = FINE_SIDE / BOX_SIDE
    fine_width = width * per_field_pixel
    if width < THINNEST:
        if fine_width < 1.5:
            # Averaging fades a hairline by as much as it is thinner than a pixel, and more where it lies
            # between two pixels.
            fine = np.asarray(np.clip(fine * (1.6 / max(fine_width, 0.05)), 0, 255), dtype=np.uint8)
        return _over_disks(fine, (THIN_TARGET * per_field_pixel - max(fine_width, 1.0)) / 2, np.maximum)
    radius = (width - THICK_TARGET) * per_field_pixel / 2
    while radius >= 0.75:
        thinner = _over_disks(fine, radius, np.minimum)
        # A blot has thin parts too, which must not vanish while the thick ones are thinned.
        if float(thinner.sum()) > 0.3 * float(fine.sum()):
            return thinner
        radius /= 2
    return fine


def _over_disks(ink: NDArray[np.uint8], radius: float, most: np.ufunc) -> NDArray[np.uint8]:
    """The maximum or minimum (`most`) of (H, W) ink in a disk around each pixel; a rim of paper is added.

    As its rows lie end to end, a picture is shifted whole, in a quarter of `ndimage.grey_dilation`'s time.
    """
    square = (radius + 0.3) ** 2
    rim = isqrt(int(square)) + 1
    wide = np.zeros((ink.shape[0] + 2 * rim, ink.shape[1] + 2 * rim), np.uint8)
    wide[rim:-rim, rim:-rim] = ink
    flat = wide.ravel()
    out, across, half = flat.copy(), flat.copy(), 0
    for down in range(rim - 1, -1, -1):
        while half < isqrt(int(square - down * down)):
            half += 1
            _shifted(most, across, flat, half)
        _shifted(most, out, across, down * wide.shape[1])
    return out.reshape(wide.shape)


def _shifted(most: np.ufunc, out: NDArray[np.uint8], values: NDArray[np.uint8], step: int) -> None:
    """Update `out` (n,) to the `most` of itself and of `values` (n,) shifted by `step` to either side."""
    end = len(out) - step
    most(out[step:], values[:end], out=out[step:])
    most(out[:end], values[step:], out=out[:end])
