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


def blurred(pixels: Bytes, radius: float) -> Bytes:
    """A mask or a picture out of focus by `radius` pixels."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(float(radius))))


def soft(cover: Reals, radius: float) -> Reals:
    """A cover (H, W) with soft edges."""
    return cover_of(blurred(mask_of(cover), radius))


def moved(cover: Reals, rng: Rng, reach: float) -> Reals:
    """A cover a little to a side, as a shadow falls: at most `reach` pixels across and down."""
    return np.roll(cover, np.rint(rng.uniform(-reach, reach, 2)).astype(int), (0, 1))


def tight(mask: Bytes, threshold: int = 40) -> Bytes:
    """A mask cut to its ink above `threshold`; unchanged if it has none."""
    rows, columns = (np.flatnonzero((mask > threshold).any(axis=axis)) for axis in (1, 0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else mask


def pasted(mask: Bytes, size: tuple[int, int], top: int, left: int) -> Bytes:
    """A mask pasted at (top, left) into an empty page of `size` (height, width), clipped at its edges."""
    page = Image.new("L", size[::-1])
    page.paste(Image.fromarray(mask), (left, top))
    return np.asarray(page)


def placed_on_page(mask: Bytes, rng: Rng, *, room: float = 4.0) -> Bytes:
    """Put a mask somewhere on an empty page up to `room` times as large on either side."""
    size = [int(side * rng.uniform(1.05, room)) + 4 for side in mask.shape]
    top, left = (int(rng.integers(most + 1)) for most in np.subtract(size, mask.shape))
    return pasted(mask, (size[0], size[1]), top, left)


def resized(
    mask: Bytes, size: tuple[int, int], filter_: Image.Resampling = Image.Resampling.BICUBIC
) -> Bytes:
    """A mask (H, W) at another size (height, width)."""
    return np.asarray(Image.fromarray(mask).resize((size[1], size[0]), filter_))


def stretched(
    mask: Bytes, factors: ArrayLike, least: int = 2, filter_: Image.Resampling = Image.Resampling.BICUBIC
) -> Bytes:
    """A mask scaled by `factors` (height, width, or one for both), at least `least` pixels a side."""
    height, width = (max(least, round(side)) for side in np.multiply(mask.shape, factors).tolist())
    return resized(mask, (height, width), filter_)


def directions(masks: Iterable[Bytes]) -> NDArray[np.float32]:
    """The ink of each mask, 20 pixels long in the middle of 28x28, as a unit vector: (n, 784).

    A mask without ink gives zeros. `model.ink` is not used: what a source draws must not depend on the
    normaliser, which is measured with it.
    """
    vectors = []
    for mask in masks:
        ink = tight(mask, 0)
        small = stretched(ink, 20 / max(ink.shape), least=1)
        top, left = (28 - np.array(small.shape)) // 2
        vectors.append(pasted(small, (28, 28), int(top), int(left)).ravel().astype(np.float32))
    found = np.stack(vectors)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6))
