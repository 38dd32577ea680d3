"""What the pieces of numbers are called: the digit whose ink they hold, or none."""

from pathlib import Path

import numpy as np

from model.generator.items import Bytes, Floats, png
from model.generator.numbers.lines import Sample, boxed, inked, written
from model.generator.numbers.printed import displayed
from model.generator.numbers.segments import Blind, candidates
from model.generator.numbers.strings import SPACINGS, Hands, compose, draw_number
from model.generator.numbers.texts import digits, letters_of
from model.generator.paper.cheques import Amount, varied
from model.reading.fitting import UNSURE
from model.reading.symbols import WAYS
from model.training.data import NO_DIGIT
from tests.model.reading.support import lines_of


def test_every_digit_that_stands_apart_is_among_the_pieces_under_its_name(hands: Hands) -> None:
    rng = np.random.default_rng(8)
    for _ in range(6):
        sample = written(compose(hands, rng, letters_of(digits(rng, 4, 4)), "wide"), "", "", rng)
        for way in WAYS:
            ((_, labels),) = candidates(sample, way, Blind())
            assert set(labels[labels >= 0].tolist()) == {int(letter) for letter in sample.text}


def test_digits_of_displays_are_named_though_reading_joins_their_dots_and_segments() -> None:
    rng, named = np.random.default_rng(3), 0
    for pale in (1, 1, 1, 4) * 3:
        letters = letters_of(digits(rng, 3, 5))
        parts, pixels = displayed(letters, rng)
        parts = np.concatenate([parts[:1] // pale, parts[1:]])  # as a scan that was made small
        _, labels = next(candidates(Sample("", "", letters, png(pixels), inked(parts)), "image", Blind()))
        named += set(labels[labels >= 0].tolist()) == {int(letter.text) for letter in letters}
    assert named >= 10


def test_what_holds_two_digits_is_no_digit(hands: Hands) -> None:
    rng, several = np.random.default_rng(9), 0
    for spacing in SPACINGS[2:]:
        for _ in range(8):
            number = compose(hands, rng, letters_of(digits(rng, 4, 4)), spacing)
            parts = draw_number(number, rng, 44.0, 4.0)
            pixels = 255 - parts.max(axis=0)
            sample = Sample("", "", number.letters, png(pixels), inked(parts))
            ((found, labels),) = candidates(sample, "image", Blind())
            (line,) = lines_of(pixels)
            centres = [float(np.nonzero(own.max(axis=0) > 100)[0].mean()) for own in parts]
            left = line.origin[0] + found.runs.boxes[:, 0] * line.factor
            right = line.origin[0] + found.runs.boxes[:, 2] * line.factor
            holds = np.sum([(left < centre - 6) & (right > centre + 6) for centre in centres], axis=0)
            assert (labels[holds >= 3] < 0).all()
            assert set(np.unique(labels)) <= {*range(10), NO_DIGIT, UNSURE}
            several += int((holds >= 3).sum())
    assert several > 20


def amount() -> Amount:
    """A 0 and a 7 on grey paper, with a dash behind."""
    pixels = np.full((60, 130), 220, np.uint8)
    y, x = np.mgrid[:60, :130]
    away = np.hypot((x - 30) / 14, (y - 30) / 20)
    pixels[(away > 0.8) & (away < 1.05)] = 30
    pixels[10:14, 60:84] = 30
    for step in range(36):
        middle = 82 - step // 3
        pixels[14 + step, middle - 2 : middle + 2] = 30
    pixels[30:33, 105:118] = 30
    boxes = np.array([[14.0, 8.0, 32.0, 44.0], [58.0, 8.0, 28.0, 44.0]])
    return Amount(Path("made.png"), pixels, "07", boxes, 5)


def test_pieces_of_an_amount_are_named_by_the_boxes_and_the_dash_is_nothing() -> None:
    one = amount()
    ((found, labels),) = candidates(sent(one.pixels, one.boxes), "image", Blind())
    (line,) = lines_of(one.pixels)
    centre = line.origin[0] + found.runs.boxes[:, [0, 2]].mean(axis=1) * line.factor
    assert set(labels[labels >= 0].tolist()) == {0, 7}
    assert (centre[labels == 0] < 50).all()
    assert (abs(centre[labels == 7] - 72) < 15).all()
    assert not (labels[centre > 100] >= 0).any()


def sent(pixels: Bytes, boxes: Floats) -> Sample:
    return Sample("cheques", "cheque", letters_of("07"), png(pixels), boxed(boxes))


def test_a_varied_amount_keeps_its_digits_in_their_boxes() -> None:
    one = amount()
    for seed in range(6):
        pixels, boxes = varied(one.pixels, one.boxes, np.random.default_rng(seed))
        ((_, labels),) = candidates(sent(pixels, boxes), "image", Blind())
        assert {0, 7} <= set(labels.tolist())
        ink = np.abs(pixels.astype(float) - np.median(pixels)) > 50
        before_the_dash = slice(0, int(boxes[:, 0].max() + boxes[-1, 2]))
        for x, y, wide, tall in boxes:
            ink[max(0, int(y) - 3) : int(y + tall) + 4, max(0, int(x) - 3) : int(x + wide) + 4] = False
        assert ink[:, before_the_dash].mean() < 0.02
