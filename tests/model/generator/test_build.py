from pathlib import Path

import numpy as np
import pytest

from model.generator.build import Generated, build, draw_batch, load, normalised, save, tasks
from model.generator.contact_sheet import contact_sheet
from model.generator.items import Item
from model.generator.kinds import KINDS, Kind
from model.generator.materials import Materials
from model.ink import NormalisedInk
from model.training.data import NO_DIGIT, DataError

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
    assert generated.images.shape == (12 * len(WITHOUT_CHEQUES), 28, 28)
    assert generated.images.dtype == np.uint8
    assert generated.images.max(axis=(1, 2)).min() > 60
    for kind in WITHOUT_CHEQUES:
        labels = generated.labels[generated.of_kind(kind.name)]
        assert len(labels) == 12
        assert (labels >= 0).all() if kind.digit else (labels == NO_DIGIT).all()


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(materials: Materials, generated: Generated) -> None:
    again = built(materials, workers=2)
    np.testing.assert_array_equal(again.images, generated.images)
    np.testing.assert_array_equal(again.labels, generated.labels)
    np.testing.assert_array_equal(again.groups, generated.groups)


@pytest.mark.slow
def test_another_seed_gives_other_items(materials: Materials, generated: Generated) -> None:
    assert (built(materials, seed=1).images != generated.images).any()


def test_what_is_saved_is_loaded(generated: Generated, tmp_path: Path) -> None:
    save(generated, tmp_path / "new" / "train.npz")
    again = load(tmp_path / "new" / "train.npz")
    assert again.names == generated.names
    np.testing.assert_array_equal(again.images, generated.images)
    np.testing.assert_array_equal(again.kinds, generated.kinds)


def test_tasks_hold_all_items_and_no_more() -> None:
    for share in (0.01, 0.3, 1.0):
        todo = tasks(KINDS, "validation", share)
        assert sum(task.items for task in todo) == sum(round(share * kind.held_out) for kind in KINDS)
        assert min(task.items for task in todo) > 0


def test_ink_that_got_lost_is_dropped() -> None:
    digit = np.zeros((40, 40), np.uint8)
    digit[8:32, 12:28] = 255
    digit[14:26, 17:23] = 0
    other = np.zeros((40, 40), np.uint8)
    other[18:22, 5:35] = 255
    assert normalised(Item(0, 0, pixels=digit, clean=digit)) is not None
    assert normalised(Item(0, 0, pixels=other, clean=digit)) is None


def test_of_dark_and_light_ink_the_one_like_the_clean_ink_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    ring, dash = np.zeros((28, 28), np.uint8), np.zeros((28, 28), np.uint8)
    ring[4:24, 8:20], ring[8:20, 12:16], dash[12:16, 4:24] = 255, 0, 255
    box = (0.0, 0.0, 28.0, 28.0)
    ink = NormalisedInk(dash, box, 1, other=NormalisedInk(ring, box, 1), log_odds=1.0)
    monkeypatch.setattr("model.generator.build.normalise_pixels", lambda _: ink)
    for clean, field in ((ring, ring), (dash, dash), (None, dash)):
        np.testing.assert_array_equal(normalised(Item(0, 0, pixels=dash, clean=clean)), field)


def test_the_test_part_keeps_what_the_normaliser_lost() -> None:
    blank, other = np.full((30, 30), 255, np.uint8), np.zeros((40, 40), np.uint8)
    other[18:22, 5:35] = 255
    assert normalised(Item(7, 0, pixels=blank)) is None
    lost = normalised(Item(7, 0, pixels=blank), checked=False)
    assert lost is not None
    assert not lost.any()
    assert normalised(Item(0, 0, pixels=other, clean=np.flipud(other.T)), checked=False) is not None
    # What shall be no digit is checked all the same: a label that may be wrong measures nothing.
    assert normalised(Item(NO_DIGIT, 0, pixels=blank), checked=False) is None


def test_an_upright_bar_is_never_among_the_others() -> None:
    bar = np.zeros((40, 40), np.uint8)
    bar[5:35, 18:22] = 255
    assert normalised(Item(1, 0, pixels=bar)) is not None
    assert normalised(Item(NO_DIGIT, 0, pixels=bar)) is None


def test_a_source_that_gives_nothing_says_so() -> None:
    blank = np.full((30, 30), 255, np.uint8)
    with pytest.raises(DataError, match="0 of 3 items"):
        draw_batch(lambda _: Item(1, 0, pixels=blank), 3, np.random.default_rng(0))


def test_kinds_have_names_of_their_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(kind.train > 0 and kind.held_out > 0 for kind in KINDS)


def test_a_contact_sheet_shows_raw_items_and_fields(materials: Materials) -> None:
    rng = np.random.default_rng(0)
    items = [kind.make(materials)(rng) for kind in WITHOUT_CHEQUES]
    sheets = [contact_sheet(some) for some in (items[:8], items[8:16], items[:9])]
    assert sheets[0].size == sheets[1].size
    assert sheets[0].tobytes() != sheets[1].tobytes()
    assert sheets[2].height == 2 * sheets[0].height
