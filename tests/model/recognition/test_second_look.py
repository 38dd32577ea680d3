"""What the first look leaves unsure is looked at again; what it is sure of is left as it is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn.functional import affine_grid, grid_sample, max_pool2d

from model.recognition import Recogniser
from model.recognition.second_look import BLEND, LEAN, SIGHTS, TURN, doubt, look_again, sights
from tests.model.conftest import Measured
from tests.support import Digits

CERTAIN = 0.97


def logits_of(*probabilities: float) -> NDArray[np.float32]:
    """Logits whose highest probability is as asked for, the rest sharing what is left."""
    rows = [[highest, *[(1 - highest) / 9] * 9] for highest in probabilities]
    return np.log(rows).astype(np.float32)


class Network:
    """Gives the same answer for every sight and counts what it was shown."""

    def __init__(self, digit: int, head: float | None = None) -> None:
        self.answer = np.where(np.arange(10) == digit, 8.0, 0.0).astype(np.float32)
        self.head = head
        self.shown: list[int] = []

    def __call__(self, fields: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        self.shown.append(len(fields))
        head = None if self.head is None else np.full(len(fields), self.head, np.float32)
        return np.tile(self.answer, (len(fields), 1)), head


def test_sights_are_what_torch_makes_of_the_same_transforms(mnist: Digits) -> None:
    fields = mnist.images[:20]
    ink = torch.tensor(fields)[:, None].float()
    cos, sin = float(np.cos(TURN)), float(np.sin(TURN))
    turned = [[cos, sin, 0.0], [-sin, cos, 0.0]]
    leaned = [[1.0, -LEAN, 0.0], [0.0, 1.0, 0.0]]

    def moved(matrix: list[list[float]]) -> torch.Tensor:
        grid = affine_grid(
            torch.tensor([matrix], dtype=torch.float32).expand(len(ink), 2, 3), list(ink.shape), False
        )
        return grid_sample(ink, grid, align_corners=False)

    expected = [
        (-max_pool2d(-ink, 3, 1, 1) + ink) / 2,
        (max_pool2d(ink, 3, 1, 1) + ink) / 2,
        moved(turned),
        moved(leaned),
    ]
    seen = sights(fields)
    assert seen.shape == (SIGHTS, *fields.shape)
    for found, wanted in zip(seen, expected, strict=True):
        np.testing.assert_allclose(found, wanted[:, 0].numpy(), atol=0.6)


def test_the_sure_are_left_alone_and_nothing_runs() -> None:
    network = Network(3, head=1.0)
    logits = logits_of(0.971, 1 - 1e-6)
    head = np.zeros(2, np.float32)
    found = look_again(np.zeros((2, 28, 28), np.uint8), logits, head, network, CERTAIN)
    assert found[0] is logits
    assert found[1] is head
    assert network.shown == []


def test_the_unsure_get_the_mean_of_all_sights_and_no_one_else() -> None:
    network = Network(3, head=5.0)
    logits, head = logits_of(0.999, 0.5, 0.9999), np.zeros(3, np.float32)
    before = logits.copy()
    again, scores = look_again(np.zeros((3, 28, 28), np.uint8), logits, head, network, CERTAIN)
    assert network.shown == [SIGHTS]
    np.testing.assert_array_equal(logits, before)
    np.testing.assert_array_equal(again[[0, 2]], before[[0, 2]])
    np.testing.assert_allclose(again[1], (before[1] + SIGHTS * network.answer) / (SIGHTS + 1), rtol=1e-5)
    assert scores is not None
    np.testing.assert_allclose(scores, [0, SIGHTS, 0])


def test_a_network_without_digit_head_looks_again_too() -> None:
    network = Network(3)
    again, scores = look_again(
        np.zeros((20, 28, 28), np.uint8), logits_of(*[0.4] * 20), None, network, CERTAIN
    )
    assert network.shown == [SIGHTS * 20]
    assert scores is None
    assert (again.argmax(axis=1) == 3).all()


def test_doubt_grows_gradually_so_that_rounding_decides_nothing() -> None:
    highest = np.linspace(CERTAIN - 2 * BLEND, 1 - 1e-5, 400)
    found = doubt(logits_of(*highest), CERTAIN)
    assert found[0] == 1
    assert found[-1] == 0
    assert (np.diff(found) <= 0).all()
    assert np.abs(np.diff(found)).max() < 0.01


def test_a_recogniser_looks_again_where_its_checkpoint_says_so(mnist: Digits) -> None:
    recogniser, images = Recogniser.load("lenet5"), mnist.images[:500]
    assert recogniser.metadata.second_look == CERTAIN
    unsure = doubt(recogniser.engine.run(images)[0], CERTAIN) > 0
    found = recogniser.score(images).probabilities
    recogniser.metadata = replace(recogniser.metadata, second_look=None)
    changed = np.abs(found - recogniser.score(images).probabilities).max(axis=1) > 1e-6
    np.testing.assert_array_equal(changed, unsure)
    assert 0 < changed.mean() < 0.1


@pytest.mark.parametrize("name", ["lenet5", "lenet5-mnist"])
def test_the_second_look_makes_fewer_errors(
    name: str, measured: Callable[[str], Measured], mnist: Digits
) -> None:
    found = measured(name)
    first = int((found.first.argmax(axis=1) != mnist.labels).sum())
    assert int((found.scores.digits != mnist.labels).sum()) < first
