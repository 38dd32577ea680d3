"""The published network: its input, its outputs, its posterior, its first weights."""

import torch

from model.networks.family import build
from model.networks.lecun1998 import C3_TABLE
from model.networks.lenet5_1998 import LeNet5Of1998, log_posterior


def network(seed: int = 0) -> LeNet5Of1998:
    built = build("lenet5-1998", seed=seed)
    assert isinstance(built, LeNet5Of1998)
    return built.eval()


def test_background_and_ink_are_the_paper_s() -> None:
    field = torch.zeros(1, 1, 32, 32)
    field[..., 16, 16] = 1
    given = network().layers(field)["input"]
    torch.testing.assert_close(given.min(), torch.tensor(-0.1))
    torch.testing.assert_close(given.max(), torch.tensor(1.175))


def test_logits_are_minus_the_squared_distance_to_each_bitmap() -> None:
    net = network()
    logits, f6 = net.features(torch.rand(5, 1, 32, 32))
    distances = (f6[:, None] - net.output.codes).square().sum(-1)
    torch.testing.assert_close(logits, -distances, rtol=1e-4, atol=1e-3)
    assert (logits <= 0).all()
    assert net.output(net.output.codes).diagonal().tolist() == [0.0] * 10


def test_the_posterior_has_the_rubbish_class_last() -> None:
    logits = -torch.tensor([[1.0] + [40.0] * 9, [30.0] * 10])
    posterior = log_posterior(logits, 10.0).exp()
    torch.testing.assert_close(posterior.sum(1), torch.ones(2))
    assert posterior[0, 0] > 0.999
    assert posterior[1, 10] > 0.999
    torch.testing.assert_close(posterior[0, 0] / posterior[0, 10], torch.tensor(9.0).exp())


def test_first_weights_are_uniform_within_the_fan_in() -> None:
    net = network(seed=3)
    for parameter, fan_in in (
        (net.C1.weight, 25),
        (net.C5.weight, 400),
        (net.F6.weight, 120),
        (net.S2.coefficient, 4),
    ):
        bound = 2.4 / fan_in
        assert parameter.abs().max() <= bound
        assert parameter.abs().max() > 0.5 * bound
    first = 0
    for row in C3_TABLE:
        kernels = net.C3.kernels[first : first + len(row)]
        bound = 2.4 / (25 * len(row))
        assert 0.9 * bound < kernels.abs().max() <= bound
        first += len(row)
