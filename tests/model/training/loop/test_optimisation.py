import pytest
import torch
from torch import nn

from model.training.loop.optimisation import WARM_UP, Average, rate


def test_cosine_falls_from_one_over_a_half_to_nothing() -> None:
    assert [rate("cosine", progress) for progress in (0, 0.5, 1)] == pytest.approx([1, 0.5, 0])


def test_one_cycle_rises_and_then_falls() -> None:
    assert rate("one-cycle", 0) == pytest.approx(1 / 25)
    assert rate("one-cycle", WARM_UP) == pytest.approx(1)
    assert rate("one-cycle", 1) == pytest.approx(0)
    rising = [rate("one-cycle", WARM_UP * i / 10) for i in range(11)]
    falling = [rate("one-cycle", WARM_UP + (1 - WARM_UP) * i / 10) for i in range(11)]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)


def test_an_unknown_schedule_is_named() -> None:
    with pytest.raises(ValueError, match="no schedule 'steps'"):
        rate("steps", 0.5)


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


def test_counters_are_taken_over_and_the_module_is_left_alone() -> None:
    module = nn.BatchNorm1d(3)
    average = Average(module, decay=0.9)
    module(torch.randn(8, 3))
    before = module.running_mean.clone() if module.running_mean is not None else None
    average.update(module)
    assert average.state["num_batches_tracked"].item() == 1
    assert before is not None
    torch.testing.assert_close(module.running_mean, before)
