from pathlib import Path

import numpy as np
import pytest

from model.training.data import NO_DIGIT, DataError
from model.training.data.sources import Batch, Mixture, Source, load_source


def source(
    name: str, n: int, label: int, *, copies: int = 1, weight: float = 1.0, logits: bool = False
) -> Source:
    """n images of which each pixel is the image's number, plus 100 for each copy."""
    images = np.arange(n)[None, :, None, None] + 100 * np.arange(copies)[:, None, None, None]
    whole = np.zeros((copies, n, 28, 28), np.uint8) + images.astype(np.uint8)
    said = np.tile(np.arange(n, dtype=np.float16)[None, :, None], (copies, 1, 10)) if logits else None
    return Source(name, whole, np.full(n, label), weight, logits=said)


def numbers(batch: Batch) -> list[int]:
    return (batch.fields[:, 0, 0, 0] * 255).round().int().tolist()


def walk(pass_: int, seed: int = 0, start: int = 0) -> list[int]:
    mixture = Mixture([source("a", 20, 1)], 5, seed)
    assert mixture.steps == 4
    return [n for batch in mixture.batches(pass_, start) for n in numbers(batch)]


def test_a_pass_shows_every_image_once_in_an_order_of_its_own_from_any_batch_on() -> None:
    assert sorted(walk(0)) == list(range(20))
    assert walk(3) == walk(3)
    assert walk(0) != walk(1)
    assert walk(0) != walk(0, seed=1)
    assert walk(2, start=1) == walk(2)[5:]


def test_each_batch_has_each_source_by_its_weight() -> None:
    mixture = Mixture([source("a", 30, 1, weight=3), source("b", 7, NO_DIGIT, weight=1)], 8, 0)
    for batch in mixture.batches(0):
        assert batch.labels.tolist().count(1) == 6
        assert batch.labels.tolist().count(NO_DIGIT) == 2


def test_a_small_source_is_walked_through_again() -> None:
    mixture = Mixture([source("a", 40, 1), source("b", 3, 2)], 8, 0)
    assert all(batch.labels.tolist().count(2) == 4 for batch in mixture.batches(0))


def test_copies_take_turns_and_every_image_has_its_own_turn_and_logits() -> None:
    mixture = Mixture([source("a", 20, 1, copies=2, logits=True)], 5, 0)
    batches = [list(mixture.batches(p)) for p in range(2)]
    passes = [[n for batch in one for n in numbers(batch)] for one in batches]
    assert sorted(n % 100 for n in passes[0]) == list(range(20))
    assert sorted(passes[0] + passes[1]) == [*range(20), *range(100, 120)]
    assert len({n // 100 for n in passes[0]}) == 2
    said = [n for batch in batches[0] for n in batch.logits[:, 0].tolist()]
    assert said == [n % 100 for n in passes[0]]


def test_images_that_no_teacher_was_asked_about_have_no_logits() -> None:
    batch = next(Mixture([source("a", 20, 1, logits=True), source("b", 20, 2)], 4, 0).batches(0))
    assert (
        batch.logits.isnan().all(dim=1).tolist() == (batch.labels == 2).tolist() == [False, False, True, True]
    )
    assert batch.logits[:2, 0].tolist() == numbers(batch)[:2]


def test_a_source_without_a_place_in_a_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        Mixture([source("a", 4, 1, weight=0.01), source("b", 4, 1)], 4, 0)


def test_a_batch_is_no_larger_than_what_there_is() -> None:
    mixture = Mixture([source("a", 30, 1, weight=3), source("b", 7, 2)], 100_000, 0)
    (batch,) = mixture.batches(0)
    assert batch.labels.tolist().count(1) == 30
    assert batch.labels.tolist().count(2) == 10
    assert sorted(numbers(batch)[:30]) == list(range(30))


def test_a_source_has_the_weight_asked_for_if_it_is_above_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, images=np.zeros((4, 28, 28), np.uint8), labels=np.arange(4))
    assert load_source(f"{path}=0.25", distort=True).weight == 0.25
    plain = load_source(str(path), distort=False)
    assert (plain.name, plain.weight, plain.distort, plain.images.shape) == ("a", 1.0, False, (1, 4, 28, 28))
    for weight in ("0", "-1", "much", "nan"):
        with pytest.raises(DataError, match="not a weight above 0"):
            load_source(f"{path}={weight}", distort=True)
