import pytest
import torch
from torch import nn

from model.training.loop.averaging import Average


def test_the_average_by_hand() -> None:
    module = nn.Linear(1, 1, bias=False)
    nn.init.constant_(module.weight, 0.0)
    average = Average(module, decay=0.5)
    nn.init.constant_(module.weight, 1.0)
    average.update(module)  # decay min(0.5, 2/11)
    assert average.state["weight"].item() == pytest.approx(9 / 11)
    for _ in range(20):
        average.update(module)
    assert average.state["weight"].item() == pytest.approx(1, abs=1e-4)


def test_the_decay_is_reached() -> None:
    module = nn.Linear(1, 1, bias=False)
    nn.init.constant_(module.weight, 1.0)
    average = Average(module, decay=0.9)
    for _ in range(200):
        average.update(module)
    nn.init.constant_(module.weight, 0.0)
    average.update(module)
    assert average.state["weight"].item() == pytest.approx(0.9, abs=1e-3)


def test_counters_are_taken_over_and_the_module_is_left_alone() -> None:
    module = nn.BatchNorm1d(3)
    average = Average(module, decay=0.9)
    module(torch.randn(8, 3))
    before = module.running_mean.clone() if module.running_mean is not None else None
    average.update(module)
    assert average.state["num_batches_tracked"].item() == 1
    assert before is not None
    torch.testing.assert_close(module.running_mean, before)
