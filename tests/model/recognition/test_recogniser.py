"""From fields to answers: calibrated, checked, in order, and the same whatever computes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.checkpoints import checkpoint
from model.ink import InkError, NormalisedInk, normalise_image
from model.networks.lenet5_1998 import log_posterior
from model.networks.presets import LAYERS, PRESETS
from model.recognition import Answer, Recogniser
from model.recognition.recogniser import CHUNK
from tests.support import Digits, encoded


def some_fields(count: int = 5) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("name", PRESETS)
def test_both_engines_give_the_same(name: str, mnist: Digits) -> None:
    """After new weights: `python -m model export NAME`."""
    onnx, reference = (Recogniser.load(name, "cpu", engine) for engine in ("onnx", "torch"))
    assert (onnx.engine.name, reference.engine.name) == ("onnx", "torch")
    assert onnx.metadata == reference.metadata
    assert onnx.name == reference.name == name
    fields = np.concatenate([some_fields(9), mnist.images[:200]])
    ours, theirs = onnx.score(fields), reference.score(fields)
    np.testing.assert_allclose(ours.probabilities, theirs.probabilities, atol=1e-5)
    np.testing.assert_allclose(ours.digit_score, theirs.digit_score, atol=1e-5)
    layers, expected = onnx.layers(fields[10]), reference.layers(fields[10])
    assert tuple(layers) == tuple(expected) == LAYERS
    for layer, values in layers.items():
        assert values.shape == expected[layer].shape
        np.testing.assert_allclose(values, expected[layer], rtol=1e-4, atol=1e-4)
    assert (layers["C1"].shape, layers["F6"].shape) == ((6, 28, 28), (84,))


def test_a_device_with_little_room_takes_fewer_at_a_time(
    mnist: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = Recogniser.load("lenet5", "cpu", "torch")
    expected = recogniser.score(mnist.images[:300]).probabilities
    run, sizes = recogniser.engine.run, list[int]()

    def cramped(fields: NDArray[np.uint8]) -> object:
        if len(fields) > room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        sizes.append(len(fields))
        return run(fields)

    monkeypatch.setattr(recogniser.engine, "run", cramped)
    room = 40
    assert np.array_equal(recogniser.score(mnist.images[:300]).digits, expected.argmax(axis=1))
    assert max(sizes) == 32
    room = 0
    with pytest.raises(torch.OutOfMemoryError):
        recogniser.score(mnist.images[:300])


@pytest.mark.parametrize("name", ["lenet5", "lenet5-1998", "lenet5-relu"])
def test_scores_are_the_definitions(name: str, mnist: Digits) -> None:
    recogniser, loaded = Recogniser.load(name), checkpoint.load(name)
    recogniser.metadata = replace(recogniser.metadata, second_look=None, digit_scale=0.7, digit_offset=0.3)
    fields = mnist.images[:50].copy()
    given = torch.from_numpy(recogniser.network_input(fields))
    with torch.no_grad():
        logits, features = loaded.network.features(given[:, None].float() / 255)
        probabilities = torch.softmax(logits / loaded.metadata.temperature, 1)
        if loaded.digit_head is not None:
            odds = loaded.digit_head(features)
        elif name == "lenet5-1998":
            odds = torch.logit(1 - log_posterior(logits, recogniser.metadata.rubbish or 0)[:, 10].exp())
        else:
            odds = torch.logit(probabilities.double().amax(1))
    found = recogniser.score(fields)
    np.testing.assert_allclose(found.probabilities, probabilities.numpy(), atol=1e-5)
    np.testing.assert_allclose(found.digit_score, torch.sigmoid(0.7 * odds + 0.3).numpy(), atol=1e-3)
    np.testing.assert_allclose(found.probabilities.sum(1), 1, atol=1e-6)
    assert found.digits.tolist() == probabilities.argmax(1).tolist()
    assert found.probabilities.dtype == found.digit_score.dtype == np.float64


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_many_fields_are_scored_as_each_alone_and_in_order(engine: str, mnist: Digits) -> None:
    recogniser = Recogniser.load("lenet5", engine=engine)
    fields = np.concatenate([some_fields(10), mnist.images[: 2 * CHUNK]])
    together = recogniser.score(fields)
    assert together.probabilities.shape == (len(fields), 10)
    for index in (*range(40), CHUNK - 1, CHUNK, len(fields) - 1):
        alone = recogniser.score(fields[index : index + 1])
        np.testing.assert_allclose(together.probabilities[index], alone.probabilities[0], atol=1e-5)
        np.testing.assert_allclose(together.digit_score[index], alone.digit_score[0], atol=1e-5)


@pytest.mark.parametrize("name", ["lenet5", "lenet5-1998", "lenet5-relu"])
def test_no_fields_give_no_scores_and_no_ink_no_answers(name: str) -> None:
    recogniser = Recogniser.load(name)
    found = recogniser.score(some_fields(0))
    assert found.probabilities.shape == (0, 10)
    assert found.digit_score.shape == found.digits.shape == (0,)
    assert recogniser.answer([]) == recogniser.recognise([]) == []


@pytest.mark.parametrize(
    "fields",
    [np.zeros((1, 32, 32), np.uint8), np.zeros((28, 28), np.uint8), np.zeros((1, 28, 28), np.float32)],
)
def test_fields_of_another_form_are_refused(fields: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=r"fields are uint8 \(n, 28, 28\), not"):
        Recogniser.load("lenet5").score(fields)


def test_a_32x32_network_gets_a_border_of_background(mnist: Digits) -> None:
    recogniser = Recogniser.load("lenet5-1998")
    given = recogniser.network_input(mnist.images[:2])
    assert given.shape == (2, 32, 32)
    np.testing.assert_array_equal(given[:, 2:30, 2:30], mnist.images[:2])
    assert given.sum() == mnist.images[:2].sum()
    assert recogniser.layers(mnist.images[0])["input"].shape == (1, 32, 32)


def test_images_are_answered_in_order_and_errors_stand_in_their_places(mnist: Digits) -> None:
    recogniser = Recogniser.load("lenet5")
    files = [encoded(image) for image in (mnist.images[0], np.zeros((50, 50), np.uint8), mnist.images[1])]
    first, wrong, blank, second = recogniser.recognise([files[0], b"no image", *files[1:]])
    assert isinstance(wrong, InkError)
    assert isinstance(blank, InkError)
    assert wrong.__traceback__ is None  # it would hold the image's pixels
    expected = recogniser.answer([normalise_image(files[0]), normalise_image(files[2])])
    for found, answer, label in zip((first, second), expected, mnist.labels, strict=False):
        assert isinstance(found, Answer)
        assert found.digit == int(label)
        assert found.confidence == max(found.probabilities)
        assert sum(found.probabilities) == pytest.approx(1, abs=1e-12)
        assert found.probabilities == answer.probabilities
        assert found.ink.box == answer.ink.box


def test_the_threshold_is_the_checkpoint_s_or_the_caller_s(exported: Path) -> None:
    recogniser = Recogniser.load(exported)
    ink = NormalisedInk(some_fields()[0], (0, 0, 28, 28), 1)
    ((own,), (lax,), (strict,)) = (recogniser.answer([ink], accept) for accept in (None, 0.0, 1.0))
    assert own.is_digit is (own.digit_score >= recogniser.accept == 0.25)
    assert lax.is_digit
    assert not strict.is_digit
