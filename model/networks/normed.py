"""The default network while it is trained: batch normalisation after each pooling, folded away afterwards."""

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.networks.base import Network
from model.networks.lenet5 import LeNet5
from model.networks.presets import LAYERS, Preset


class PositiveNorm(nn.Module):
    """Batch normalisation whose gains are positive by construction, gain = exp(log_gain).

    A positive gain keeps the order of a map's values, so normalising after max pooling is the same as
    before it, on a quarter of the values, and folds exactly into the convolution before the pooling.
    """

    epsilon = 1e-5  # what torch adds to a variance, unless told otherwise
    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.log_gain = nn.Parameter(torch.zeros(maps))
        self.bias = nn.Parameter(torch.zeros(maps))
        self.register_buffer("running_mean", torch.zeros(maps))
        self.register_buffer("running_variance", torch.ones(maps))

    def forward(self, maps: Tensor) -> Tensor:
        """Normalise each map of (n, maps, h, w), or each unit of (n, units)."""
        return functional.batch_norm(
            maps, self.running_mean, self.running_variance, self.log_gain.exp(), self.bias, self.training
        )

    def scale_and_shift(self) -> tuple[Tensor, Tensor]:
        """What the norm does at inference, per map: norm(x) = scale * x + shift."""
        scale = self.log_gain.exp() / (self.running_variance + self.epsilon).sqrt()
        return scale, self.bias - self.running_mean * scale


class NormedLeNet5(LeNet5):
    """`LeNet5` with conv -> max pooling -> batch norm -> SiLU, and norms after C5 and F6.

    The convolutions have no bias here, since the norm subtracts the mean that a bias would add. `fold` puts
    each norm's scale and shift into the layer before it: the shipped network has LeNet-5's own 61,706
    parameters and gives the same logits.
    """

    def __init__(self, preset: Preset) -> None:
        super().__init__(preset)
        for module in (self.C1, self.C3, self.C5, self.F6):
            module.bias = None
        self.N2, self.N4, self.N5, self.N6 = map(PositiveNorm, preset.widths)

    def layers(self, fields: Tensor) -> dict[str, Tensor]:
        """Every layer's activations."""
        c1 = self.C1(fields)
        s2 = functional.silu(self.N2(self.S2(c1)))
        c3 = self.C3(s2)
        s4 = functional.silu(self.N4(self.S4(c3)))
        c5 = functional.silu(self.N5(self.C5(s4)))
        f6 = functional.silu(self.N6(self.F6(c5)))
        return dict(zip(LAYERS, (fields, c1, s2, c3, s4, c5, f6, self.output(f6)), strict=True))

    @torch.no_grad()
    def fold(self) -> Network:
        """The same function without norms: `LeNet5` of the same preset, in evaluation mode.

        Exact because a norm's gain is positive: max(scale * x + shift) = scale * max(x) + shift.
        """
        # In double precision, and on the CPU, since not every device has that.
        trained = deepcopy(self).cpu().double()
        weights = trained.output.state_dict(prefix="output.")
        for name, norm in (("C1", trained.N2), ("C3", trained.N4), ("C5", trained.N5), ("F6", trained.N6)):
            weight = trained.get_parameter(f"{name}.weight")
            scale, weights[f"{name}.bias"] = norm.scale_and_shift()
            weights[f"{name}.weight"] = weight * scale.view(-1, *[1] * (weight.ndim - 1))
        folded = LeNet5(self.preset).to(next(self.parameters()).device)
        folded.load_state_dict(weights)
        return folded.check_counts().eval()
