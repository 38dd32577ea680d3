import numpy as np
import pytest
from PIL import Image

from model.ink import NoInk
from model.ink.frame import THICKEST, THINNEST, frame, stroke_width
from tests.support import Digits


def bar(width: int, length: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    ink = np.zeros((length + 10, width + 40), np.uint8)
    ink[5 : 5 + length, 20 : 20 + width] = 255
    return ink


@pytest.mark.parametrize("width", [1, 3, 8])
def test_stroke_width_of_a_bar_is_its_width(width: int) -> None:
    # The bar's two ends are edges too, so its mean width is a little less.
    assert stroke_width(bar(width, 200)) == pytest.approx(width * 200 / (200 + width), rel=0.02)


def test_stroke_width_does_not_mind_antialiasing() -> None:
    sharp = bar(12, 240)
    soft = np.asarray(Image.fromarray(sharp).resize((sharp.shape[1] // 4, sharp.shape[0] // 4)))
    assert 4 * stroke_width(soft) == pytest.approx(stroke_width(sharp), rel=0.1)


def test_mnist_digits_come_back_much_as_they_are_but_for_a_pixel_s_shift(mnist: Digits) -> None:
    far = []
    for image in mnist.images[:100]:
        shifted = (np.roll(image, (down, across), (0, 1)) for down in (-1, 0, 1) for across in (-1, 0, 1))
        far.append(min(np.abs(frame(image).astype(int) - each).mean() for each in shifted))
    assert np.median(far) < 5


@pytest.mark.parametrize("scale", [2, 7, 15])
def test_enlarged_digits_are_framed_as_the_small_ones(mnist: Digits, scale: int) -> None:
    for image in mnist.images[:20]:
        large = np.asarray(Image.fromarray(image).resize((28 * scale, 28 * scale), Image.Resampling.BICUBIC))
        difference = frame(large).astype(int) - frame(image)
        assert np.abs(difference).mean() < 20


@pytest.mark.parametrize("pen", [1, 2, 45, 60])
def test_strokes_too_thin_or_too_thick_are_brought_to_mnist_s(pen: int) -> None:
    ink = np.zeros((300, 300), np.uint8)
    ink[20:280, 100 : 100 + pen] = 255
    ink[20 : 20 + pen, 100:250] = 255
    width = stroke_width(frame(ink))
    assert THINNEST - 0.2 <= width <= THICKEST + 0.3


def test_a_far_reaching_tail_stays_in_the_field() -> None:
    ink = np.zeros((100, 100), np.uint8)
    ink[0:30, 0:30] = 255
    ink[0:3, :] = 255
    assert frame(ink)[:, -1].max() < 64  # the soft rim at the most


def test_nothing_is_no_ink() -> None:
    with pytest.raises(NoInk):
        frame(np.zeros((30, 30), np.uint8))
