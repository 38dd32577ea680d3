"""Lines with their true texts: what they are drawn from, and how readings of them are counted."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace

import numpy as np

from model.generator.materials import Materials
from model.generator.numbers.lines import Sample, boxed, samples, written
from model.generator.numbers.measure import measure
from model.generator.numbers.strings import Hands, compose
from model.generator.numbers.texts import Letter, letters_of
from model.reading import NothingToRead, read_strokes
from model.recognition import Recogniser
from tests.support import encoded


def test_each_group_is_drawn_and_what_is_nothing_says_nothing(materials: Materials) -> None:
    drawn = list(samples(materials, 1, 4, others=20))
    others = dict.fromkeys(("written", "displays", "single", "nothing"), 20)
    assert Counter(sample.group for sample in drawn) == {"composed": 4, "printed": 30, "hasty": 10, **others}
    held_out = replace(materials, part="validation")
    assert sum(sample.group == "photos" for sample in samples(held_out, 1, 0, others=8)) == 4
    nothing = [sample for sample in drawn if sample.group == "nothing"]
    assert not any(sample.text for sample in nothing)
    assert any(sample.strokes for sample in nothing)
    assert len({sample.tag for sample in nothing}) > 4
    for hasty in (sample for sample in drawn if sample.group == "hasty"):
        whole = [stroke for part in hasty.parts for stroke in part]
        assert hasty.strokes != whole or hasty.tag == "begun"
        assert all(stroke in whole for stroke in hasty.strokes) or hasty.tag != "late"


def test_readings_are_counted_by_where_they_are_from(hands: Hands, recogniser: Recogniser) -> None:
    rng, plain = np.random.default_rng(4), letters_of("407")
    right = written(compose(hands, rng, plain, "wide"), "composed", "wide", rng)
    wrong, unmarked = (replace(right, letters=letters_of(text)) for text in ("417", "40.7"))
    sheet = encoded(np.full((60, 90), 240, np.uint8))
    blank = Sample("nothing", "sheet", [Letter("", "")], sheet, boxed(np.zeros((1, 4))))
    found = measure([right, wrong, unmarked, blank], recogniser)
    assert found["images"]["exact"]["composed"] == (3, 1, 1, 2)
    assert found["images"]["exact"]["nothing"] == (1, 1, 0, 0)
    assert found["strokes"]["exact"]["all"] == (3, 1, 1, 2)
    assert sum(count for count, *_ in found["strokes"]["calibration"].values()) == 3


def test_digits_in_one_stroke_are_read(hands: Hands, recogniser: Recogniser) -> None:
    rng, right = np.random.default_rng(2), 0
    for text in ("23", "62", "36", "82", "93", "20", "67") * 3:
        strokes = written(compose(hands, rng, letters_of(text), "normal"), "", "", rng).strokes
        with suppress(NothingToRead):
            right += read_strokes([[at for stroke in strokes for at in stroke]], recogniser).text == text
    assert right > 15
