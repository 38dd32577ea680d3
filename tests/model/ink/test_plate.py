"""Digits cut out of plates, and digits that only look like plates."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from model.ink import normalise_pixels
from model.ink.plate import on_plate
from model.recognition import Recogniser
from tests.support import Digits

MANY = 40


def plate(digit: NDArray[np.uint8], turn: float) -> NDArray[np.uint8]:
    """A light digit on a dark plate, turned, blurred and grained, on lighter paper."""
    tile = Image.fromarray(60 + (digit * (150 / 255)).astype(np.uint8)).resize(
        (84, 84), Image.Resampling.BICUBIC
    )
    stands = Image.new("L", (84, 100), 60)
    stands.paste(tile, (0, 8))
    page = Image.new("L", (140, 150), 170)
    mask = Image.new("L", stands.size, 255).rotate(turn, expand=True)
    page.paste(stands.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC), (22, 18), mask)
    grain = np.random.default_rng(int(digit.sum())).normal(0, 3, (150, 140))
    return np.clip(np.asarray(page.filter(ImageFilter.GaussianBlur(1))) + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("turn", [-9.0, -4.0, 5.0, 10.0])
def test_the_digit_on_a_turned_plate_is_read(mnist: Digits, turn: float) -> None:
    fields = [normalise_pixels(plate(mnist.images[n], turn)).field for n in range(MANY)]
    right = Recogniser.load("lenet5").score(np.stack(fields)).digits == mnist.labels[:MANY]
    assert right.sum() >= MANY - 2


def on_shape(digit: NDArray[np.uint8], shape: str, ground: str, colour: str, ink: str) -> NDArray[np.uint8]:
    """A digit on a plain shape of one colour, on even ground."""
    page = Image.new("RGB", (240, 240), ground)
    draw = ImageDraw.Draw(page)
    if shape == "disc":
        draw.ellipse((20, 20, 220, 220), fill=colour)
    elif shape == "button":
        draw.rounded_rectangle((30, 50, 210, 190), 30, fill=colour)
    else:
        note = Image.new("L", (160, 160), 255).rotate(8, expand=True, resample=Image.Resampling.BICUBIC)
        page.paste(Image.new("RGB", note.size, colour), (30, 30), note)
    mask = Image.fromarray(digit).resize((100, 100), Image.Resampling.BICUBIC)
    page.paste(Image.new("RGB", mask.size, ink), (70, 70), mask)
    return np.asarray(page)


@pytest.mark.parametrize(
    ("shape", "ground", "colour", "ink"),
    [
        ("disc", "white", "#c00000", "white"),
        ("disc", "#303030", "#f0d040", "black"),
        ("button", "#f5f5f5", "#1e6ee6", "white"),
        ("note", "#5a463c", "#faeb78", "#1e1e3c"),
        ("note", "white", "#b0a040", "black"),  # what is on it stands out from the paper as it does
        ("disc", "white", "#a0a0a0", "black"),
    ],
)
def test_a_digit_on_a_plain_shape_is_read(
    mnist: Digits, shape: str, ground: str, colour: str, ink: str
) -> None:
    pictures = [on_shape(mnist.images[n], shape, ground, colour, ink) for n in range(MANY)]
    fields = [normalise_pixels(picture).field for picture in pictures]
    right = Recogniser.load("lenet5").score(np.stack(fields)).digits == mnist.labels[:MANY]
    assert right.sum() >= MANY - 2


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
