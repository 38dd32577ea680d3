from pathlib import Path

import numpy as np

from model.training.corrections.database import Corrections
from model.training.corrections.report import Answers, Change
from model.training.data import LabelledImages


def change() -> Change:
    part = LabelledImages(np.zeros((4, 28, 28), np.uint8), np.array([4, 4, 7, 1]))
    corrections = Corrections(Path("somewhere/c.db"), part, np.array([2, 3, 5, 8]), {"no ink": 2}, 1)
    before = Answers(np.array([9, 9, 7, 7]), np.array([True, False, True, False]), {"test": 0.5})
    after = Answers(np.array([4, 4, 7, 7]), np.array([True, True, True, False]), {"test": 0.25})
    return Change(corrections, before, after)


def test_before_and_after_are_counted() -> None:
    assert change().table().rows == (
        ("corrections read right", "1 of 4", "3 of 4"),
        ("corrections taken for digits", "2 of 4", "3 of 4"),
        ("test part", "50.00%", "25.00%"),
    )


def test_what_is_still_misread_is_named() -> None:
    assert change().misread() == "8 (1, read as 7)"
    many = LabelledImages(np.zeros((25, 28, 28), np.uint8), np.ones(25, np.int64))
    answers = Answers(np.full(25, 7), np.ones(25, bool), {})
    whole = Change(Corrections(Path("c.db"), many, np.arange(25), {}, 0), answers, answers)
    assert whole.misread().endswith("18 (1, read as 7), 19 (1, read as 7) and 5 more")


def test_the_file_says_the_same_and_no_folder() -> None:
    found = change().to_json()
    assert found["file"] == "c.db"
    assert (found["images"], found["skipped"], found["replaced"]) == (4, {"no ink": 2}, 1)
    assert found["before"] == {"right": 1, "digits": 2, "test": 0.5}
    assert found["after"] == {"right": 3, "digits": 3, "test": 0.25}
    assert found["misread"] == [8]
