"""Digits among things, cells, meters, registers, small drawings, and pictures without a digit."""

import numpy as np
import pytest

from model.generator.items import Bytes, Item, Source
from model.generator.kinds import KINDS
from model.generator.materials import Materials
from model.generator.outliers.spoiled import rows
from model.generator.paper import camera, cells, light, registers
from model.generator.pens.rendering import draw
from model.training.data import NO_DIGIT

DIGITS = (
    "cells-framed", "cells-bordered", "cells-cut", "photos-pen", "photos-mnist", "printed",
    "sheets-on-desks", "boxed", "ringed", "plates", "pens-in-view", "pale-on-grey", "markers",
    "meters-wheels", "meters-displays", "dotted", "registers", "drawings-28", "scans-boxed",
)  # fmt: skip
OTHERS = "cells-empty", "sheets-blank", "photographs", "textures", "pictures", "meters-between"
EACH = 12


def source_of(name: str, materials: Materials) -> Source:
    return next(kind for kind in KINDS if kind.name == name).make(materials)


def items(source: Source, count: int = EACH) -> list[Item]:
    return [source(np.random.default_rng(seed)) for seed in range(count)]


def pixels_of(item: Item) -> Bytes:
    assert item.pixels is not None
    return item.pixels


@pytest.mark.parametrize("name", [*DIGITS, *OTHERS])
def test_a_seed_gives_one_picture_of_any_size_and_the_right_sort_of_label(
    name: str, materials: Materials
) -> None:
    source = source_of(name, materials)
    for item, again in zip(items(source), items(source), strict=True):
        assert (item.label, item.group) == (again.label, again.group)
        assert (item.label in range(10)) if name in DIGITS else (item.label == NO_DIGIT)
        if name in DIGITS and name != "dotted":  # the digit's own ink is known, and in view
            assert item.clean is not None
            assert item.clean.shape == pixels_of(item).shape[:2]
            assert item.clean.max() > 100
        pixels = pixels_of(item)
        np.testing.assert_array_equal(pixels, pixels_of(again))
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 2 or pixels.shape[2] in (3, 4)
        assert 3 <= min(pixels.shape[:2]) <= max(pixels.shape[:2]) < 1100


def test_an_empty_cell_is_drawn_like_one_with_a_digit_but_for_the_digit() -> None:
    flat = [np.ptp(pixels_of(item)) < 12 for item in items(cells.framed_cells(None), 60)]
    assert np.mean(flat) < 0.25  # a frame is in view, though it may be faint


def test_a_digit_is_cut_whole_out_of_a_register() -> None:
    rng = np.random.default_rng(0)
    strokes = [[np.array([[x, 20.0], [x, 60.0]])] for x in (20.0, 40.0, 60.0)]
    digits = np.stack([draw(stroke, (80, 80), 4, rng) for stroke in strokes])
    for seed in range(20):
        seen = registers.cut(digits, 1, 40.0, np.random.default_rng(seed))
        assert seen[1].sum() == digits[1].sum()


@pytest.mark.parametrize("lamp", light.LIGHTS)
def test_light_is_never_black_nor_blinding(lamp: light.Light) -> None:
    for seed in range(20):
        field = lamp(np.random.default_rng(seed), (40, 24))
        assert field.shape == (40, 24)
        assert 0 < field.min() <= field.max() < 8


def test_what_is_drowned_in_noise_is_not_legible() -> None:
    clean = np.zeros((40, 40), np.uint8)
    clean[8:32, 18:22] = 255
    noise = np.random.default_rng(0).normal(0, 40, clean.shape)
    plain, faint = 200.0 - clean * 0.5, 200.0 - clean * 0.02
    assert camera.legible(plain.astype(np.uint8), clean)
    assert not camera.legible(faint.astype(np.uint8), clean)
    assert not camera.legible(np.clip(faint - 60 + noise, 0, 255).astype(np.uint8), clean)


def test_whole_pairs_stand_beside_each_other(materials: Materials) -> None:
    pairs = rows(materials.pendigits, ("wide", "normal"))
    for seed in range(30):
        strokes, label, _ = pairs(np.random.default_rng(seed))
        wide, high = np.ptp(np.concatenate(strokes), axis=0)
        assert label == NO_DIGIT
        assert wide > 0.5 * high
