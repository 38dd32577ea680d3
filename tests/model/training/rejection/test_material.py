"""Kinds of digits and other things, gathered and weighed."""

import numpy as np
import pytest

from model.training.data import LabelledImages
from model.training.rejection.material import balanced, gather, group_of, grouped, kinds_of, sample


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


def test_kinds_belong_to_groups_by_their_first_word() -> None:
    assert group_of("photos-pen") == "photographs"
    assert group_of("pairs") == "several digits"
    assert group_of("corrections") == "corrections"
    kinds = {name: np.array([0]) for name in ("letters-hand", "shapes", "letters-printed")}
    assert grouped(kinds) == {
        "letters": ["letters-hand", "letters-printed"],
        "scribbles and shapes": ["shapes"],
    }


def test_every_kind_that_is_generated_has_a_group() -> None:
    from model.generator.kinds import KINDS

    # "pictures" is a kind and a group.
    assert [kind.name for kind in KINDS if group_of(kind.name) == kind.name] == ["pictures"]


def test_a_sample_has_as_many_of_both_sides_and_is_repeatable() -> None:
    whole = part([3] * 50 + [-1] * 200)
    found = sample(whole, 60)
    assert (found.labels >= 0).sum() == 50
    assert (found.labels < 0).sum() == 60
    assert (sample(whole, 60).labels == found.labels).all()
