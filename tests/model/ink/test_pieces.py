"""Which pieces of ink are the digit's."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.ink.pieces import choose


@pytest.mark.parametrize(
    "strokes",
    [
        [(50, 40, 110, 40), (110, 50, 110, 94), (50, 102, 110, 102), (50, 110, 50, 154), (50, 164, 110, 164)],
        [(60, 50, 100, 40), (100, 40, 104, 70), (104, 70, 62, 140), (55, 157, 112, 157)],
    ],
    ids=["segments", "2 with a foot of its own"],
)
def test_the_lowest_stroke_of_a_broken_digit_is_its_own(strokes: list[tuple[int, int, int, int]]) -> None:
    picture = Image.new("L", (160, 200))
    for stroke in strokes:
        ImageDraw.Draw(picture).line(stroke, fill=255, width=11)
    ink = np.asarray(picture)
    chosen = choose(ink)
    assert chosen is not None
    assert np.array_equal(chosen.mask, ink >= 64)
