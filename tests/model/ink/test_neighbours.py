"""A digit cut close is left whole, however its ink runs out of the picture at the sides."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.ink import normalise_image
from model.ink.neighbours import apply, candidates, without_neighbours
from tests.support import Digits, encoded


def test_a_digit_cut_close_is_left_whole(mnist: Digits) -> None:
    close = []
    for digit in mnist.images[:200]:
        rows, columns = np.flatnonzero(digit.max(axis=1) > 60), np.flatnonzero(digit.max(axis=0) > 60)
        tight = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        size = (max(24, 3 * tight.shape[1]), max(24, 3 * tight.shape[0]))
        close.append(np.asarray(Image.fromarray(tight).resize(size, Image.Resampling.BICUBIC)))
    assert sum(without_neighbours(digit) is not None for digit in close) <= 4


@pytest.mark.parametrize("side", [8, 16])
def test_a_small_scan_is_never_cut(side: int) -> None:
    scan = np.zeros((side, side), np.uint8)
    scan[1:-1] = 255
    assert without_neighbours(scan) is None


def test_cuts_take_ink_from_the_open_side_only(mnist: Digits) -> None:
    both = np.asarray(
        Image.fromarray(np.hstack([mnist.first(4)[:, 12:25], mnist.first(0)])).resize((164, 112))
    )
    found = candidates(both)
    assert len(found) > 1
    np.testing.assert_array_equal(apply(both, found[0]), both)
    right = np.flatnonzero(both.any(axis=0))[-1]
    for cuts in found[1:]:
        left = apply(both, cuts)
        assert 0 < left.sum() < both.sum()
        assert (left[left > 0] == both[left > 0]).all()
        assert np.flatnonzero(left.any(axis=0))[-1] == right


@pytest.mark.parametrize("level", [255, 150, 60])
def test_a_hair_in_a_wide_picture_is_left_as_it_is(level: int) -> None:
    picture = Image.new("L", (560, 100), 255)
    ImageDraw.Draw(picture).line([(0, 32), (184, 45), (318, 3)], fill=255 - level, width=1)
    assert without_neighbours(255 - np.asarray(picture)) is None
    assert normalise_image(encoded(picture)).field.any()
