"""A sheet of paper on a desk, and what only looks like one."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink import normalise_pixels
from model.ink.document import crop_document, find_document
from model.recognition import Recogniser
from tests.support import Digits

MANY = 30
SIDE = 240
WOOD, PAPER = (75, 50, 35), (228, 226, 220)


def on_a_desk(
    digit: NDArray[np.uint8], share: float, sides: str, turn: float, *, light: bool = False
) -> NDArray[np.uint8]:
    """A digit on a sheet whose `sides` (l, t, r, b) end before the picture does, by a share of the sheet."""
    desk, paper, ink = (PAPER, WOOD, (235, 235, 235)) if light else (WOOD, PAPER, (40, 40, 60))
    room = round(share * SIDE)
    left, top, right, bottom = (room if side in sides else -SIDE for side in "ltrb")
    width, height = (SIDE + max(0, one) + max(0, other) for one, other in ((left, right), (top, bottom)))
    page = Image.new("RGB", (width, height), desk)
    ImageDraw.Draw(page).rectangle((left, top, width - right - 1, height - bottom - 1), fill=paper)
    page = page.rotate(turn, fillcolor=desk, resample=Image.Resampling.BICUBIC)
    mask = Image.fromarray(digit).resize((160, 160), Image.Resampling.BICUBIC)
    page.paste(ink, (max(0, left) + 40, max(0, top) + 40), mask)
    grain = np.random.default_rng(int(digit.sum())).normal(0, 4, (height, width, 1))
    return np.clip(np.asarray(page) + grain, 0, 255).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("turn", [-7.0, 0.0])
@pytest.mark.parametrize(
    ("sides", "share"), [("rb", 0.2), ("rb", 0.6), ("lrb", 0.3), ("ltrb", 0.15), ("ltrb", 0.9)]
)
def test_the_digit_on_a_sheet_on_a_desk_is_read(
    mnist: Digits, sides: str, share: float, turn: float, light: bool
) -> None:
    pictures = [on_a_desk(mnist.images[n], share, sides, turn, light=light) for n in range(MANY)]
    found = [normalise_pixels(picture) for picture in pictures]
    right = Recogniser.load("lenet5").score(np.stack([one.field for one in found])).digits
    assert (right == mnist.labels[:MANY]).sum() >= MANY - 1
    left, top = (round(share * SIDE) + 40 if side in sides else 40 for side in "lt")
    for one in found:
        x, y, width, height = one.box
        assert left - 8 <= x < x + width <= left + 168
        assert top - 8 <= y < y + height <= top + 168


def test_the_sheet_is_crop_document_as_paper() -> None:
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
