"""The quick way for drawings on plain paper gives what the plain way gives."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink import NoInk, NormalisedInk, normalise_image, normalise_pixels
from model.ink.drawn import Drawn, drawn
from model.ink.finding import find_drawn
from model.ink.normalise import normalise_sheets
from model.ink.png import canvas_sheet
from tests.support import encoded


def plain(pixels: NDArray[np.uint8]) -> NormalisedInk | None:
    """By the plain way, the quick one being shut."""
    with patch("model.ink.finding.find_drawn", return_value=None):
        return quick(pixels)


def quick(pixels: NDArray[np.uint8]) -> NormalisedInk | None:
    try:
        return normalise_pixels(pixels)
    except NoInk:
        return None


def picture(seed: int) -> NDArray[np.uint8]:
    """Lines of any grey, width and place on paper of any grey; sometimes two drawings, or a faint one."""
    chance = np.random.default_rng(seed)
    size = (int(chance.integers(45, 700)), int(chance.integers(45, 700)))
    paper, pen = (int(level) for level in chance.integers(0, 256, 2))
    image = Image.new("L", size, paper)
    draw = ImageDraw.Draw(image)
    low, high = sorted(chance.uniform(0.02, 0.98, 2))
    for _ in range(int(chance.integers(1, 3))):
        points = [(x * size[0], y * size[1]) for x, y in chance.uniform(low, high, (4, 2))]
        draw.line(points, fill=pen, width=int(max(size) * chance.uniform(0.005, 0.1)) + 1, joint="curve")
    if seed % 3 == 0:
        image = image.resize((size[0] // 2 + 10, size[1] // 2 + 10), Image.Resampling.BICUBIC)
    return np.asarray(image)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_quick_way_gives_what_the_plain_way_gives(seed: int) -> None:
    pixels = picture(seed)
    found, expected = quick(pixels), plain(pixels)
    if found is None or expected is None:
        assert found is expected
        return
    np.testing.assert_allclose(found.field.astype(int), expected.field, atol=1)
    assert (found.box, found.pieces) == (expected.box, expected.pieces)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_canvas_of_which_a_part_is_decoded_gives_the_same(seed: int) -> None:
    pixels = picture(seed)
    canvas = np.full((*pixels.shape, 4), 255, np.uint8)
    canvas[:, :, :3] = pixels[:, :, None]
    if seed % 5 == 0:  # an enlarged scan of black and white
        canvas[:, :, :3] = np.where(pixels > 128, 255, 0)[:, :, None]
        canvas = canvas.repeat(2, axis=0).repeat(2, axis=1)
    file = encoded(canvas)
    try:
        found = normalise_image(file)
    except NoInk:
        found = None
    expected = plain(canvas)
    if found is None or expected is None:
        assert found is expected
        return
    np.testing.assert_allclose(found.field.astype(int), expected.field, atol=1)
    assert (found.box, found.pieces) == (expected.box, expected.pieces)


@pytest.mark.parametrize("side", [100, 280, 500])
@pytest.mark.parametrize(("paper", "pen"), [(255, 0), (0, 255), (200, 120), (40, 90)])
def test_it_is_taken_for_a_drawing_in_the_middle(side: int, paper: int, pen: int) -> None:
    image = Image.new("L", (side, side), paper)
    ImageDraw.Draw(image).line(
        [(0.3 * side, 0.2 * side), (0.7 * side, 0.2 * side), (0.4 * side, 0.8 * side)],
        fill=pen,
        width=side // 16,
    )
    found = drawn(np.asarray(image))
    assert found is not None
    assert int(found.ink.max()) == 255
    assert found.top > 0
    assert found.left > 0


def test_it_leaves_the_rest_to_the_plain_way() -> None:
    blank = np.full((200, 200), 255, np.uint8)
    framed = blank.copy()
    framed[5] = 0
    stained = blank.copy()
    stained[0, 100] = 0
    small = np.pad(np.zeros((10, 10), np.uint8), 10, constant_values=255)
    for pixels in (blank, framed, stained, small):
        assert drawn(pixels) is None


def test_a_single_pixel_is_a_drawing_too() -> None:
    pixels = np.full((120, 90), 255, np.uint8)
    pixels[50, 40] = 0
    assert drawn(pixels) is not None
    found, expected = quick(pixels), plain(pixels)
    assert found is not None
    assert expected is not None
    np.testing.assert_array_equal(found.field, expected.field)


def test_canvases_together_give_what_each_gives() -> None:
    files = []
    for seed in range(40):
        grey = picture(seed)
        canvas = np.full((*grey.shape, 4), 255, np.uint8)
        canvas[:, :, :3] = grey[:, :, None]
        files.append(encoded(canvas))
    sheets = {file: sheet for file in files if (sheet := canvas_sheet(file)) is not None}
    together = normalise_sheets(list(sheets.values()))
    assert sum(ink is not None for ink in together) > 5
    for file, ink in zip(sheets, together, strict=True):
        if ink is not None:
            alone = normalise_image(file)
            np.testing.assert_array_equal(ink.field, alone.field)
            assert (ink.box, ink.pieces, ink.other) == (alone.box, alone.pieces, None)


def large(ruled: bool) -> NDArray[np.uint8]:
    """A 7 over nine tenths of a picture's height, beside a rule or not."""
    image = Image.new("L", (200, 300), 255)
    draw = ImageDraw.Draw(image)
    draw.line([(50, 20), (150, 20), (80, 285)], fill=0, width=18, joint="curve")
    if ruled:
        draw.line([(25, 1), (25, 298)], fill=90, width=2)
    return np.asarray(image)


@pytest.mark.parametrize("ruled", [False, True])
def test_a_large_drawing_is_found_unless_there_is_a_rule(ruled: bool) -> None:
    pixels = large(ruled)
    found = drawn(pixels)
    assert found is not None
    assert found.within == pixels.shape
    assert (find_drawn(found, 1) is None) == ruled
    sooner, expected = quick(pixels), plain(pixels)
    assert sooner is not None
    assert expected is not None
    np.testing.assert_array_equal(sooner.field, expected.field)
    assert sooner.box == expected.box


def test_the_whole_of_a_part() -> None:
    ink = np.full((2, 3), 9, np.uint8)
    whole = Drawn(ink, 4, 2, (8, 12)).whole(2)
    assert whole is not None
    assert whole.shape == (4, 6)
    np.testing.assert_array_equal(whole[1:3, 2:5], ink)
    assert whole.sum() == ink.sum()
    assert Drawn(ink, 4, 2, (5, 12)).whole(2) is None
