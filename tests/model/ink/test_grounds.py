"""Grounds: a number on a note, in a ring or in a shadow is read as it is on plain paper."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.ink.grounds import grounds
from model.reading import read_image
from model.recognition import Recogniser
from tests.model.reading.support import row_of
from tests.support import Digits, encoded

Pixels = NDArray[np.uint8]


def on_a_desk(paper: Pixels) -> Pixels:
    return np.pad(paper, 60, constant_values=70)


def in_a_ring(paper: Pixels, left: int = 20) -> Pixels:
    image = Image.fromarray(np.pad(paper, 90, constant_values=230))
    ImageDraw.Draw(image).ellipse((left, 50, image.width - 20, image.height - 50), outline=40, width=4)
    return np.asarray(image)


def half_in_a_shadow(paper: Pixels) -> Pixels:
    y, x = np.indices(paper.shape)
    return np.where(x + y / 2 < 0.6 * paper.shape[1], paper, paper // 2)


def in_windows(paper: Pixels) -> Pixels:
    between = (np.arange(paper.shape[1]) + 48) % 68 < 4  # a digit has 56 columns, and 12 after them
    return np.where(between | (abs(np.arange(len(paper)) - 56) > 44)[:, None], np.uint8(60), paper)


GROUNDS = on_a_desk, in_a_ring, partial(in_a_ring, left=124), half_in_a_shadow, in_windows


@pytest.mark.parametrize("around", GROUNDS, ids=["desk", "ring", "touching its ring", "shadow", "windows"])
def test_a_number_is_read_on_its_ground(
    around: Callable[[Pixels], Pixels], mnist: Digits, recogniser: Recogniser
) -> None:
    rng, right = np.random.default_rng(1), 0
    for start in range(0, 40, 4):
        paper = (row_of(mnist.images[start : start + 4]) * (190 / 255) + 40).astype(np.uint8)
        seen = around(paper)
        noisy = encoded(np.clip(seen + rng.normal(0, 3, seen.shape), 0, 255).astype(np.uint8))
        text = "".join(map(str, mnist.labels[start : start + 4].tolist()))
        right += read_image(noisy, recogniser).text == text
    assert right >= 9


def test_a_sheet_is_where_it_is_and_a_canvas_has_one_ground(mnist: Digits) -> None:
    assert len([*grounds(paper := row_of(mnist.images[:4]))]) == 1
    assert any(np.ptp([*ground.origin, 60]) < 10 for ground in grounds(on_a_desk(paper)))
