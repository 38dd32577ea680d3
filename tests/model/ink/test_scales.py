"""A photograph is decoded at a small scale first, and again at a larger one where its digit is small."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from model.ink import NoInk, normalise_image, normalise_pixels
from model.ink.decode import decode
from model.ink.finding import PHOTO_SIDE
from model.ink.normalise import SCALES
from model.recognition import Recogniser
from tests.support import Digits, encoded


def photograph(digit: NDArray[np.uint8], size: tuple[int, int], side: int) -> bytes:
    """A JPEG of `size` (width, height) with a digit `side` pixels long, on shaded paper with a grain."""
    width, height = size
    page = Image.new("L", size)
    large = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    page.paste(large, ((width - side) // 3, (height - side) // 2))
    ink = np.asarray(page.filter(ImageFilter.GaussianBlur(1)), np.float32)[:, :, None] / 255
    light = np.linspace(0.7, 1.0, width, dtype=np.float32)[None, :, None]
    grain = np.random.default_rng(side).normal(0, 4, (height, width, 1)).astype(np.float32)
    paper, pen = np.array([236, 230, 216], np.float32), np.array([40, 48, 92], np.float32)
    pixels = np.clip((paper * (1 - ink) + pen * ink) * light + grain, 0, 255).astype(np.uint8)
    return encoded(pixels, "JPEG", quality=85)


@pytest.mark.parametrize("size", [(1000, 1000), (700, 1900), (3000, 2000)])
def test_a_scale_has_as_many_pixels_as_are_needed(mnist: Digits, size: tuple[int, int]) -> None:
    data = photograph(mnist.images[0], size, 500)
    large = decode(data)
    assert not large.reduced
    for side, _ in SCALES:
        small = decode(data, least_side=side)
        assert small.reduced
        assert side <= max(small.pixels.shape[:2]) < 2 * PHOTO_SIDE
        assert small.scale * max(small.pixels.shape[:2]) == pytest.approx(max(size))
        assert max(large.pixels.shape[:2]) > 2 * max(small.pixels.shape[:2])


def test_a_small_jpeg_is_decoded_once(mnist: Digits) -> None:
    assert not decode(photograph(mnist.images[0], (230, 170), 120), least_side=SCALES[0][0]).reduced


@pytest.mark.parametrize(("side", "scales"), [(600, [125]), (400, [125, 250]), (150, [125, 250, 1000])])
def test_the_smaller_the_digit_the_more_pixels_are_decoded(
    mnist: Digits, side: int, scales: list[int]
) -> None:
    data = photograph(mnist.images[0], (1000, 1000), side)
    seen: list[tuple[str, int]] = []
    found = normalise_image(data, observe=lambda name, picture: seen.append((name, len(picture))))
    assert [length for name, length in seen if name == "picture"] == scales
    assert max(found.box[2:]) == pytest.approx(side * 20 / 28, abs=16)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "side"), [((1000, 1000), 560), ((1200, 900), 90), ((2400, 1800), 180)])
def test_it_gives_what_the_whole_picture_gives(mnist: Digits, size: tuple[int, int], side: int) -> None:
    recogniser = Recogniser.load("lenet5")
    fields = []
    for number in range(12):
        data = photograph(mnist.images[number], size, side)
        found = normalise_image(data)
        whole = decode(data)
        expected = normalise_pixels(whole.pixels)
        fields.append(found.field)
        np.testing.assert_allclose(found.box, [whole.scale * v for v in expected.box], atol=0.012 * max(size))
        assert found.pieces == expected.pieces
    assert np.array_equal(recogniser.score(np.stack(fields)).digits, mnist.labels[:12])


def test_what_is_blank_at_every_scale_has_no_ink() -> None:
    with pytest.raises(NoInk):
        normalise_image(encoded(Image.new("RGB", (1500, 1200), (220, 214, 200)), "JPEG"))
