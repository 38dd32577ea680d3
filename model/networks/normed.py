"""The default network while it is trained: batch normalisation after each pooling, folded away afterwards."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.networks.base import Network
from model.networks.layers import PositiveNorm, convolve_whole
from model.networks.lenet5 import LeNet5
from model.networks.presets import Preset


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
        self.N2 = PositiveNorm(preset.widths.c1)
        self.N4 = PositiveNorm(preset.widths.c3)
        self.N5 = PositiveNorm(preset.widths.c5)
        self.N6 = PositiveNorm(preset.widths.f6)

    def feature_maps(self, fields: Tensor) -> dict[str, Tensor]:
        """input, C1, S2, C3, S4, C5 of (n, 1, h, w) fields."""
        c1 = self.C1(fields)
        s2 = functional.silu(self.N2(self.pooling(c1)))
        c3 = self.C3(s2)
        s4 = functional.silu(self.N4(self.pooling(c3)))
        c5 = functional.silu(self.N5(convolve_whole(self.C5, s4)))
        return {"input": fields, "C1": c1, "S2": s2, "C3": c3, "S4": s4, "C5": c5}

    def classify(self, units: Tensor) -> tuple[Tensor, Tensor]:
        """C5's units (n, 120) -> (logits (n, 10), F6's activations (n, 84)).

        In a sweep the units are (n, h, w, 120); the norm is per unit, so they are normalised in rows.
        """
        rows = self.N6(self.F6(units).flatten(0, -2)).view(*units.shape[:-1], -1)
        f6 = functional.silu(rows)
        return self.output(f6), f6

    @torch.no_grad()
    def fold(self) -> Network:
        """The same function without norms: `LeNet5` of the same preset, in evaluation mode.

        Exact because a norm's gain is positive: max(scale * x + shift) = scale * max(x) + shift.
        """
        folded = LeNet5(self.preset).to(next(self.parameters()).device).check_counts().eval()
        for name, norm in (("C1", self.N2), ("C3", self.N4), ("C5", self.N5), ("F6", self.N6)):
            ours, theirs = self.get_submodule(name), folded.get_submodule(name)
            assert isinstance(ours, nn.Conv2d | nn.Linear)
            assert isinstance(theirs, nn.Conv2d | nn.Linear)
            assert theirs.bias is not None
            scale, shift = norm.scale_and_shift()
            weight = ours.weight.cpu().double()
            theirs.weight.copy_(weight * scale.view(-1, *[1] * (weight.ndim - 1)))
            theirs.bias.copy_(shift)
        folded.output.load_state_dict(self.output.state_dict())
        return folded
