"""A sheet of paper on a desk, and what only looks like one."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink.document import crop_document, find_document


def test_the_document_is_cropped_with_nothing_around_it() -> None:
    pixels = np.full((120, 160), 60, np.uint8)
    pixels[20:100, 30:130] = 220
    pixels[40:80, 76:82] = 40
    sheet = find_document(pixels)
    assert sheet is not None
    around = np.ones_like(sheet)
    around[20:100, 30:130] = False
    assert not (sheet & around).any()
    part, (x, y) = crop_document(pixels, sheet)
    assert set(np.unique(part).tolist()) == {40, 220}
    assert np.array_equal(part[40 - y : 80 - y, 76 - x : 82 - x], np.full((40, 6), 40))


def no_sheets() -> list[tuple[str, NDArray[np.uint8]]]:
    y, x = np.mgrid[0:160, 0:160]
    shadow = np.where(x + 0.4 * y > 110, 210, 90)
    corner_of_light = np.where(np.hypot(x, y) < 130, 210, 110)
    paper = Image.new("L", (160, 160), 220)
    pen = ImageDraw.Draw(paper)
    oval, angular, cell = paper.copy(), paper.copy(), paper.copy()
    ImageDraw.Draw(oval).ellipse((40, 15, 120, 145), fill=30)
    ImageDraw.Draw(oval).ellipse((72, 60, 88, 100), fill=220)
    ImageDraw.Draw(angular).rounded_rectangle((45, 15, 115, 145), radius=33, fill=30)
    ImageDraw.Draw(angular).rectangle((73, 50, 87, 110), fill=220)
    ImageDraw.Draw(cell).rectangle((30, 30, 130, 130), outline=40, width=2)
    pen.line((70, 30, 90, 130), fill=40, width=12)
    pictures = {
        "shadow": shadow,
        "corner of light": corner_of_light,
        "paper": paper,
        "a fat 0": oval,
        "an angular 0": angular,
        "a cell": cell,
        "too small": Image.new("L", (40, 40), 220),
    }
    return [(name, np.asarray(picture).astype(np.uint8)) for name, picture in pictures.items()]


@pytest.mark.parametrize("picture", [pytest.param(p, id=name) for name, p in no_sheets()])
def test_what_is_no_sheet_is_left_as_it_is(picture: NDArray[np.uint8]) -> None:
    assert find_document(picture) is None
