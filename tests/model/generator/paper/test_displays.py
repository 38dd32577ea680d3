"""Digits of displays."""

import numpy as np

from model.generator.paper.displays import display_ink
from model.ink import normalise_pixels
from model.recognition import Recogniser

MANY = 200


def test_each_digit_comes_about_as_often_has_room_around_it_and_is_read() -> None:
    chance = np.random.default_rng(1)
    drawn = [display_ink()(chance) for _ in range(MANY)]
    counts = np.bincount([label for _, label, _, _ in drawn], minlength=10)
    assert counts.min() >= MANY // 20
    for ink, _, _, width in drawn:
        assert ink.dtype == np.uint8
        assert ink.max() == 255
        assert 2 < width < min(ink.shape)
        assert not ink[[0, -1]].any()
        assert not ink[:, [0, -1]].any()
    answers = Recogniser.load("lenet5").answer([normalise_pixels(255 - ink) for ink, _, _, _ in drawn])
    right = [answer.digit == label for answer, (_, label, _, _) in zip(answers, drawn, strict=True)]
    assert np.mean(right) > 0.97
