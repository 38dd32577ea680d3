"""Boxes around digits are opened; digits whose outline is like a box are left as they are."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from model.ink import normalise_pixels
from model.ink.boxed import inside_boxes, is_outlined
from tests.support import Digits

SAMPLE = range(60)


def as_picture(field: np.ndarray, side: int, *, dark: bool) -> Image.Image:
    return Image.fromarray(255 - field if dark else field).resize((side, side), Image.Resampling.BICUBIC)


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    """The largest cosine over shifts by a pixel."""
    a = first.astype(np.float64)
    found = []
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            b = np.roll(second.astype(np.float64), (down, right), (0, 1))
            found.append(float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())))
    return max(found)


@pytest.mark.parametrize(("side", "margin"), [(28, 1), (28, 14), (56, 30), (140, 30), (280, 100)])
def test_a_black_tile_on_a_white_page_is_the_tile(mnist: Digits, side: int, margin: int) -> None:
    for n in SAMPLE:
        tile = as_picture(mnist.images[n], side, dark=False)
        page = ImageOps.expand(tile, margin, 255)
        found = normalise_pixels(np.asarray(page))
        assert likeness(found.field, mnist.images[n]) > 0.8, n
        x, y, width, height = found.box
        assert margin <= x < x + width <= margin + side + 3
        assert margin <= y < y + height <= margin + side + 3


@pytest.mark.slow
@pytest.mark.parametrize("side", [56, 84, 280])
@pytest.mark.parametrize("margin", [0, 1, 3])
def test_a_digit_cut_at_its_very_box_is_no_frame(mnist: Digits, side: int, margin: int) -> None:
    # An upright 1 that is cut at its box is a bar with hardly any paper around it: the margin has to show it.
    chosen = [n for n in range(200) if margin > 1 or mnist.labels[n] != 1]
    lost = 0
    for n in chosen:
        picture = as_picture(mnist.images[n], side, dark=True)
        box = ImageOps.invert(picture).point(lambda value: 255 * (value > 100)).getbbox()
        page = ImageOps.expand(picture.crop(box), margin, 255) if margin else picture.crop(box)
        lost += likeness(normalise_pixels(np.asarray(page)).field, mnist.images[n]) < 0.75
    assert lost <= 3


def angular(rows: str) -> np.ndarray:
    picture = np.array([[255 * (mark == "#") for mark in row] for row in rows.split()], np.uint8)
    return np.kron(np.pad(picture, 2), np.ones((7, 7), np.uint8))


@pytest.mark.parametrize("rows", ["##### #...# #...# #...# #####", "##### #...# ##### #...# #####"])
def test_an_angular_zero_or_eight_is_no_box(rows: str) -> None:
    picture = angular(rows)
    assert inside_boxes(picture) == (slice(0, 63), slice(0, 63))
    assert normalise_pixels(picture).field.max() == 255


def test_boxes_within_boxes_are_opened_one_by_one(mnist: Digits) -> None:
    inner = Image.fromarray(mnist.images[0])
    nested = ImageOps.expand(ImageOps.expand(ImageOps.expand(inner, 4, 200), 3, 90), 5, 255)
    rows, columns = inside_boxes(np.asarray(nested))
    assert (rows, columns) == (slice(12, 40), slice(12, 40))


def test_nothing_but_a_box_stays_what_it_is() -> None:
    page = np.full((60, 60), 255, np.uint8)
    page[15:45, 15:45] = 0
    assert inside_boxes(page) == (slice(0, 60), slice(0, 60))
    assert is_outlined(page[15:45, 15:45], 255)
    assert not is_outlined(page[15:20, 15:20], 255)


def test_ragged_outlines_are_no_boxes() -> None:
    rng = np.random.default_rng(0)
    ragged = rng.integers(0, 2, (40, 40)).astype(np.uint8) * 255
    assert not is_outlined(ragged, 128)
