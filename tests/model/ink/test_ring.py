"""Digits with rings, boxes and other outlines around them; and what only looks like it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink.ring import inside_ring

SIDE = 240


def inside(picture: Image.Image) -> NDArray[np.uint8] | None:
    ink = np.asarray(picture)
    own = ink > 64
    rows, columns = (np.flatnonzero(own.any(axis=axis)) for axis in (1, 0))
    box = int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    return inside_ring(ink, own, box)


def oval(width: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An outline 200 pixels tall."""
    picture = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((120 - width // 2, 20, 120 + width // 2, 220), outline=255, width=12)
    return picture, draw


@pytest.mark.parametrize("width", [120, 196], ids=["narrow", "round"])
def test_a_zero_with_a_slash_or_a_dot_is_no_ring(width: int) -> None:
    for mark in ((85, 155, 155, 85), (120, 110, 120, 130)):
        picture, draw = oval(width)
        draw.line(mark, fill=255, width=12)
        assert inside(picture) is None


def test_a_bar_in_a_round_ring_is_a_one() -> None:
    picture, draw = oval(196)
    draw.line((120, 70, 120, 170), fill=255, width=12)
    found = inside(picture)
    assert found is not None
    assert found[120, 120] == 255
    assert not found[:40].any()


def test_the_loop_of_an_outlined_six_is_no_digit() -> None:
    picture, draw = oval(170)
    draw.ellipse((85, 110, 155, 190), outline=255, width=10)
    assert inside(picture) is None


def test_what_does_not_close_is_no_ring() -> None:
    picture, draw = oval(196)
    draw.rectangle((180, 60, 239, 180), fill=0)
    draw.line((120, 70, 120, 170), fill=255, width=12)
    assert inside(picture) is None


def test_a_ring_alone_is_a_zero() -> None:
    assert inside(oval(196)[0]) is None
