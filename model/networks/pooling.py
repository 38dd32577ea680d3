"""Halving a map's sides: trainable subsampling, the average, the maximum.

All take (n, maps, h, w) and give (n, maps, h // 2, w // 2); a last odd row or column is left out.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Subsampling(nn.Module):
    """S2 and S4 of the paper: the SUM of 2x2 inputs, times a coefficient per map, plus a bias per map.

    The squashing function that follows belongs to the network.
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.ones(maps))
        self.bias = nn.Parameter(torch.zeros(maps))

    def forward(self, maps: Tensor) -> Tensor:
        """Halve both sides of (n, maps, h, w)."""
        return sum_of_four(maps) * self.coefficient[:, None, None] + self.bias[:, None, None]


class AveragePooling(nn.Module):
    """The mean of 2x2 inputs: no parameters."""

    def forward(self, maps: Tensor) -> Tensor:
        """Halve both sides of (n, maps, h, w)."""
        return functional.avg_pool2d(maps, 2) if _torch_is_sooner(maps) else sum_of_four(maps) * 0.25


class MaxPooling(nn.Module):
    """The largest of 2x2 inputs: no parameters."""

    def forward(self, maps: Tensor) -> Tensor:
        """Halve both sides of (n, maps, h, w)."""
        if _torch_is_sooner(maps):
            return functional.max_pool2d(maps, 2)
        if torch.is_grad_enabled() and maps.requires_grad:
            largest: Callable[[Tensor], Tensor] = _LargestOfFour.apply  # torch gives it no types
            return largest(_even(maps))
        return _largest_of_four(_even(maps))


def _torch_is_sooner(maps: Tensor) -> bool:
    """Whether torch's own pooling is the faster: for one field, and on any device but the CPU.

    For many fields on a CPU, element-wise operations on strided views use the processor's vectors, which
    torch's pooling does not: 0.05 ms against 1.1 ms (maximum) or 0.3 ms (mean) for 64 fields' C1 on one core.
    """
    return len(maps) == 1 or maps.device.type != "cpu"


def _even(maps: Tensor) -> Tensor:
    """The maps without a last odd row or column."""
    return maps[..., : maps.shape[-2] // 2 * 2, : maps.shape[-1] // 2 * 2]


def sum_of_four(maps: Tensor) -> Tensor:
    """The sum of each 2x2 inputs: (n, maps, h, w) -> (n, maps, h // 2, w // 2)."""
    if _torch_is_sooner(maps):
        return functional.avg_pool2d(maps, 2) * 4
    even = _even(maps)
    rows = even[..., ::2, :] + even[..., 1::2, :]
    return rows[..., ::2] + rows[..., 1::2]


def _largest_of_four(maps: Tensor) -> Tensor:
    """The maximum of each 2x2 inputs of maps with even sides."""
    rows = torch.maximum(maps[..., ::2, :], maps[..., 1::2, :])
    return torch.maximum(rows[..., ::2], rows[..., 1::2])


class _LargestOfFour(torch.autograd.Function):
    """`_largest_of_four` with max_pool2d's gradient: all of it to the first of the largest values."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor) -> Tensor:  # noqa: ANN401 - torch's context has no public type
        largest = _largest_of_four(maps)
        ctx.save_for_backward(maps, largest)
        return largest

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # noqa: ANN401
        maps, largest = ctx.saved_tensors
        result = torch.empty_like(maps)
        corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
        (left,) = gradients
        for down, right in corners[:3]:
            share = left * (maps[..., down::2, right::2] == largest)
            result[..., down::2, right::2] = share
            left = left - share
        result[..., 1::2, 1::2] = left
        return result
