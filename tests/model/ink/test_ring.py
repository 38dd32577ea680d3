"""Digits with rings, boxes and other outlines around them; and what only looks like it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from model.ink import normalise_pixels
from model.ink.ring import inside_ring
from model.recognition import Recogniser
from tests.support import Digits

MANY = 40
SIDE = 240
FINE = 3
"""Pictures are drawn so many times as large, and averaged down."""


def by_hand(digit: NDArray[np.uint8], seed: int, gap: float, aspect: float) -> NDArray[np.uint8]:
    """Ink of a digit with a wobbly ring around it, open over a share `gap` of its way (or overshooting)."""
    chance = np.random.default_rng(seed)
    at = np.linspace(0, 2 * np.pi * (1 - gap), 80)
    turned = at + chance.uniform(0, 6)
    away = 1 + 0.05 * np.sin(2 * at + chance.uniform(0, 6)) + 0.03 * np.sin(3 * at + chance.uniform(0, 6))
    away *= chance.uniform(80, 95) * FINE / max(aspect, 1.0) * np.linspace(1, chance.uniform(0.95, 1.05), 80)
    line = np.stack([aspect * away * np.cos(turned), away * np.sin(turned)], axis=1) + SIDE * FINE / 2
    picture = Image.new("L", (SIDE * FINE, SIDE * FINE))
    ImageDraw.Draw(picture).line([(x, y) for x, y in line.tolist()], fill=255, width=6 * FINE, joint="curve")
    ink = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX)).copy()
    size = int(chance.uniform(85, 110))
    top, left = SIDE // 2 - size // 2 + chance.integers(-8, 9, 2)
    place = ink[top : top + size, left : left + size]
    np.maximum(
        place, np.asarray(Image.fromarray(digit).resize((size, size), Image.Resampling.BICUBIC)), out=place
    )
    return ink


def photographed(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink on paper, with light from one side, a grain and soft edges."""
    share = ink / 255
    paper = np.linspace(170, 225, SIDE)[None]
    grain = np.random.default_rng(int(ink.sum())).normal(0, 4, ink.shape)
    page = np.clip(paper * (1 - share) + 60 * share + grain, 0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(page).filter(ImageFilter.GaussianBlur(1)))


@pytest.mark.slow
@pytest.mark.parametrize("gap", [-0.03, 0.04], ids=["closed", "open"])
@pytest.mark.parametrize("aspect", [1.0, 1.3], ids=["round", "wide"])
@pytest.mark.parametrize("plain", [True, False], ids=["drawn", "photographed"])
def test_a_ringed_digit_is_read(mnist: Digits, gap: float, aspect: float, plain: bool) -> None:
    fields = []
    for n in range(MANY):
        ink = by_hand(mnist.images[n], n, gap, aspect)
        fields.append(normalise_pixels(255 - ink if plain else photographed(ink)).field)
    right = Recogniser.load("lenet5").score(np.stack(fields)).digits == mnist.labels[:MANY]
    assert right.sum() >= MANY - 3


@pytest.mark.parametrize(
    "outline",
    [
        [(120, 10), (230, 120), (120, 230), (10, 120)],
        [(30, 60), (210, 60), (210, 220), (30, 220)],
        [(60, 20), (180, 20), (230, 120), (180, 220), (60, 220), (10, 120)],
    ],
    ids=["diamond", "box", "hexagon"],
)
def test_a_digit_in_an_outline_is_read(mnist: Digits, outline: list[tuple[int, int]]) -> None:
    fields = []
    for n in range(MANY):
        picture = Image.new("L", (SIDE, SIDE))
        picture.paste(Image.fromarray(mnist.images[n]).resize((110, 110), Image.Resampling.BICUBIC), (65, 78))
        ImageDraw.Draw(picture).polygon(outline, outline=255, width=6)
        fields.append(normalise_pixels(255 - np.asarray(picture)).field)
    right = Recogniser.load("lenet5").score(np.stack(fields)).digits == mnist.labels[:MANY]
    assert right.sum() >= MANY - 2


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
