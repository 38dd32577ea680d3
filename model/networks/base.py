"""What every member of the family has in common: layers by name, counted as the paper's section II.B does."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Self

import torch
from torch import Tensor, nn

from model.networks.layers import PartialConvolution, RBFOutput, Subsampling, WholeConvolution
from model.networks.presets import Preset


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One row of the layer table: `output` is (maps, height, width) or (units,); the input has no counts."""

    name: str
    output: tuple[int, ...]
    parameters: int | None
    connections: int | None


class Network(nn.Module, ABC):
    """A LeNet-5: fields in, ten logits out. Its modules have the layers' textbook names, C1 to output.

    A field is a float tensor (n, 1, S, S), S = `preset.input_size`, 0 background to 1 ink; a scaling of the
    input, where a preset has one, happens inside. Logits are log-probabilities up to a constant.
    """

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        self.preset = preset

    @abstractmethod
    def layers(self, fields: Tensor) -> dict[str, Tensor]:
        """Every layer's activations: input, C1, S2, C3, S4 (n, maps, h, w), C5, F6, output (n, units)."""

    def forward(self, fields: Tensor) -> Tensor:
        """(n, 1, S, S) -> logits (n, 10)."""
        return self.layers(fields)["output"]

    def features(self, fields: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 1, S, S) -> (logits (n, 10), F6's activations (n, 84))."""
        layers = self.layers(fields)
        return layers["output"], layers["F6"]

    def fold(self) -> "Network":
        """The network as it is shipped; a training form returns its equal with fewer parameters."""
        return self

    @torch.no_grad()
    def table(self) -> list[LayerRow]:
        """The layer table: output shape, parameters and connections of each layer, the input first."""
        size = self.preset.input_size
        layers = self.layers(torch.zeros(1, 1, size, size, device=next(self.parameters()).device))
        rows = [LayerRow("input", tuple(layers.pop("input").shape[1:]), None, None)]
        for name, activations in layers.items():
            module, output = self.get_submodule(name), tuple(activations.shape[1:])
            rows.append(LayerRow(name, output, count_parameters(module), count_connections(module, output)))
        return rows

    def check_counts(self) -> Self:
        """Assert the preset's parameters and connections, and that no parameter is outside the table."""
        parameters, connections = total(self.table())
        preset = self.preset
        if (parameters, connections) != (preset.parameters, preset.connections):
            raise AssertionError(
                f"{preset.name} has {parameters:,} parameters and {connections:,} connections, "
                f"where {preset.parameters:,} and {preset.connections:,} are right"
            )
        if count_parameters(self) != parameters:
            raise AssertionError(f"{preset.name} has parameters beside the {parameters:,} of its layers")
        return self


def count_parameters(module: nn.Module) -> int:
    """How many trainable numbers the module has."""
    return sum(parameter.numel() for parameter in module.parameters())


def count_connections(module: nn.Module, output: tuple[int, ...]) -> int:
    """How often a weight or a bias of the layer is used to compute one field's `output`."""
    match module:
        case nn.Linear() | WholeConvolution():
            return count_parameters(module)
        case nn.Conv2d() | PartialConvolution():
            # Every map's kernels and bias are used once at each position of the output.
            return count_parameters(module) * output[-2] * output[-1]
        case Subsampling():
            return prod(output) * (4 + 1)  # four inputs and a bias
        case nn.AvgPool2d() | nn.MaxPool2d():
            return prod(output) * 4
        case RBFOutput():
            return module.codes.numel()
        case _:
            raise TypeError(f"no rule counts the connections of {type(module).__name__}")


def total(rows: Iterable[LayerRow]) -> tuple[int, int]:
    """The sums of a layer table: (parameters, connections)."""
    rows = list(rows)
    return sum(row.parameters or 0 for row in rows), sum(row.connections or 0 for row in rows)
