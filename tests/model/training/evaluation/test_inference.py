import numpy as np
import pytest
import torch

from model.networks.family import build
from model.training.data import LabelledImages
from model.training.evaluation.inference import fit_size, run_network

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
    assert run_network(network, images[:0], CPU)[0].shape == (0, 10)
