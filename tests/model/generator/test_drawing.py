"""Pens, canvases, paper and camera: masks of ink become pictures that still show the ink."""

import numpy as np
import pytest

from model.generator.build import likeness
from model.generator.paper import cells, desk, inks, pictures
from model.generator.pens import rendering as pens
from model.ink import normalise_pixels
from model.training.data import LabelledImages

BAR = [np.array([[10.0, 20.0], [50.0, 20.0]])]


@pytest.mark.parametrize("width", [1.0, 3.0, 8.0])
def test_a_pen_is_as_wide_as_asked_for(width: float) -> None:
    placed = pens.fit(BAR, (40, 60), np.random.default_rng(0), fill=(1.0, 1.0), margin=10)
    mask = pens.draw(placed, (40, 60), width, np.random.default_rng(0))
    assert not mask[:, :5].any()
    assert not mask[:, 55:].any()
    assert mask.shape == (40, 60)
    assert mask[:, 25:35].sum() / 255 / 10 == pytest.approx(width, abs=0.45)


def test_pressure_changes_the_width_along_a_stroke() -> None:
    line = [np.stack([np.linspace(5, 195, 60), np.full(60, 20.0)], axis=1)]
    even, uneven = (
        np.ptp(
            pens.draw(line, (40, 200), 8, np.random.default_rng(0), pressure=pressure)[:, 20:180].sum(axis=0)
        )
        for pressure in (0.0, 0.3)
    )
    assert uneven > 3 * even + 200


def test_every_presentation_shows_the_same_digit(mnist_test: LabelledImages) -> None:
    mask = inks.sharp(mnist_test.images[0], 4.0)
    plain = normalise_pixels(mask).field
    shapes = set()
    for seed in range(40):
        pixels = pictures.present(np.pad(mask, 10), np.random.default_rng(seed))
        shapes.add(pixels.shape[2:])
        assert likeness(normalise_pixels(pixels).field, plain) > 0.95
    assert shapes == {(), (3,), (4,)}


def test_a_photograph_and_its_clean_ink_have_one_size(mnist_test: LabelledImages) -> None:
    rng = np.random.default_rng(1)
    photograph = desk.photographed(inks.image_ink(mnist_test))
    alike = []
    for _ in range(30):
        item = photograph(rng)
        assert item.pixels is not None
        assert item.clean is not None
        assert item.pixels.shape[:2] == item.clean.shape
        assert item.pixels.dtype == np.uint8
        alike.append(likeness(normalise_pixels(item.pixels).field, normalise_pixels(item.clean).field))
    assert np.mean(np.array(alike) > 0.72) > 0.8


def test_a_bordered_cell_has_more_lines_than_a_cut_one(mnist_test: LabelledImages) -> None:
    def dark_edges(framing: cells.Framing) -> float:
        rng = np.random.default_rng(0)
        covers = [cells.frame(rng, (60, 50), framing, crossing=0.0)[0] for _ in range(60)]
        return float(np.mean(covers))

    assert dark_edges(cells.BORDERED) > 2 * dark_edges(cells.CUT)
