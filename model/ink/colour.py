"""Colours and transparency -> grey, along the axis on which a picture has its contrast."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from model.ink.errors import NoInk
from model.ink.polarity import SURROUNDINGS, Grey

_COLOUR_SIDE = 96
"""The longer side (pixels) of the reduced picture from which the axis of its colours is found."""
_SURROUNDINGS = ImageFilter.BoxBlur((SURROUNDINGS[0] // 2, SURROUNDINGS[1] // 2))


def opaque(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay (H, W, 4) RGBA pixels on the background that shows the ink; other arrays are returned unchanged."""
    if pixels.ndim != 3 or pixels.shape[2] != 4:
        return pixels
    colour, alpha = pixels[:, :, :3], pixels[:, :, 3]
    return colour if alpha.min() == 255 else laid(colour, alpha, alpha.size)[0]


def laid(
    colour: NDArray[np.uint8], alpha: NDArray[np.uint8], size: int
) -> tuple[NDArray[np.uint8], NDArray[np.floating]]:
    """Lay (H, W) or (H, W, 3) pixels, alpha (H, W), on paper; gives the paper's levels too. Raises `NoInk`.

    If most of `size` pixels are transparent, the visible ones are ink, and they are laid on black or white,
    whichever is farther from them. If most are opaque, the picture has a paper of its own: its median colour.
    """
    visible = alpha > 127
    if np.count_nonzero(visible) > 0.5 * size:
        paper = np.median(colour[visible], axis=0).astype(np.float32)
    elif not alpha.any():
        raise NoInk("the image is fully transparent")
    elif colour.ndim == 2 and not colour.any():  # black on nothing, as most canvases are
        return 255 - alpha, np.array(255.0)
    else:
        grey = colour if colour.ndim == 2 else colour.mean(axis=2)
        paper = np.array(0.0 if np.average(grey, weights=alpha) > 127.5 else 255.0, np.float32)
    cover = alpha.reshape(alpha.shape + (1,) * (colour.ndim - 2)).astype(np.float32) / 255.0
    return np.asarray(np.rint(colour * cover + paper * (1.0 - cover)), dtype=np.uint8), paper


def to_grey(pixels: NDArray[np.uint8]) -> Grey:
    """Project (H, W, 3) colours on the axis along which the picture has its local contrast.

    Luminance would lose red ink on green paper; the principal component of the colours' differences
    from their surroundings does not. (H, W) arrays are returned unchanged.
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
    # Differences count by their square, so that the paper's noise hardly moves the axis.
    local = (np.asarray(small, dtype=np.float32) - np.asarray(around, dtype=np.float32)).reshape(-1, 3)
    _, vectors = np.linalg.eigh(local.T @ local)
    axis = vectors[:, -1] / np.abs(vectors[:, -1]).sum()
    axis = axis if axis @ np.array([0.299, 0.587, 0.114]) >= 0 else -axis
    offset = -255.0 * float(axis[axis < 0].sum())
    return np.asarray(picture.convert("L", (*axis.tolist(), offset)))
