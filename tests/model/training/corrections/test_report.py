from pathlib import Path

import numpy as np
import pytest
import torch

from model.checkpoints import checkpoint
from model.training.corrections.database import Corrections
from model.training.corrections.report import MOST_NAMED, compare
from model.training.data import LabelledImages


@pytest.mark.parametrize("wrong", [1, MOST_NAMED + 5])
def test_before_and_after_are_counted_and_what_is_still_misread_is_named(
    mnist_test: LabelledImages, wrong: int
) -> None:
    """Digits that both networks read right, and as many with a wrong label as are to be misread."""
    sure = mnist_test.take(np.arange(40, 50 + MOST_NAMED))
    labels = sure.labels.copy()
    labels[:wrong] = (labels[:wrong] + 1) % 10
    n = len(labels)
    corrections = Corrections(Path("c.db"), LabelledImages(sure.images, labels), np.arange(n) + 1, {}, 0)
    before, after = checkpoint.load("lenet5-relu"), checkpoint.load("lenet5")
    table, misread = compare(before, after, corrections, {"test": sure}, torch.device("cpu"))
    assert table.header == ("", "before", "after")
    assert table.rows == (
        ("corrections read right", *[f"{n - wrong} of {n}"] * 2),
        ("corrections taken for digits", *[f"{n} of {n}"] * 2),
        ("test part", "100.00%", "100.00%"),
    )
    assert misread.startswith(f"1 ({labels[0]}, read as {sure.labels[0]})")
    assert misread.endswith(" and 5 more") is (wrong > MOST_NAMED)
