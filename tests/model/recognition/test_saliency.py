"""The ink that decides is the ink that is shown to speak."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.checkpoints.metadata import Metadata
from model.recognition import Recogniser
from model.recognition.saliency import saliency


class Watcher:
    """An engine whose logit for 3 is the ink in one place less that in another, and 0 for all else."""

    name = "watcher"
    device = "cpu"
    metadata = Metadata("lenet5", 28, 61_706, 429_342)

    def run(self, fields: NDArray[np.uint8]) -> tuple[NDArray[np.float32], None]:
        logits = np.zeros((len(fields), 10), np.float32)
        logits[:, 3] = (
            0.01 + fields[:, 4:8, 4:8].mean(axis=(1, 2)) - fields[:, 20:24, 20:24].mean(axis=(1, 2)) / 2
        )
        return logits, None

    def layers(self, fields: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        return {}


def field(*places: tuple[int, int]) -> NDArray[np.uint8]:
    pixels = np.zeros((28, 28), np.uint8)
    for y, x in places:
        pixels[y : y + 4, x : x + 4] = 200
    return pixels


def test_ink_for_and_against_and_ink_that_does_not_matter() -> None:
    shown = saliency(Recogniser(Watcher(), Path("watcher")), field((4, 4), (20, 20), (4, 20)))
    assert shown.shape == (28, 28)
    assert shown.dtype == np.float32
    assert shown[4:8, 4:8].min() > 0
    assert shown[20:24, 20:24].max() < 0
    assert np.abs(shown[4:8, 20:24]).max() < 1e-6
    assert np.abs(shown).max() == 1
    assert abs(shown[4:8, 4:8].mean()) > abs(shown[20:24, 20:24].mean())


def test_an_empty_field_says_nothing() -> None:
    assert not saliency(Recogniser(Watcher(), Path("watcher")), field()).any()


def test_ink_at_the_very_edge_counts() -> None:
    pixels = field()
    pixels[4:8, 0] = pixels[0, 4:8] = 255
    assert np.isfinite(saliency(Recogniser(Watcher(), Path("watcher")), pixels)).all()
