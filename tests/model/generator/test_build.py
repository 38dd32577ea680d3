from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.generator.build import (
    UNTOLD,
    Generated,
    build,
    inks_of,
    joined,
    labels_of,
    learnable,
    load,
    save,
)  # fmt: skip
from model.generator.contact_sheet import contact_sheet
from model.generator.items import Item
from model.generator.kinds import KINDS, Kind
from model.generator.materials import Materials
from model.recognition import Recogniser
from model.training.data import NO_DIGIT
from tests.support import Digits

WITHOUT_CHEQUES = tuple(
    Kind(kind.name, 12, 6, kind.make, kind.digit) for kind in KINDS if "cheques" not in kind.name
)


def built(materials: Materials, workers: int = 1, seed: int = 0) -> Generated:
    steps: list[int] = []
    result = build(materials, WITHOUT_CHEQUES, workers=workers, seed=seed, progress=steps.append)
    assert steps == [12] * len(WITHOUT_CHEQUES)
    return result


@pytest.fixture(scope="module")
def generated(materials: Materials) -> Generated:
    return built(materials)


def test_every_kind_gives_what_it_promises(generated: Generated) -> None:
    assert generated.images.shape[1:] == (28, 28)
    assert generated.images.dtype == np.uint8
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for kind in WITHOUT_CHEQUES:
        truths = generated.truths[generated.of_kind(kind.name)]
        assert (truths >= 0).all() if kind.digit else (truths == NO_DIGIT).all()
        if kind.digit:
            shown = generated.of_kind(kind.name) & (generated.labels >= 0)
            assert len(set(generated.pictures[shown].tolist())) >= 8
    assert len(set(generated.pictures.tolist())) > 0.9 * 12 * len(WITHOUT_CHEQUES)


def test_of_each_picture_some_proposals_are_learned_from(generated: Generated) -> None:
    learned = learnable(generated, np.random.default_rng(0))
    assert set(learned.labels.tolist()) == set(range(-1, 10))
    for label in (learned.labels >= 0, learned.labels == NO_DIGIT):
        assert np.unique(learned.pictures[label], return_counts=True)[1].max() == 2
    assert (learned.labels[learned.labels >= 0] == learned.truths[learned.labels >= 0]).all()


@pytest.mark.slow
def test_the_seed_alone_tells_what_is_made(materials: Materials, generated: Generated) -> None:
    again = built(materials, workers=2)
    for name in ("images", "labels", "groups"):
        np.testing.assert_array_equal(getattr(again, name), getattr(generated, name))
    assert not np.array_equal(built(materials, seed=1).images, generated.images)


def test_several_saved_runs_are_joined_by_the_names_of_their_kinds(
    generated: Generated, tmp_path: Path
) -> None:
    some = generated.take(generated.of_kind("plates"))
    other = replace(some, names=tuple(reversed(some.names)), kinds=len(some.names) - 1 - some.kinds)
    save(generated, tmp_path / "new" / "train.npz")
    both = joined([load(tmp_path / "new" / "train.npz"), other])
    assert len(both) == len(generated) + len(some)
    assert both.of_kind("plates").sum() == 2 * len(some)
    pictures = len(set(generated.pictures.tolist())) + len(set(some.pictures.tolist()))
    assert len(set(both.pictures.tolist())) == pictures
    np.testing.assert_array_equal(both.images[-len(some) :], some.images)


def labels(item: Item, recogniser: Recogniser) -> list[int]:
    return labels_of(item, np.stack([ink.field for ink in inks_of(item)]), recogniser)


def test_the_ink_that_is_meant_tells_what_shows_the_digit(mnist: Digits, recogniser: Recogniser) -> None:
    picture = np.pad(mnist.images[0], 10).repeat(4, axis=0).repeat(4, axis=1)
    other = np.zeros((40, 40), np.uint8)
    other[18:22, 5:35] = 255
    seven = int(mnist.labels[0])
    assert labels(Item(seven, 0, pixels=picture, clean=mnist.images[0]), recogniser) == [seven]
    assert set(labels(Item(seven, 0, pixels=other, clean=mnist.images[0]), recogniser)) == {NO_DIGIT}
    # Where nothing is known of the ink, the network's word counts; and the first proposal, if none is read.
    assert labels(Item(seven, 0, pixels=picture), recogniser) == [seven]
    assert labels(Item(seven, 0, pixels=other), recogniser)[0] == seven


def test_an_upright_bar_does_not_tell_that_it_is_no_digit(recogniser: Recogniser) -> None:
    bar = np.zeros((40, 40), np.uint8)
    bar[5:35, 18:22] = 255
    assert labels(Item(NO_DIGIT, 0, pixels=bar), recogniser) == [UNTOLD]
    assert UNTOLD not in labels(Item(NO_DIGIT, 0, pixels=bar.T), recogniser)
    assert labels(Item(1, 0, pixels=bar), recogniser) == [1]


def test_one_of_a_pair_does_not_tell_that_it_is_no_digit(mnist: Digits, recogniser: Recogniser) -> None:
    picture = np.pad(mnist.images[0], 10).repeat(4, axis=0).repeat(4, axis=1)
    parts = (mnist.images[0], mnist.images[1])
    assert labels(Item(NO_DIGIT, 0, pixels=picture, parts=parts), recogniser) == [UNTOLD]
    assert inks_of(Item(NO_DIGIT, 0, pixels=np.full((30, 30), 255, np.uint8))) == []


def test_a_contact_sheet_shows_raw_items_and_fields(materials: Materials) -> None:
    rng = np.random.default_rng(0)
    items = [kind.make(materials)(rng) for kind in WITHOUT_CHEQUES]
    sheets = [contact_sheet(some) for some in (items[:8], items[8:16], items[:9])]
    assert sheets[0].size == sheets[1].size
    assert sheets[0].tobytes() != sheets[1].tobytes()
    assert sheets[2].height == 2 * sheets[0].height
