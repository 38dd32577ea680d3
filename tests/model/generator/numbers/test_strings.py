"""Numbers of one hand: what they say, how close their digits stand, and what their pieces are called."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from model.generator.numbers.lines import as_strokes, picture
from model.generator.numbers.segments import (
    UNSURE,
    box_labels,
    cheque_runs,
    ink_labels,
    picture_runs,
    stroke_labels,
    stroke_runs,
)
from model.generator.numbers.strings import (
    SPACINGS,
    Spacing,
    by_writer,
    compose,
    draw_number,
    on_paper,
    random_length,
)
from model.generator.paper.cheques import Amount, varied
from model.generator.pens.pendigits import Written
from model.generator.pens.templates import draw_digit
from model.ink import strokes as pen
from model.reading import page, segment
from model.reading import pen as by_pen
from model.reading.lattice import runs_of
from model.training.data import NO_DIGIT


@pytest.fixture(scope="module")
def hands() -> dict[int, dict[int, list[Written]]]:
    """Stroke models as writers: four hands of ten digits."""
    rng = np.random.default_rng(0)
    return by_writer([Written(draw_digit(n % 10, rng), n % 10, n // 10) for n in range(40)])


def gaps(hands: dict[int, dict[int, list[Written]]], spacing: Spacing) -> list[float]:
    """The room between the boxes of neighbours, in digit heights."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(20):
        number = compose(hands, rng, 4, spacing)
        spans = [np.concatenate(digit)[:, 0] for digit in number.digits]
        found += [float(b.min() - a.max()) for a, b in pairwise(spans)]
    return found


def test_by_writer_files_every_sample_under_its_hand_and_digit(
    hands: dict[int, dict[int, list[Written]]],
) -> None:
    assert sorted(hands) == [0, 1, 2, 3]
    for writer, hand in hands.items():
        assert sorted(hand) == list(range(10))
        for label, samples in hand.items():
            assert all(sample.writer == writer and sample.label == label for sample in samples)


def test_a_number_says_its_digits_in_one_hand(hands: dict[int, dict[int, list[Written]]]) -> None:
    rng = np.random.default_rng(2)
    for spacing in SPACINGS:
        number = compose(hands, rng, 5, spacing)
        assert len(number.text) == len(number.digits) == 5
        assert number.spacing == spacing
        for letter, strokes in zip(number.text, number.digits, strict=True):
            drawn = [len(sample.strokes) for sample in hands[number.writer][int(letter)]]
            assert len(strokes) in drawn
        points = np.concatenate([np.concatenate(digit) for digit in number.digits])
        assert 0.5 < np.ptp(points[:, 1]) < 2.5  # a digit is about 1 high


def test_the_closer_the_spacing_the_less_room(hands: dict[int, dict[int, list[Written]]]) -> None:
    rooms = [float(np.mean(gaps(hands, spacing))) for spacing in SPACINGS]
    assert rooms == sorted(rooms, reverse=True)
    assert min(gaps(hands, "wide")) > 0.05


def test_touching_digits_touch_and_wide_ones_do_not(hands: dict[int, dict[int, list[Written]]]) -> None:
    rng = np.random.default_rng(3)
    touching = {}
    for spacing in ("wide", "touching"):
        pairs = 0
        for _ in range(15):
            drawn = draw_number(compose(hands, rng, 4, spacing), rng, 40.0, 4.0)
            ink = drawn.digits > 60
            pairs += sum(bool((a & b).any()) for a, b in pairwise(ink))
        touching[spacing] = pairs
    assert touching["wide"] == 0
    assert touching["touching"] >= 23  # of 45


def test_a_drawn_number_is_its_digits_and_what_stands_beside(
    hands: dict[int, dict[int, list[Written]]],
) -> None:
    rng = np.random.default_rng(4)
    for _ in range(8):
        number = compose(hands, rng, 3, "normal")
        drawn = draw_number(number, rng, 50.0, 5.0)
        assert drawn.digits.shape == (3, *drawn.ink.shape)
        assert (drawn.ink >= drawn.digits.max(axis=0)).all()
        if not number.before and not number.after:
            assert (drawn.ink == drawn.digits.max(axis=0)).all()
        assert drawn.ink[0].max() == drawn.ink[-1].max() == 0
        paper = on_paper(drawn, rng)
        assert paper.shape == drawn.ink.shape
        assert abs(float(paper[drawn.ink > 200].mean()) - float(paper[drawn.ink == 0].mean())) > 50


def test_the_same_seed_gives_the_same_number(hands: dict[int, dict[int, list[Written]]]) -> None:
    first, second = (compose(hands, np.random.default_rng(5), 6, "tight") for _ in range(2))
    assert first.text == second.text
    assert picture(first, np.random.default_rng(6)) == picture(second, np.random.default_rng(6))
    assert as_strokes(first, np.random.default_rng(6)) == as_strokes(second, np.random.default_rng(6))


def test_lengths_are_1_to_20() -> None:
    rng = np.random.default_rng(7)
    lengths = [random_length(rng) for _ in range(2000)]
    assert (min(lengths), max(lengths)) == (1, 20)
    assert np.mean([2 <= length <= 8 for length in lengths]) > 0.8


def test_every_digit_that_stands_apart_is_among_the_pieces_under_its_name(
    hands: dict[int, dict[int, list[Written]]],
) -> None:
    rng = np.random.default_rng(8)
    for _ in range(6):
        number = compose(hands, rng, 4, "wide")
        drawn = draw_number(number, rng, 44.0, 4.0)
        ((fields, marks, group),) = picture_runs(drawn, number.text, number.writer, rng)
        assert group == number.writer
        assert fields.shape == (len(marks), 28, 28)
        assert {int(letter) for letter in number.text} <= set(marks[marks >= 0].tolist())
        assert set(marks[marks >= 0].tolist()) <= {int(letter) for letter in number.text}
        for (strokes, told, _), letters in zip(stroke_runs(number), [number.text], strict=True):
            assert len(strokes) == len(told)
            assert {int(letter) for letter in letters} <= set(told[told >= 0].tolist())


def test_what_holds_two_digits_is_no_digit(hands: dict[int, dict[int, list[Written]]]) -> None:
    rng = np.random.default_rng(9)
    seen = 0
    for spacing in ("tight", "touching"):
        for _ in range(6):
            number = compose(hands, rng, 4, spacing)
            drawn = draw_number(number, rng, 44.0, 4.0)
            line = max(page.lines(255 - drawn.ink), key=lambda line: int(line.ink.sum()))
            segmented = segment.segment(line)
            assert segmented is not None
            runs = runs_of(segmented.pieces, line.height)
            marks = ink_labels(segmented, runs, drawn, number.text)
            centres = [float(np.nonzero(own.max(axis=0) > 100)[0].mean()) for own in drawn.digits]
            left = line.origin[0] + runs.boxes[:, 0] * line.factor
            right = line.origin[0] + runs.boxes[:, 2] * line.factor
            holds = np.sum([(left < centre - 6) & (right > centre + 6) for centre in centres], axis=0)
            assert (marks[holds >= 3] < 0).all()
            assert set(np.unique(marks)) <= {*range(10), NO_DIGIT, UNSURE}
            seen += int((holds >= 3).sum())
    assert seen > 20


def test_half_a_stroke_is_not_called_its_digit(hands: dict[int, dict[int, list[Written]]]) -> None:
    number = compose(hands, np.random.default_rng(10), 3, "wide")
    (line,) = by_pen.pen_lines(pen.read([stroke.tolist() for stroke in number.strokes]))
    runs = runs_of(line.pieces, line.height)
    marks = stroke_labels(line, runs, number)
    for label in marks[marks >= 0]:
        assert str(label) in number.text
    whole = (runs.starts == 0) & (runs.ends == len(line.parts))
    assert (marks[whole] == NO_DIGIT).all()


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
    (line,) = page.lines(one.pixels)
    segmented = segment.segment(line)
    assert segmented is not None
    runs = runs_of(segmented.pieces, line.height)
    marks = box_labels(segmented, runs, one.boxes, one.text)
    centre = line.origin[0] + runs.boxes[:, [0, 2]].mean(axis=1) * line.factor
    assert set(marks[marks >= 0].tolist()) == {0, 7}
    assert (centre[marks == 0] < 50).all()
    assert (abs(centre[marks == 7] - 72) < 15).all()
    assert not (marks[centre > 100] >= 0).any()


def test_a_varied_amount_keeps_its_digits_in_their_boxes() -> None:
    one = amount()
    for seed in range(6):
        pixels, boxes = varied(one, np.random.default_rng(seed))
        ink = np.abs(pixels.astype(float) - np.median(pixels)) > 50
        inside = np.zeros_like(ink)
        for left, top, wide, tall in boxes:
            inside[
                max(0, int(top) - 3) : int(top + tall) + 4, max(0, int(left) - 3) : int(left + wide) + 4
            ] = True
        assert (
            ink[:, : int(boxes[:, 0].max() + boxes[-1, 2])][
                ~inside[:, : int(boxes[:, 0].max() + boxes[-1, 2])]
            ].mean()
            < 0.02
        )
        found = [int(mark) for _, marks, _ in cheque_runs(one, np.random.default_rng(seed)) for mark in marks]
        assert {0, 7} <= set(found)
