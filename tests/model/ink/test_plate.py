"""Digits cut out of plates, and digits that only look like plates."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink.plate import on_plate


def chosen(picture: Image.Image) -> NDArray[np.uint8] | None:
    ink = np.asarray(picture)
    own = ink > 64
    rows, columns = (np.flatnonzero(own.any(axis=axis)) for axis in (1, 0))
    box = int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    return on_plate(ink, own, box)


def slab(*holes: tuple[int, int, int, int]) -> Image.Image:
    """An upright rectangle of ink with rectangular holes: left, top, right, bottom."""
    picture = Image.new("L", (100, 140), 0)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((10, 10, 90, 130), fill=255)
    for hole in holes:
        draw.rectangle(hole, fill=0)
    return picture


@pytest.mark.parametrize(
    "holes",
    [[(30, 30, 70, 110)], [(36, 24, 64, 116)], [(35, 30, 65, 60), (35, 80, 65, 110)]],
    ids=["zero", "narrow zero", "eight"],
)
def test_an_angular_zero_or_eight_is_no_plate(holes: list[tuple[int, int, int, int]]) -> None:
    assert chosen(slab(*holes)) is None


def test_a_round_zero_is_no_plate() -> None:
    picture = Image.new("L", (100, 140), 0)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((10, 10, 90, 130), fill=255)
    draw.ellipse((40, 45, 60, 95), fill=0)
    assert chosen(picture) is None


def test_a_bar_in_a_plate_is_a_one() -> None:
    found = chosen(slab((44, 30, 56, 110)))
    assert found is not None
    assert found[70, 50] == 255
    assert found[70, 25] == found[5, 5] == found[10, 50] == 0
