"""The stroke models: digits, letters, scribbles, and digits that are spoiled."""

import numpy as np
import pytest

from model.generator.items import Bytes, Strokes
from model.generator.outliers import drawings, spoiled
from model.generator.pens import templates
from model.generator.pens.hands import Drawing
from model.generator.pens.vectors import bounds, resample
from model.ink import normalise_strokes


def field(strokes: Strokes) -> Bytes:
    return normalise_strokes([stroke.tolist() for stroke in strokes]).field


@pytest.mark.parametrize("digit", range(10))
def test_every_model_of_a_digit_can_be_drawn(digit: int) -> None:
    for model in templates.DIGITS[digit]:
        strokes = model(np.random.default_rng(0))
        assert all(stroke.shape[1] == 2 and np.isfinite(stroke).all() for stroke in strokes)
        low, high = bounds(strokes)
        assert high[1] - low[1] > 0.7
        assert field(strokes).max() == 255


def test_letters_and_invented_characters_are_finite_unit_drawings() -> None:
    rng = np.random.default_rng(0)
    assert not set(templates.LETTERS) & set("OoIliZzSs")  # what people take for digits
    for _ in range(200):
        strokes = drawings.draw_letter(rng)
        low, high = bounds(strokes)
        assert (high - low).max() == pytest.approx(1.0)
        assert np.isfinite(np.concatenate(drawings.draw_invented(rng))).all()


def test_half_a_digit_is_less_than_55_percent_of_it() -> None:
    rng = np.random.default_rng(0)
    made = 0
    for digit in list(spoiled.HALVES) * 30:
        strokes = templates.draw_digit(digit, rng)
        rest = spoiled.half(rng, Drawing(strokes, digit, 0))
        if rest is not None:
            made += 1
            whole = sum(len(resample(stroke, 0.02)) for stroke in strokes)
            assert sum(map(len, rest)) < 0.55 * whole
    assert made > 60
    for digit in (1, 6, 7, 9):  # whose halves are digits
        assert spoiled.half(rng, Drawing(templates.draw_digit(digit, rng), digit, 0)) is None
