"""Small scans that were enlarged smoothly: soft strokes up to the edges of pure black or white paper."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.ink import NoInk, normalise_pixels
from model.recognition import Recogniser
from tests.support import Digits

pytestmark = pytest.mark.slow

MANY = 150


def enlarged(digit: NDArray[np.uint8], side: int, times: int, way: Image.Resampling) -> NDArray[np.uint8]:
    """A digit cut at its box, brought to a raster of `side` along its longer side, and enlarged."""
    rows, columns = (np.flatnonzero((digit > 90).any(axis=axis)) for axis in (1, 0))
    box = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = side / max(box.shape)
    size = max(2, round(box.shape[1] * scale)), max(2, round(box.shape[0] * scale))
    scan = np.zeros((side, side), np.uint8)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    small = Image.fromarray(box).resize(size, Image.Resampling.BOX)
    scan[top : top + size[1], left : left + size[0]] = np.asarray(small)
    scan = (scan * (255.0 / scan.max())).astype(np.uint8)
    return np.asarray(Image.fromarray(scan).resize((side * times, side * times), way))


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(
    "enlargement",
    [
        (16, 4, Image.Resampling.BICUBIC, 0.98),
        (16, 10, Image.Resampling.BILINEAR, 0.97),
        (8, 10, Image.Resampling.BILINEAR, 0.92),
        (8, 8, Image.Resampling.BICUBIC, 0.92),
    ],
)
def test_an_enlarged_scan_is_read(
    mnist: Digits, enlargement: tuple[int, int, Image.Resampling, float], dark: bool
) -> None:
    side, times, way, least = enlargement
    inks = []
    for n in range(MANY):
        picture = enlarged(mnist.images[n], side, times, way)
        inks.append(normalise_pixels(255 - picture if dark else picture))
    digits = [answer.digit for answer in Recogniser.load("lenet5").answer(inks)]
    assert np.mean(digits == mnist.labels[:MANY]) >= least


def test_pure_white_in_a_photograph_of_a_desk_is_no_paper_by_itself() -> None:
    """A lamp's reflection is as white as can be, and nothing is written around it."""
    y, x = np.mgrid[0:200, 0:200]
    light = 300.0 * np.exp(-(((x - 100) / 60.0) ** 2 + ((y - 100) / 60.0) ** 2)) + 60
    picture = np.clip(light + np.random.default_rng(0).normal(0, 3, light.shape), 0, 255).astype(np.uint8)
    try:
        ink = normalise_pixels(picture)
    except NoInk:
        return
    (answer,) = Recogniser.load("lenet5").answer([ink])
    assert not answer.is_digit
