"""Accuracy and rejection by kind: the pictures, and what is counted."""

import numpy as np
import pytest

from model.generator.evaluation import Outcome, answers, evaluate_kinds, figures
from model.generator.items import Item
from model.generator.kinds import KINDS
from model.generator.materials import Materials
from model.recognition import Recogniser
from model.training.data import NO_DIGIT

LEAST_RIGHT = {
    "mnist-disguised": 0.97, "coarse-scans": 0.95, "drawings-28": 0.95, "scans-boxed": 0.93,
    "photos-pen": 0.95, "cells-bordered": 0.85, "cells-framed": 0.85, "registers": 0.85,
    "sheets-on-desks": 0.92, "boxed": 0.93, "ringed": 0.85, "plates": 0.85, "pens-in-view": 0.9,
    "pale-on-grey": 0.93, "markers": 0.95,
}  # fmt: skip
"""Each kind for which the normaliser has a rule, and the share of its digits that are read right at least."""

WITHOUT_CHEQUES = tuple(kind for kind in KINDS if "cheques" not in kind.name)


def test_answers_are_counted_as_right_accepted_rejected_without_ink_and_sure_and_wrong() -> None:
    of_three = [(3, 0.9, True), (3, 0.9, False), (5, 0.96, True), (5, 0.96, False), (None, 0.0, False)]
    found = figures("some", [Outcome(3, *answer) for answer in of_three])
    assert (found.pictures, found.right, found.accepted, found.rejected) == (5, 0.4, 0.4, 0.4)
    assert found.no_ink == pytest.approx(0.2)
    assert found.sure_and_wrong == 0.2
    assert found.ece == pytest.approx((0.1 + 0.96) / 2)
    of_nothing = [(3, 0.99, True), (3, 0.6, True), (3, 0.99, False), (None, 0.0, False)]
    found = figures("some", [Outcome(NO_DIGIT, *answer) for answer in of_nothing])
    assert (found.right, found.accepted, found.sure_and_wrong, found.no_ink) == (0.0, 0.5, 0.25, 0.25)


def test_an_item_is_answered_as_a_user_is() -> None:
    stroke = np.stack([np.full(20, 0.5), np.linspace(0.1, 0.9, 20)], axis=1)
    pixels = np.full((60, 60, 3), 230, np.uint8)
    pixels[10:50, 28:33] = (20, 20, 120)
    items = [Item(1, 0, strokes=[stroke]), Item(1, 0, pixels=np.zeros((20, 20), np.uint8))]
    drawn, blank, photo = answers([*items, Item(1, 0, pixels=pixels)], Recogniser.load("lenet5"))
    assert (drawn.digit, drawn.is_digit) == (photo.digit, photo.is_digit) == (1, True)
    assert blank == Outcome(1, None, 0.0, False)


@pytest.mark.slow
def test_every_kind_is_measured(materials: Materials) -> None:
    done: list[int] = []
    first = evaluate_kinds(materials, WITHOUT_CHEQUES, per_kind=6, progress=done.append)
    assert sum(done) == 6 * len(WITHOUT_CHEQUES)
    names = [row.kind for row in first["digits"]] + [row.kind for row in first["others"]]
    assert names == [
        *(kind.name for kind in WITHOUT_CHEQUES if kind.digit), "all",
        *(kind.name for kind in WITHOUT_CHEQUES if not kind.digit), "all",
    ]  # fmt: skip
    assert first["digits"][-1].right > 0.9
    assert first["others"][-1].accepted < 0.3


@pytest.mark.slow
def test_what_the_normaliser_has_rules_for_is_read(materials: Materials) -> None:
    kinds = [kind for kind in KINDS if kind.name in LEAST_RIGHT]
    report = evaluate_kinds(materials, kinds, per_kind=60)
    right = {row.kind: row.right for row in report["digits"][:-1]}
    assert right.keys() == LEAST_RIGHT.keys()
    assert {kind: share for kind, share in right.items() if share < LEAST_RIGHT[kind]} == {}
