"""The family: its counts, its layers, its forms."""

import pytest
import torch

from model.networks.base import Network, total
from model.networks.family import build
from model.networks.normed import NormedLeNet5
from model.networks.presets import PRESETS, TEACHERS, preset_named

NAMES = [*PRESETS, *TEACHERS]
NORMED = [name for name in NAMES if preset_named(name).activation == "silu"]


def fields(network: Network, count: int = 3) -> torch.Tensor:
    size = network.preset.input_size
    return torch.rand(count, 1, size, size, generator=torch.Generator().manual_seed(0))


def after_some_training(name: str) -> Network:
    network = build(name, seed=1, form="training").train()
    optimiser = torch.optim.AdamW(network.parameters(), 0.01)
    given = fields(network, 32)
    for _ in range(6):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(given), torch.arange(32) % 10)
        torch.autograd.backward(loss)
        optimiser.step()
    return network.eval()


def test_the_published_network_has_the_published_counts() -> None:
    rows = build("lenet5-1998").table()
    found = {row.name: (row.output, row.parameters, row.connections) for row in rows}
    assert found == {
        "input": ((1, 32, 32), None, None),
        "C1": ((6, 28, 28), 156, 122_304),
        "S2": ((6, 14, 14), 12, 5_880),
        "C3": ((16, 10, 10), 1_516, 151_600),
        "S4": ((16, 5, 5), 32, 2_000),
        "C5": ((120,), 48_120, 48_120),
        "F6": ((84,), 10_164, 10_164),
        "output": ((10,), 0, 840),
    }
    assert total(rows) == (60_000, 340_908)


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "lenet5-1998"])
def test_the_textbooks_networks_have_their_parameters(name: str) -> None:
    network = build(name)
    parameters = 60_806 if name == "lenet5-tanh" else 61_706
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    assert total(network.table())[0] == parameters


def test_a_network_with_a_wrong_count_is_refused() -> None:
    network = build("lenet5-relu")
    network.register_parameter("surplus", torch.nn.Parameter(torch.zeros(1)))
    with pytest.raises(AssertionError, match="parameters beside the 61,706"):
        network.check_counts()


@pytest.mark.parametrize("name", NAMES)
def test_layers_have_their_textbook_names_and_agree_with_forward(name: str) -> None:
    network = build(name, seed=2).eval()
    given = fields(network)
    layers = network.layers(given)
    assert list(layers) == ["input", "C1", "S2", "C3", "S4", "C5", "F6", "output"]
    logits, f6 = network.features(given)
    assert logits.shape == (3, 10)
    assert torch.equal(network(given), logits)
    assert torch.equal(layers["output"], logits)
    assert torch.equal(layers["F6"], f6)
    assert layers["S4"].shape[2:] == (5, 5)


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_weights_and_leaves_the_random_state_alone(name: str) -> None:
    before = torch.random.get_rng_state()
    first, second, other = (build(name, seed=seed).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", NORMED)
def test_folding_gives_the_same_logits_in_the_preset_s_own_parameters(name: str) -> None:
    trained = after_some_training(name)
    assert isinstance(trained, NormedLeNet5)
    folded = trained.fold()
    assert not any(isinstance(module, type(trained.N2)) for module in folded.modules())
    assert sum(parameter.numel() for parameter in folded.parameters()) == trained.preset.parameters
    given = fields(trained, 16)
    torch.testing.assert_close(folded(given), trained(given), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(folded.features(given)[1], trained.features(given)[1], rtol=1e-4, atol=1e-4)


def test_folding_stays_exact_where_a_gain_would_have_become_negative() -> None:
    network = build("lenet5", seed=1, form="training").eval()
    assert isinstance(network, NormedLeNet5)
    with torch.no_grad():
        network.N2.log_gain.fill_(-20)
        network.N4.log_gain.uniform_(-3, 3)
    given = fields(network, 4)
    torch.testing.assert_close(network.fold()(given), network(given), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_learns(name: str) -> None:
    network = build(name, seed=1, form="training").train()
    torch.autograd.backward(network(fields(network, 16)).square().mean())
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.abs().max() > 0, key
