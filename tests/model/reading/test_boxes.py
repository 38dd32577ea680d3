"""A number written into boxes, a digit in each."""

import numpy as np
from PIL import Image, ImageDraw

from model.reading.page import lines
from tests.support import Digits


def test_boxes_that_are_written_in_are_no_ink(mnist: Digits) -> None:
    page = Image.new("L", (60 + 5 * 90, 150), 250)
    pen = ImageDraw.Draw(page)
    for place in range(5):
        page.paste(20, (35 + place * 90, 50), Image.fromarray(mnist.images[place]).resize((66, 66)))
    plain = [line.ink.shape for line in lines(np.asarray(page))]
    for place in range(5):
        pen.rectangle((28 + place * 90, 30, 108 + place * 90, 130), outline=90, width=2)
    assert [line.ink.shape for line in lines(np.asarray(page))] == plain
