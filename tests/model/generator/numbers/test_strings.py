"""Numbers of one hand: what they say, how close their digits stand, and how they are drawn."""

from itertools import pairwise, product

import numpy as np
import pytest

from model.generator.numbers.lines import written
from model.generator.numbers.strings import SPACINGS, Hands, Number, Spacing, compose, draw_number
from model.generator.numbers.texts import digits, letters_of, plain, text_of
from model.ink.decode import decode
from model.training.data import LabelledImages


def composed(hands: Hands, rng: np.random.Generator, spacing: Spacing, count: int = 4) -> Number:
    return compose(hands, rng, letters_of(digits(rng, count, count)), spacing)


def gaps(hands: Hands, spacing: Spacing) -> list[float]:
    """The room between the boxes of neighbours, in digit heights."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(20):
        spans = [np.concatenate(digit)[:, 0] for digit in composed(hands, rng, spacing).parts]
        found += [float(b.min() - a.max()) for a, b in pairwise(spans)]
    return found


def test_a_number_says_its_digits_in_one_hand(hands: Hands) -> None:
    rng = np.random.default_rng(2)
    for spacing in SPACINGS:
        number = composed(hands, rng, spacing, 5)
        assert len(number.letters) == len(number.parts) == 5
        for letter, strokes in zip(number.letters, number.parts, strict=True):
            drawn = [len(sample.strokes) for sample in hands[number.writer][int(letter.text)]]
            assert len(strokes) in drawn
        points = np.concatenate([np.concatenate(digit) for digit in number.parts])
        assert 0.5 < np.ptp(points[:, 1]) < 2.5  # a digit is about 1 high


def test_the_closer_the_spacing_the_less_room(hands: Hands) -> None:
    rooms = [float(np.mean(gaps(hands, spacing))) for spacing in SPACINGS]
    assert rooms == sorted(rooms, reverse=True)
    assert min(gaps(hands, "wide")) > 0.05


def test_touching_digits_touch_and_wide_ones_do_not(hands: Hands, mnist_test: LabelledImages) -> None:
    rng = np.random.default_rng(3)
    for spacing, scans in product(SPACINGS[::3], (None, mnist_test)):
        shared: list[float] = []
        for _ in range(15):
            number = compose(hands, rng, letters_of(digits(rng, 4, 4)), spacing, scans)
            ink = draw_number(number, rng, 40.0, 4.0) > 60
            shared += [float((a & b).sum() / min(a.sum(), b.sum())) for a, b in pairwise(ink)]
        assert (np.count_nonzero(shared) >= 23) if spacing == "touching" else not any(shared)  # of 45
        assert np.quantile(shared, 0.9) < 0.3  # neither is hidden


def test_scanned_digits_keep_their_shape(mnist_test: LabelledImages) -> None:
    rng = np.random.default_rng(6)
    number = compose({0: {}}, rng, letters_of("1471"), "wide", mnist_test)
    for scan, ink in zip(number.scans, draw_number(number, rng, 80.0, 8.0), strict=True):
        own, drawn = (np.ptp(np.argwhere(each), axis=0) + 1 for each in (np.asarray(scan), ink > 40))
        assert np.divide(*drawn) == pytest.approx(np.divide(*own), rel=0.1)


def test_a_number_on_paper_and_its_strokes_have_the_ink_of_every_letter(hands: Hands) -> None:
    rng = np.random.default_rng(4)
    for said in ("307", "12.5 {-}", "{(}42{)}"):
        letters = letters_of(said)
        number = compose(hands, rng, letters, "normal")
        parts = draw_number(number, rng, 50.0, 5.0)
        assert len(parts) == len([letter for letter in letters if letter.drawn != " "])
        assert parts.max(axis=(1, 2)).min() == 255
        assert parts[:, [0, -1]].max() == 0
        sample = written(number, "composed", "normal", rng)
        assert sample.text == text_of(letters)
        assert [len(part) for part in sample.parts] == [len(part) for part in number.parts]
        pixels = decode(sample.image).pixels.astype(float)
        y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]] + 0.5
        own, sure = sample.owners(x.ravel(), y.ravel())
        assert own.any(axis=1).all()
        grey = pixels.mean(axis=2).ravel()
        paper = np.median(grey[sure & ~own.any(axis=0)])
        assert np.percentile(abs(grey[own.any(axis=0)] - paper), 95) > 50


def test_the_same_seed_gives_the_same_number(hands: Hands) -> None:
    first, second = (
        written(composed(hands, np.random.default_rng(5), "tight", 6), "", "", np.random.default_rng(7))
        for _ in range(2)
    )
    assert (first.text, first.image, first.parts) == (second.text, second.image, second.parts)


def test_lengths_are_1_to_20_and_signs_behind_are_none_of_the_text() -> None:
    rng = np.random.default_rng(7)
    said = [letters_of(plain(rng)) for _ in range(2000)]
    lengths = [len(text_of(letters)) for letters in said]
    assert (min(lengths), max(lengths)) == (1, 20)
    assert np.mean([2 <= length <= 8 for length in lengths]) > 0.8
    assert all(text_of(letters).isdigit() for letters in said)
    assert 0.1 < np.mean([letters[-1].text == "" for letters in said]) < 0.5
