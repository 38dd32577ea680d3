"""What is drawn on nothing is laid on paper as the plain way lays it."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink import normalise_image
from model.ink.colour import opaque, to_grey
from model.ink.finding import reduced
from model.ink.normalise import normalise_pixels
from model.ink.png import canvas_sheet, grey_canvas
from tests.support import encoded


def drawing(seed: int, side: int, pens: list[int]) -> NDArray[np.uint8]:
    """Lines with pens of some greys on a clear sheet."""
    chance = np.random.default_rng(seed)
    pixels = np.zeros((side, side, 4), np.uint8)
    for pen in pens:
        cover = Image.new("L", (side, side))
        points = [(x, y) for x, y in chance.uniform(0.2 * side, 0.8 * side, (4, 2)).tolist()]
        ImageDraw.Draw(cover).line(points, fill=255, width=side // 12, joint="curve")
        soft = np.asarray(cover.resize((side // 2, side // 2)).resize((side, side)))
        more = soft > pixels[:, :, 3]
        pixels[more] = np.stack([*[np.full_like(soft, pen)] * 3, soft], axis=2)[more]
    return pixels


def as_browsers_write_it(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours from which the opacity was taken out again: where there is little of it, they are rough."""
    premultiplied = Image.fromarray(pixels).convert("RGBa")
    return np.asarray(premultiplied.convert("RGBA"))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("pens", [[0], [255], [51], [180], [20, 90], [0, 255]])
def test_greys(seed: int, pens: list[int]) -> None:
    pixels = drawing(seed, 100 + seed, pens)
    for picture in (pixels, as_browsers_write_it(pixels)):
        found = grey_canvas(encoded(picture))
        assert found is not None
        np.testing.assert_array_equal(found, to_grey(opaque(picture)))


@pytest.mark.parametrize("factor", [2, 3])
@pytest.mark.parametrize("pen", [0, 255])
def test_large_ones_are_what_they_are_averaged_down(pen: int, factor: int) -> None:
    pixels = drawing(factor, 601, [pen])
    sheet = canvas_sheet(encoded(pixels))
    assert sheet is not None
    assert not sheet.final
    assert grey_canvas(encoded(pixels)) is None
    ink = sheet.reduced(factor).whole()
    expected = to_grey(opaque(reduced(pixels, factor)))
    np.testing.assert_array_equal(ink if pen else 255 - ink, expected)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("pens", [[0], [255], [51], [0, 0]])
def test_large_ones_give_what_pillow_s_pixels_give(seed: int, pens: list[int]) -> None:
    file = encoded(as_browsers_write_it(drawing(seed, 560, pens)))
    found = normalise_image(file)
    expected = normalise_pixels(np.asarray(Image.open(io.BytesIO(file))))
    np.testing.assert_array_equal(found.field, expected.field)
    assert (found.box, found.pieces) == (expected.box, expected.pieces)


def test_of_another_grey_a_large_one_is_left_to_pillow() -> None:
    assert canvas_sheet(encoded(drawing(1, 560, [51]))) is None
