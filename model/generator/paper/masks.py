"""Masks of ink, 255 on 0, and covers, 0 to 1, (H, W) each: softened, moved, cut to the ink, compared."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

from model.generator.items import Bytes, Rng

Reals: TypeAlias = NDArray[np.floating[Any]]


def cover_of(mask: Bytes) -> Reals:
    """Coverage of 0 to 1 from 0 to 255."""
    return mask / np.float32(255)


def mask_of(cover: Reals) -> Bytes:
    """0 to 255 from coverage of 0 to 1."""
    return (np.clip(cover, 0, 1) * 255).astype(np.uint8)


def soft(cover: Reals, radius: float) -> Reals:
    """A mask (H, W) with soft edges."""
    blurred = Image.fromarray(mask_of(cover)).filter(ImageFilter.GaussianBlur(float(radius)))
    return cover_of(np.asarray(blurred))


def moved(cover: Reals, rng: Rng, reach: float) -> Reals:
    """A mask a little to a side, as a shadow falls: at most `reach` pixels across and down."""
    return np.roll(cover, np.rint(rng.uniform(-reach, reach, 2)).astype(int), (0, 1))


def placed_on_page(mask: Bytes, rng: Rng, *, room: float = 4.0) -> Bytes:
    """Put a mask somewhere on an empty page up to `room` times as large on either side."""
    size = [int(side * rng.uniform(1.05, room)) + 4 for side in mask.shape]
    top, left = (int(rng.integers(most + 1)) for most in np.subtract(size, mask.shape))
    return pasted(mask, (size[0], size[1]), top, left)


def pasted(mask: Bytes, size: tuple[int, int], top: int, left: int) -> Bytes:
    """A mask at some place of an empty page of `size` (height, width), as far as it reaches into it."""
    page = Image.new("L", size[::-1])
    page.paste(Image.fromarray(mask), (left, top))
    return np.asarray(page)


def resized(
    mask: Bytes, size: tuple[int, int], filter_: Image.Resampling = Image.Resampling.BICUBIC
) -> Bytes:
    """A mask (H, W) at another size (height, width)."""
    return np.asarray(Image.fromarray(mask).resize((size[1], size[0]), filter_))


def stretched(
    mask: Bytes,
    factors: ArrayLike,
    least: int = 2,
    filter_: Image.Resampling = Image.Resampling.BICUBIC,
) -> Bytes:
    """A mask so many times as high and as wide, or one factor for both, `least` pixels at least."""
    height, width = (max(least, round(side)) for side in np.multiply(mask.shape, factors).tolist())
    return resized(mask, (height, width), filter_)


def ink_box(mask: Bytes, threshold: int = 0) -> tuple[slice, slice]:
    """The rows and columns that hold ink above `threshold`; all of them if there is none."""
    solid = mask > threshold
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return slice(0, mask.shape[0]), slice(0, mask.shape[1])
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def as_mnist(mask: Bytes) -> Bytes:
    """Ink (H, W), 255 on 0, the way MNIST's digits are kept: 20 pixels long, centred by mass on 28x28.

    Unlike `model.ink`, this is for ink that is known: what a source draws must not depend on the normaliser
    that is measured with it. Without ink the field is empty.
    """
    ink = mask[ink_box(mask)]
    if not ink.any():
        return np.zeros((28, 28), np.uint8)
    side = max(ink.shape)
    page = np.pad(ink, side)
    mass = page.sum(dtype=np.int64)
    y = page.sum(axis=1) @ (np.arange(page.shape[0]) + 0.5) / mass
    x = page.sum(axis=0) @ (np.arange(page.shape[1]) + 0.5) / mass
    reach = side * 28 / 20 / 2
    box = (float(x - reach), float(y - reach), float(x + reach), float(y + reach))
    return np.asarray(Image.fromarray(page).resize((28, 28), Image.Resampling.BILINEAR, box))


def directions(masks: Iterable[Bytes]) -> NDArray[np.float32]:
    """Each mask as MNIST's digits are kept, and as a unit vector: (n, 784); zeros for one without ink."""
    vectors = np.stack([as_mnist(mask).ravel() for mask in masks]).astype(np.float32)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6))
