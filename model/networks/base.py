"""What every member of the family has in common."""

from abc import ABC, abstractmethod
from typing import Self

import torch
from torch import Tensor, nn

from model.networks.counting import LayerRow, count_connections, count_parameters, total
from model.networks.presets import Preset


class Network(nn.Module, ABC):
    """A LeNet-5: fields in, ten logits out, every layer known by its textbook name.

    A field is a float tensor (n, 1, S, S), S = `preset.input_size`, 0 background to 1 ink; a scaling of the
    input, where a preset has one, happens inside. Logits are log-probabilities up to a constant.
    """

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        self.preset = preset

    @abstractmethod
    def feature_maps(self, fields: Tensor) -> dict[str, Tensor]:
        """The convolutional part: input, C1, S2, C3, S4 and C5 of (n, 1, h, w) fields, h, w >= S.

        C5 is (n, 120, 1, 1) for a field of the network's own size, and one wider for every four pixels more.
        """

    @abstractmethod
    def classify(self, units: Tensor) -> tuple[Tensor, Tensor]:
        """C5's units (..., 120) -> (logits (..., 10), F6's activations (..., 84))."""

    @abstractmethod
    def layer_modules(self) -> dict[str, nn.Module]:
        """The module that holds each layer's parameters, C1 to output."""

    def forward(self, fields: Tensor) -> Tensor:
        """(n, 1, S, S) -> logits (n, 10)."""
        return self.features(fields)[0]

    def features(self, fields: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 1, S, S) -> (logits (n, 10), F6's activations (n, 84))."""
        return self.classify(self.feature_maps(fields)["C5"].flatten(1))

    def layers(self, fields: Tensor) -> dict[str, Tensor]:
        """Every layer's activations: input, C1, S2, C3, S4 (n, maps, h, w), C5, F6, output (n, units)."""
        activations = self.feature_maps(fields)
        activations["C5"] = activations["C5"].flatten(1)
        activations["output"], f6 = self.classify(activations["C5"])
        activations["F6"] = f6
        return {name: activations[name] for name in ("input", *self.layer_modules())}

    def sweep(self, fields: Tensor) -> Tensor:
        """The space displacement network (section VII): the net at every place of a wider field, at once.

        (n, 1, h, w) -> logits (n, 10, (h - S) // 4 + 1, (w - S) // 4 + 1): one column for every four pixels.
        A network that pads C1 sees the neighbouring ink where a field cut out at that place has background,
        so for those presets a swept answer is near that of the cut field; for the 32x32 ones it is equal.
        """
        units = self.feature_maps(fields)["C5"]
        logits, _ = self.classify(units.movedim(1, -1))
        return logits.movedim(-1, 1)

    def fold(self) -> "Network":
        """The network as it is shipped; a form used only for training gives its equal in fewer parameters."""
        return self

    @torch.no_grad()
    def table(self) -> list[LayerRow]:
        """The layer table: output shape, parameters and connections of each layer, the input first."""
        size = self.preset.input_size
        was_training = self.training
        device = next(self.parameters()).device
        activations = self.eval().layers(torch.zeros(1, 1, size, size, device=device))
        self.train(was_training)
        modules = self.layer_modules()
        rows = []
        for name, activation in activations.items():
            shape = tuple(activation.shape[1:])
            module = modules.get(name)
            if module is None:
                rows.append(LayerRow(name, shape, None, None))
            else:
                # C5 is a convolution with one position; its units are counted as such.
                counted = (*shape, 1, 1) if isinstance(module, nn.Conv2d) and len(shape) == 1 else shape
                rows.append(
                    LayerRow(name, shape, count_parameters(module), count_connections(module, counted))
                )
        return rows

    def check_counts(self) -> Self:
        """Assert the preset's parameters and connections, and that no parameter is outside the table."""
        parameters, connections = total(self.table())
        expected = (self.preset.parameters, self.preset.connections)
        if (parameters, connections) != expected or count_parameters(self) != parameters:
            raise AssertionError(
                f"{self.preset.name} has {parameters:,} parameters and {connections:,} connections, "
                f"where {expected[0]:,} and {expected[1]:,} are right"
            )
        return self
