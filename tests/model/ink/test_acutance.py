"""Light that fades over a blank sheet is no ink; blurred and faint strokes are."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from model.ink import NoInk, normalise_pixels
from model.ink.acutance import has_edges, is_strip
from tests.support import Digits


@pytest.mark.parametrize(("low", "high"), [(120, 240), (200, 240), (60, 250)])
@pytest.mark.parametrize(
    ("shape", "noise"), [((100, 100), 0.0), ((300, 400), 0.0), ((300, 400), 3.0), ((1000, 800), 3.0)]
)
def test_a_blank_sheet_in_fading_light_has_no_ink(
    shape: tuple[int, int], low: float, high: float, noise: float
) -> None:
    rng = np.random.default_rng(0)
    across = np.broadcast_to(np.linspace(0, 1, shape[1]), shape)
    sheet = low + (high - low) * across + rng.normal(0, noise, shape)
    with pytest.raises(NoInk):
        normalise_pixels(np.clip(sheet, 0, 255).astype(np.uint8))


def test_blurred_digits_in_fading_light_are_ink(mnist: Digits) -> None:
    light = np.linspace(0.6, 1.0, 240)
    for n in range(30):
        large = Image.fromarray(mnist.images[n]).resize((120, 120), Image.Resampling.BICUBIC)
        page = Image.new("L", (240, 240))
        page.paste(large, (60, 60))
        blurred = np.asarray(page.filter(ImageFilter.GaussianBlur(4)), np.float64)
        photo = ((235 - 0.5 * blurred) * light).astype(np.uint8)
        assert normalise_pixels(photo).field.max() == 255


def test_a_ramp_has_no_edge_and_a_stroke_has_two() -> None:
    ramp = np.tile(np.linspace(0, 255, 60), (60, 1)).astype(np.uint8)
    stroke = np.zeros((60, 60), np.uint8)
    stroke[10:50, 25:32] = 255
    assert not has_edges(ramp)
    assert has_edges(stroke)


def test_a_strip_lies_along_one_whole_side() -> None:
    mask = np.zeros((50, 80), bool)
    mask[:, :10] = True
    assert is_strip(mask)
    assert is_strip(mask[:, ::-1])
    assert is_strip(mask.T)
    mask[20:25, :60] = True  # a stroke that leads inwards
    assert not is_strip(mask)
    bar = np.zeros((50, 80), bool)
    bar[5:45, :8] = True  # a 1 at the edge
    assert not is_strip(bar)
