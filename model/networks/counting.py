"""Counting a layer's trainable parameters and its connections, as the paper's section II.B does."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from torch import nn

from model.networks.layers import PartialConvolution, RBFOutput
from model.networks.pooling import AveragePooling, MaxPooling, Subsampling


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One row of the layer table.

    `output` is (maps, height, width) or (units,); `parameters` and `connections` are None for the input.
    """

    name: str
    output: tuple[int, ...]
    parameters: int | None
    connections: int | None


def count_parameters(module: nn.Module) -> int:
    """How many trainable numbers the module has."""
    return sum(parameter.numel() for parameter in module.parameters())


def count_connections(module: nn.Module, output: tuple[int, ...]) -> int:
    """How often a weight or a bias of the layer is used to compute one field's `output`."""
    match module:
        case nn.Conv2d() | PartialConvolution():
            # Every map's kernels and bias are used once at each position of the output.
            return count_parameters(module) * output[-2] * output[-1]
        case Subsampling():
            return prod(output) * (4 + 1)  # four inputs and a bias
        case AveragePooling() | MaxPooling():
            return prod(output) * 4
        case nn.Linear():
            return count_parameters(module)
        case RBFOutput():
            return module.codes.numel()
        case _:
            raise TypeError(f"no rule counts the connections of {type(module).__name__}")


def total(rows: Iterable[LayerRow]) -> tuple[int, int]:
    """The sums of a layer table: (parameters, connections)."""
    rows = list(rows)
    return sum(row.parameters or 0 for row in rows), sum(row.connections or 0 for row in rows)
