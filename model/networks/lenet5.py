"""LeNet-5 as textbooks teach it, and the default: one network, four activations, two ways of pooling.

    input -> C1 -> S2 -> C3 -> S4 -> C5 -> F6 -> output

| layer  | 28x28 field | parameters, C3 full |
|--------|-------------|---------------------|
| C1     | 6@28x28     | 156                 |
| S2     | 6@14x14     | 0                   |
| C3     | 16@10x10    | 2,416 (partial: 1,516) |
| S4     | 16@5x5      | 0                   |
| C5     | 120         | 48,120              |
| F6     | 84          | 10,164              |
| output | 10          | 850                 |
| sum    |             | 61,706 (partial: 60,806) |

A 28x28 field is padded by two pixels inside C1, a 32x32 field brings its border with it. Where pooling
takes the maximum the activation follows it, on a quarter of the values: for a rising function the order
makes no difference, and for SiLU (which falls below -1.28) this order is the definition.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional, init

from model.networks.base import Network
from model.networks.layers import PartialConvolution, WholeConvolution
from model.networks.presets import LAYERS, Preset

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "silu": functional.silu,
}


class LeNet5(Network):
    """LeNet-5 with pooling that has no parameters and a linear output, for every preset but lenet5-1998."""

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset)
        c1, c3, c5, f6 = preset.widths
        pooling = nn.MaxPool2d if preset.pooling == "max" else nn.AvgPool2d
        self.C1 = nn.Conv2d(1, c1, 5, padding=2 if preset.input_size == 28 else 0)
        self.S2 = pooling(2)
        self.C3 = PartialConvolution() if preset.c3 == "partial" else nn.Conv2d(c1, c3, 5)
        self.S4 = pooling(2)
        self.C5 = WholeConvolution(c3, c5, 5)
        self.F6 = nn.Linear(c5, f6)
        self.output = nn.Linear(f6, 10)
        self.activation = ACTIVATIONS[preset.activation]
        self.initialise()

    def layers(self, fields: Tensor) -> dict[str, Tensor]:
        """Every layer's activations; with max pooling C1 and C3 are the values before the activation."""
        scaled = self.scale(fields)
        c1, s2 = self.pool(self.C1(scaled), self.S2)
        c3, s4 = self.pool(self.C3(s2), self.S4)
        c5 = self.activation(self.C5(s4))
        f6 = self.activation(self.F6(c5))
        return dict(zip(LAYERS, (scaled, c1, s2, c3, s4, c5, f6, self.output(f6)), strict=True))

    def scale(self, fields: Tensor) -> Tensor:
        """The network's own input range: the paper's -0.1 to 1.175 where squashing is symmetric, else [0, 1].

        C1's padding is zero, which is background in [0, 1]; the networks with the paper's range pad nothing.
        """
        return fields * 1.275 - 0.1 if self.preset.activation == "tanh" else fields

    def pool(self, maps: Tensor, pooling: nn.Module) -> tuple[Tensor, Tensor]:
        """A convolution's maps -> (what C1 or C3 shows, what the pooling layer gives)."""
        if isinstance(pooling, nn.MaxPool2d):
            return maps, self.activation(pooling(maps))
        maps = self.activation(maps)
        return maps, pooling(maps)

    @torch.no_grad()
    def initialise(self) -> None:
        """Glorot's uniform weights for tanh and sigmoid, He's for ReLU and SiLU; biases zero."""
        rectified = self.preset.activation in {"relu", "silu"}
        for module in (self.C1, self.C3, self.C5, self.F6, self.output):
            weight = module.dense_weight() if isinstance(module, PartialConvolution) else module.weight
            if rectified and module is not self.output:
                init.kaiming_uniform_(weight, nonlinearity="relu")
            else:
                init.xavier_uniform_(weight)
            if isinstance(module, PartialConvolution):
                module.kernels.copy_(weight.flatten(0, 1)[module.links])
            if module.bias is not None:
                init.zeros_(module.bias)
