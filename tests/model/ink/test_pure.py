"""Small scans that were enlarged smoothly: soft strokes up to the edges of pure black or white paper."""

import numpy as np

from model.ink import NoInk, normalise_pixels
from model.recognition import Recogniser


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
