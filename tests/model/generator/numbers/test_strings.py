"""Numbers of one hand: what they say, how close their digits stand, and how they are drawn."""

from itertools import pairwise

import numpy as np

from model.generator.numbers.lines import as_strokes, encoded
from model.generator.numbers.strings import SPACINGS, Spacing, compose, draw_number, on_paper, random_length
from model.generator.pens.pendigits import Drawing

Hands = dict[int, dict[int, list[Drawing]]]


def gaps(hands: Hands, spacing: Spacing) -> list[float]:
    """The room between the boxes of neighbours, in digit heights."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(20):
        number = compose(hands, rng, 4, spacing)
        spans = [np.concatenate(digit)[:, 0] for digit in number.parts]
        found += [float(b.min() - a.max()) for a, b in pairwise(spans)]
    return found


def test_a_number_says_its_digits_in_one_hand(hands: Hands) -> None:
    rng = np.random.default_rng(2)
    for spacing in SPACINGS:
        number = compose(hands, rng, 5, spacing)
        assert len(number.text) == len(number.parts) == 5
        assert number.spacing == spacing
        for letter, strokes in zip(number.text, number.parts, strict=True):
            drawn = [len(sample.strokes) for sample in hands[number.writer][int(letter)]]
            assert len(strokes) in drawn
        points = np.concatenate([np.concatenate(digit) for digit in number.parts])
        assert 0.5 < np.ptp(points[:, 1]) < 2.5  # a digit is about 1 high


def test_the_closer_the_spacing_the_less_room(hands: Hands) -> None:
    rooms = [float(np.mean(gaps(hands, spacing))) for spacing in SPACINGS]
    assert rooms == sorted(rooms, reverse=True)
    assert min(gaps(hands, "wide")) > 0.05


def test_touching_digits_touch_and_wide_ones_do_not(hands: Hands) -> None:
    rng = np.random.default_rng(3)
    touching = {}
    for spacing in ("wide", "touching"):
        pairs = 0
        for _ in range(15):
            drawn = draw_number(compose(hands, rng, 4, spacing), rng, 40.0, 4.0)
            ink = drawn.parts > 60
            pairs += sum(bool((a & b).any()) for a, b in pairwise(ink))
        touching[spacing] = pairs
    assert touching["wide"] == 0
    assert touching["touching"] >= 23  # of 45


def test_a_drawn_number_is_its_digits_and_what_stands_beside(hands: Hands) -> None:
    rng = np.random.default_rng(4)
    for _ in range(8):
        number = compose(hands, rng, 3, "normal")
        drawn = draw_number(number, rng, 50.0, 5.0)
        assert drawn.parts.shape == (3, *drawn.ink.shape)
        assert (drawn.ink >= drawn.parts.max(axis=0)).all()
        if not number.beside:
            assert (drawn.ink == drawn.parts.max(axis=0)).all()
        assert drawn.ink[0].max() == drawn.ink[-1].max() == 0
        paper = on_paper(drawn, rng)
        assert paper.shape == drawn.ink.shape
        assert abs(float(paper[drawn.ink > 200].mean()) - float(paper[drawn.ink == 0].mean())) > 50


def test_the_same_seed_gives_the_same_number(hands: Hands) -> None:
    first, second = (compose(hands, np.random.default_rng(5), 6, "tight") for _ in range(2))
    assert first.text == second.text
    drawn = [
        on_paper(draw_number(number, np.random.default_rng(6), 40.0, 4.0), np.random.default_rng(7))
        for number in (first, second)
    ]
    assert encoded(drawn[0]) == encoded(drawn[1])
    assert as_strokes(first, np.random.default_rng(6)) == as_strokes(second, np.random.default_rng(6))


def test_lengths_are_1_to_20() -> None:
    rng = np.random.default_rng(7)
    lengths = [random_length(rng) for _ in range(2000)]
    assert (min(lengths), max(lengths)) == (1, 20)
    assert np.mean([2 <= length <= 8 for length in lengths]) > 0.8
