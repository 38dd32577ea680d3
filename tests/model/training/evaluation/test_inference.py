import numpy as np
import pytest
import torch

from model.networks.family import DigitHead, build
from model.training.data import LabelledImages
from model.training.evaluation.inference import area_under_roc, channels_last, fit_size, run_network, watch

CPU = torch.device("cpu")


def test_a_border_of_background_makes_28_into_32() -> None:
    fields = torch.rand(2, 1, 28, 28)
    framed = fit_size(fields, 32)
    assert framed.shape == (2, 1, 32, 32)
    assert torch.equal(framed[:, :, 2:30, 2:30], fields)
    assert framed.sum() == pytest.approx(fields.sum())
    assert fit_size(fields, 28) is fields


@pytest.mark.parametrize("preset", ["lenet5", "lenet5-1998"])
def test_batches_give_what_single_images_give(preset: str, mnist_test: LabelledImages) -> None:
    network = build(preset, 0).eval()
    images = mnist_test.images[:503]
    logits, scores = run_network(network, images, CPU)
    alone, _ = run_network(network, images[502:], CPU)
    assert scores is None
    assert logits.shape == (503, 10)
    np.testing.assert_allclose(logits[502:], alone, rtol=1e-4, atol=1e-4)


def test_no_images_give_no_answers() -> None:
    logits, _ = run_network(build("lenet5", 0), np.zeros((0, 28, 28), np.uint8), CPU)
    assert logits.shape == (0, 10)


def test_channels_last_changes_no_weight() -> None:
    network = build("lenet5", 0)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    channels_last(network)
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert network.get_parameter("C3.weight").is_contiguous(memory_format=torch.channels_last)


def test_area_under_roc_by_hand() -> None:
    """Of the four pairs of a positive and a negative, two are in order, one is a tie: 2.5 / 4."""
    scores, positive = np.array([0.9, 0.4, 0.4, 0.6]), np.array([True, True, False, False])
    assert area_under_roc(scores, positive) == pytest.approx(2.5 / 4)


def test_what_is_watched_leaves_out_what_is_no_digit(mnist_test: LabelledImages) -> None:
    network, head = build("lenet5", 0).eval(), DigitHead().eval()
    digits = mnist_test.take(np.arange(50))
    mixed = LabelledImages(mnist_test.images[:80], np.append(digits.labels, np.full(30, -1)))
    found, plain = watch(network, head, mixed, CPU), watch(network, None, digits, CPU)
    assert found.accuracy == plain.accuracy
    assert found.nll == pytest.approx(plain.nll, rel=1e-3)
    assert found.digit_auc is not None
    assert plain.digit_auc is None
    assert watch(network, head, digits, CPU).digit_auc is None
