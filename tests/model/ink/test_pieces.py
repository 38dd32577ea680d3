"""Which pieces of ink are the digit's."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.ink import normalise_pixels
from model.ink.pieces import choose
from model.recognition import Recogniser
from tests.support import Digits

MANY = 40


@pytest.mark.parametrize("lines", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize("tilt", [0, 6])
def test_a_line_under_the_digit_is_not_its_own(mnist: Digits, lines: int, tilt: int) -> None:
    fields = []
    for n in range(MANY):
        picture = Image.new("L", (200, 200))
        digit = Image.fromarray(mnist.images[n]).resize((140, 140), Image.Resampling.BICUBIC)
        bottom = np.flatnonzero((np.asarray(digit) > 64).any(axis=1))[-1] + 20
        picture.paste(digit, (30, 20))
        for line in range(lines):
            at = int(bottom) + 12 + 12 * line + tilt
            ImageDraw.Draw(picture).line((35, at + tilt, 165, at - tilt), fill=255, width=6)
        fields.append(normalise_pixels(255 - np.asarray(picture)).field)
    right = Recogniser.load("lenet5").score(np.stack(fields)).digits == mnist.labels[:MANY]
    assert right.sum() >= MANY - 2


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


@pytest.mark.parametrize("pen", [(170, 190, 235, 15), (10, 180, 190, 196)], ids=["beside", "under"])
def test_a_pen_that_lies_beside_the_digit_is_no_one(mnist: Digits, pen: tuple[int, int, int, int]) -> None:
    fields = []
    for n in range(MANY):
        picture = Image.new("L", (250, 210))
        picture.paste(Image.fromarray(mnist.images[n]).resize((130, 130), Image.Resampling.BICUBIC), (30, 30))
        ImageDraw.Draw(picture).line(pen, fill=255, width=12)
        fields.append(normalise_pixels(255 - np.asarray(picture)).field)
    right = Recogniser.load("lenet5").score(np.stack(fields)).digits == mnist.labels[:MANY]
    assert right.sum() >= MANY - 3
