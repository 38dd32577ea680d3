"""Neighbours that touch a digit are cut off on the side from which they come in."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.ink import normalise_image
from model.ink.neighbours import without_neighbours
from tests.support import Digits, encoded


def test_what_comes_in_from_a_side_is_cut_off(mnist: Digits) -> None:
    both = np.asarray(
        Image.fromarray(np.hstack([mnist.first(4)[:, 12:25], mnist.first(0)])).resize((164, 112))
    )
    found = without_neighbours(both)
    assert found
    right = np.flatnonzero(both.any(axis=0))[-1]
    for left in found:
        assert 0 < left.sum() < both.sum()
        assert (left[left > 0] == both[left > 0]).all()
        assert np.flatnonzero(left.any(axis=0))[-1] == right
    alone = np.where(np.arange(164) >= 76, both, 0)
    assert max(float((left == alone).mean()) for left in found) > 0.97


@pytest.mark.parametrize("side", [8, 16])
def test_a_small_scan_is_never_cut(side: int) -> None:
    scan = np.zeros((side, side), np.uint8)
    scan[1:-1] = 255
    assert without_neighbours(scan) == []


@pytest.mark.parametrize("level", [255, 150, 60])
def test_a_hair_in_a_wide_picture_is_seen(level: int) -> None:
    picture = Image.new("L", (560, 100), 255)
    ImageDraw.Draw(picture).line([(0, 32), (184, 45), (318, 3)], fill=255 - level, width=1)
    assert normalise_image(encoded(picture)).field.any()
