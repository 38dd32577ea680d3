"""The layers that are the family's own, each against its definition."""

import torch

from model.networks.layers import DigitHead, PartialConvolution, Subsampling, scaled_tanh
from model.networks.lecun1998 import C3_TABLE
from model.networks.normed import PositiveNorm


def values(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_scaled_tanh_passes_through_one() -> None:
    found = scaled_tanh(torch.tensor([-1.0, 0.0, 1.0, 100.0]))
    torch.testing.assert_close(found, torch.tensor([-1.0, 0.0, 1.0, 1.7159]), rtol=0, atol=1e-4)


def test_subsampling_is_the_sum_of_four_times_a_coefficient_plus_a_bias() -> None:
    layer = Subsampling(2)
    with torch.no_grad():
        layer.coefficient.copy_(torch.tensor([2.0, -1.0]))
        layer.bias.copy_(torch.tensor([0.5, 3.0]))
    maps = torch.arange(16.0).view(1, 1, 4, 4).expand(3, 2, 4, 4)
    sums = torch.tensor([[10.0, 18.0], [42.0, 50.0]])
    torch.testing.assert_close(layer(maps)[1], torch.stack([2 * sums + 0.5, 3 - sums]))


def test_the_table_of_c3_has_the_paper_s_sixty_links() -> None:
    assert [len(row) for row in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    assert all(sorted(set(row)) == list(row) for row in C3_TABLE)
    assert len(set(C3_TABLE)) == 16
    # Each map of S2 feeds exactly ten maps of C3.
    assert [sum(given in row for row in C3_TABLE) for given in range(6)] == [10] * 6
    # The columns that a public write-up has wrong.
    assert C3_TABLE[11:15] == ((0, 1, 2, 5), (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5))


def test_a_partial_convolution_is_the_sum_over_its_links() -> None:
    layer = PartialConvolution()
    with torch.no_grad():
        layer.kernels.copy_(values(60, 5, 5))
        layer.bias.copy_(values(16, seed=1))
    maps = values(1, 6, 5, 5)
    link = 0
    for output, row in enumerate(C3_TABLE):
        expected = layer.bias[output].clone()
        for given in row:
            expected = expected + (maps[0, given] * layer.kernels[link]).sum()
            link += 1
        torch.testing.assert_close(layer(maps)[0, output, 0, 0], expected, rtol=1e-4, atol=1e-4)


def test_a_norm_keeps_the_order_and_is_its_scale_and_shift() -> None:
    norm = PositiveNorm(3)
    with torch.no_grad():
        norm.log_gain.copy_(torch.tensor([-4.0, 0.0, 4.0]))
        norm.bias.copy_(values(3))
    for seed in range(4):
        norm(values(8, 3, 6, 6, seed=seed) * 3 + 1)
    norm.eval()
    maps = values(2, 3, 6, 6, seed=9)
    scale, shift = norm.scale_and_shift()
    assert (scale > 0).all()
    expected = maps.double() * scale[:, None, None] + shift[:, None, None]
    torch.testing.assert_close(norm(maps).double(), expected, rtol=1e-5, atol=1e-5)


def test_a_norm_learns_the_mean_and_variance_that_torch_s_learns() -> None:
    ours, theirs = PositiveNorm(3), torch.nn.BatchNorm2d(3)
    for seed in range(3):
        maps = values(8, 3, 4, 4, seed=seed) * 2 - 1
        torch.testing.assert_close(ours(maps), theirs(maps))
    assert theirs.running_mean is not None
    assert theirs.running_var is not None
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)
    torch.testing.assert_close(ours.running_variance, theirs.running_var)


def test_the_digit_head_costs_what_it_says() -> None:
    head = DigitHead()
    assert sum(parameter.numel() for parameter in head.parameters()) == 2_065
    assert head(values(64, 84)).shape == (64,)
