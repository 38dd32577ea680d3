"""What is done to a picture on its way does not change the answer."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.generator.build import likeness
from model.ink import NoInk, normalise_image, normalise_pixels, normalise_strokes
from model.ink.frame import frame
from model.recognition import Recogniser
from tests.support import Digits, encoded

Pixels = NDArray[np.uint8]
MANY = 300


def resized(image: Pixels, side: int) -> Pixels:
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))


def jpeg(image: Pixels) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(encoded(image, "JPEG", quality=50))))


def on_page(image: Pixels, side: int = 600) -> Pixels:
    page = np.zeros((side, side), np.uint8)
    page[400:428, 90:118] = image
    return page


def in_colours(image: Pixels, paper: tuple[int, int, int], ink: tuple[int, int, int]) -> Pixels:
    share = image[:, :, None] / 255.0
    return np.asarray(np.array(paper) * (1 - share) + np.array(ink) * share, dtype=np.uint8)


def transparent(image: Pixels, colour: int) -> Pixels:
    return np.stack([np.full_like(image, colour)] * 3 + [image], axis=-1)


DISGUISES: dict[str, tuple[Callable[[Pixels], Pixels], float]] = {
    "inverted": (lambda a: 255 - a, 0.0),
    "enlarged": (lambda a: resized(a, 280), 0.01),
    "enlarged and inverted": (lambda a: 255 - resized(a, 140), 0.01),
    "small and off-centre on a page": (on_page, 0.0),
    "JPEG": (jpeg, 0.01),
    "low contrast": (lambda a: (100 + a * 0.12).astype(np.uint8), 0.01),
    "red on green of the same brightness": (lambda a: in_colours(a, (0, 130, 0), (255, 0, 0)), 0.01),
    "blue on yellow": (lambda a: in_colours(a, (250, 240, 120), (30, 40, 160)), 0.01),
    "black on transparency": (lambda a: transparent(a, 0), 0.0),
    "white on transparency": (lambda a: transparent(a, 255), 0.0),
    "opaque RGBA": (lambda a: np.stack([a, a, a, np.full_like(a, 255)], axis=-1), 0.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("disguise", DISGUISES)
def test_the_answer_stays(mnist: Digits, recogniser: Recogniser, disguise: str) -> None:
    change, allowed = DISGUISES[disguise]
    plain = recogniser.score(mnist.images[:MANY]).digits
    fields = np.stack([normalise_pixels(change(image)).field for image in mnist.images[:MANY]])
    assert float((recogniser.score(fields).digits != plain).mean()) <= allowed


def test_an_mnist_image_passes_through_unharmed(mnist: Digits) -> None:
    for image in mnist.images[:500]:
        assert np.array_equal(normalise_image(encoded(image)).field, image)


@settings(max_examples=60)
@given(
    number=st.integers(0, 50),
    left=st.integers(0, 70),
    top=st.integers(0, 70),
    levels=st.tuples(st.integers(0, 255), st.integers(0, 255)),
)
def test_place_and_levels_do_not_matter(
    mnist: Digits, number: int, left: int, top: int, levels: tuple[int, int]
) -> None:
    image = mnist.images[number]
    paper, ink = levels
    if abs(paper - ink) < 60:
        ink = (paper + 128) % 256
    page = np.full((100, 100), paper, np.uint8)
    page[top : top + 28, left : left + 28] = np.rint(paper + (ink - paper) * (image / 255.0)).astype(np.uint8)
    found = normalise_pixels(page)
    assert np.abs(found.field.astype(int) - frame(image)).mean() < 4
    assert left <= found.box[0] <= left + 28
    assert top <= found.box[1] <= top + 28


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 50), (50, 1), (28, 28), (300, 200), (300, 200, 3), (64, 64, 4)]
)
@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_blank_image_has_no_ink(shape: tuple[int, ...], level: int) -> None:
    with pytest.raises(NoInk):
        normalise_pixels(np.full(shape, level, np.uint8))


def test_grain_alone_is_no_ink() -> None:
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(200, 4, (200, 260))
        with pytest.raises(NoInk):
            normalise_pixels(noise.astype(np.uint8))


@settings(max_examples=80)
@given(
    shape=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["noise", "binary", "few"]),
)
def test_any_pixels_give_a_field_or_no_ink(shape: tuple[int, int], seed: int, kind: str) -> None:
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, shape).astype(np.uint8)
    if kind == "binary":
        pixels = np.where(pixels > 127, 255, 0).astype(np.uint8)
    elif kind == "few":
        pixels = np.where(pixels > 250, pixels, 0).astype(np.uint8)
    with suppress(NoInk):
        found = normalise_pixels(pixels)
        assert found.field.shape == (28, 28)
        assert found.field.max() > 0


@pytest.mark.parametrize(
    "shape", [(1, 300), (300, 1), (2, 4000), (3, 4000), (7, 2000, 3), (2000, 7, 4), (2, 2), (12, 900, 4)]
)
@pytest.mark.parametrize("seed", range(4))
def test_proposals_for_thin_pictures_lie_within_them(shape: tuple[int, ...], seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    pixels[: shape[0] // 3, : shape[1] // 2] = 30
    with suppress(NoInk):
        found = normalise_pixels(pixels)
        for ink in [found, *found.further()]:
            x, y, width, height = ink.box
            assert 0 <= x <= x + width <= shape[1] + 1e-6
            assert 0 <= y <= y + height <= shape[0] + 1e-6
            assert ink.is_plain or np.isfinite(ink.features).all()


def test_the_other_proposals_are_made_once_whoever_asks(mnist: Digits) -> None:
    page = np.full((200, 200), 200, np.uint8)
    page[60:144, 60:144] -= (resized(mnist.images[0], 84) * 0.6).astype(np.uint8)
    page = (page * np.linspace(0.5, 1, 200)[None]).astype(np.uint8)
    ink = normalise_pixels(page)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ink.further(), range(8)))
    assert found[0]
    for others in found:
        assert [other.field is one.field for other, one in zip(others, found[0], strict=True)]


def test_a_small_digit_in_a_frame_is_seen_closely_in_a_jpeg(mnist: Digits) -> None:
    page = Image.new("L", (1000, 900), 220)
    ImageDraw.Draw(page).rectangle((60, 60, 940, 840), outline=60, width=8)
    page.paste(50, (450, 400), Image.fromarray(resized(mnist.images[0], 98)))
    ink = normalise_image(encoded(page, "JPEG", quality=85))
    assert max(likeness(other.field, mnist.images[0]) for other in [ink, *ink.further()]) > 0.9


def test_the_box_is_in_the_pixels_of_the_file(mnist: Digits) -> None:
    page = np.full((2400, 3200), 255, np.uint8)
    page[1000:1560, 600:1160] = 255 - resized(mnist.images[0], 560)
    x, y, width, height = normalise_image(encoded(page)).box
    rows, columns = np.flatnonzero(mnist.images[0].any(axis=1)), np.flatnonzero(mnist.images[0].any(axis=0))
    assert x == pytest.approx(600 + 20 * columns[0], abs=25)
    assert y == pytest.approx(1000 + 20 * rows[0], abs=25)
    assert width == pytest.approx(20 * (columns[-1] - columns[0] + 1), abs=40)
    assert height == pytest.approx(20 * (rows[-1] - rows[0] + 1), abs=40)


FULL_SIZE: dict[str, list[list[tuple[float, float]]]] = {
    "1 with flag and foot": [[(0.3, 0.2), (0.5, 0.03), (0.5, 0.97)], [(0.1, 0.97), (0.9, 0.97)]],
    "2": [[(0.2, 0.2), (0.5, 0.03), (0.8, 0.3), (0.05, 0.97), (0.97, 0.97)]],
    "4": [[(0.6, 0.03), (0.05, 0.65), (0.97, 0.65)], [(0.7, 0.3), (0.7, 0.97)]],
    "5": [[(0.1, 0.03), (0.1, 0.45), (0.8, 0.55), (0.8, 0.9), (0.1, 0.97)], [(0.1, 0.03), (0.97, 0.03)]],
    "7 with a bar": [[(0.03, 0.03), (0.97, 0.03), (0.4, 0.97)], [(0.2, 0.5), (0.9, 0.5)]],
}


@pytest.mark.parametrize("name", FULL_SIZE)
@pytest.mark.parametrize("pen", [3, 14])
def test_bars_of_a_drawing_that_fills_its_picture_are_no_rules(name: str, pen: int) -> None:
    side = 400
    canvas = Image.new("L", (side, side), 255)
    for stroke in FULL_SIZE[name]:
        points = [(x * side, y * side) for x, y in stroke]
        ImageDraw.Draw(canvas).line(points, fill=0, width=pen, joint="curve")
    drawn, wanted = normalise_pixels(np.asarray(canvas)), normalise_strokes(FULL_SIZE[name])
    assert likeness(drawn.field, wanted.field) > 0.85
