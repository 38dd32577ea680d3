"""Broad strokes on paper that is lit from one side."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink.planar_background import Plane, fit_plane, subtract_plane
from model.ink.polarity import otsu, reduced
from tests.support import Digits


def bold(digit: NDArray[np.uint8], side: int, fade: float, *, dark: bool, grow: int = 3) -> NDArray[np.uint8]:
    """A digit written with a marker, cut close, on grey paper whose brightness fades by so many levels."""
    broad = ndimage.grey_dilation(np.pad(digit, 4), size=(grow, grow))
    rows, columns = (np.flatnonzero((broad > 100).any(axis=axis)) for axis in (1, 0))
    close = broad[rows[0] - 2 : rows[-1] + 3, columns[0] - 2 : columns[-1] + 3]
    width = round(close.shape[1] * side / close.shape[0])
    ink = np.asarray(Image.fromarray(close).resize((width, side), Image.Resampling.BICUBIC)) / 255.0
    across, down = np.linspace(0, 1, width), np.linspace(0, 1, side)[:, None]
    light = fade * (across + down) / 2
    grain = np.random.default_rng(int(digit.sum())).normal(0, 3, ink.shape)
    picture = 170 - light - 70 * ink if dark else 80 + light + 70 * ink
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def seen(picture: NDArray[np.uint8], *, dark: bool) -> Plane | None:
    """The plane of a picture's paper."""
    small = reduced(picture)
    return fit_plane(small, dark, otsu(small))


@pytest.mark.parametrize("dark", [True, False])
def test_the_plane_is_that_of_the_light(mnist: Digits, dark: bool) -> None:
    found = seen(bold(mnist.images[0], 120, 40.0, dark=dark, grow=5), dark=dark)
    assert found is not None
    level, across, down = found
    assert level == pytest.approx(150 if dark else 100, abs=3)
    for difference in (across, down):
        assert difference == pytest.approx(-20 if dark else 20, abs=5)


def test_levelled_paper_has_the_level_of_its_middle() -> None:
    y, x = np.mgrid[0:41, 0:61]
    paper = (100 + 30 * (x - 30) / 61 - 20 * (y - 20) / 41).astype(np.float32)
    np.testing.assert_allclose(subtract_plane(paper, (100.0, 30.0, -20.0)), 100.0, atol=0.01)


def test_a_shadow_is_no_stroke(mnist: Digits) -> None:
    picture = np.full((60, 60), 180.0)
    picture[np.tril_indices(60, -8)] = 90
    picture += np.random.default_rng(0).normal(0, 3, picture.shape)
    assert seen(picture.astype(np.uint8), dark=True) is None


def test_thin_strokes_are_left_to_the_one_that_minds_shadows(mnist: Digits) -> None:
    assert seen(bold(mnist.images[4], 120, 30.0, dark=True, grow=1), dark=True) is None
