"""Kinds of digits and other things, gathered and weighed."""

import numpy as np
import pytest

from model.training.data import LabelledImages
from model.training.rejection.kinds import balanced, gather, kinds_of


def part(
    labels: list[int], kinds: list[int] | None = None, names: tuple[str, ...] | None = None
) -> LabelledImages:
    images = np.zeros((len(labels), 28, 28), np.uint8)
    return LabelledImages(images, np.array(labels), None if kinds is None else np.array(kinds), names)


def test_kinds_of_several_files_are_gathered_by_name() -> None:
    found = gather(
        {
            "validation": part([1, -1, 2], [0, 1, 0], ("canvas-writers", "scribbles")),
            "segments-validation": part([-1, 3]),
            "more": part([-1], [0], ("scribbles",)),
        }
    )
    assert found.group_names == ("canvas-writers", "scribbles", "segments-validation")
    assert {name: index.tolist() for name, index in kinds_of(found, digits=True).items()} == {
        "canvas-writers": [0, 2],
        "segments-validation": [4],
    }
    assert {name: index.tolist() for name, index in kinds_of(found, digits=False).items()} == {
        "scribbles": [1, 5],
        "segments-validation": [3],
    }


def test_every_kind_weighs_the_same() -> None:
    index, weights = balanced({"a": np.array([5]), "b": np.array([1, 2, 3, 4])})
    assert index.tolist() == [5, 1, 2, 3, 4]
    assert weights == pytest.approx([1 / 2, *[1 / 8] * 4])
