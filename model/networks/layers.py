"""The layers of which the family is made, those apart that torch brings.

The paper is LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86(11), 1998; its sections and equations are quoted by number.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.networks.lecun1998 import C3_TABLE, codes


class ScaledTanh(nn.Module):
    """f(a) = A tanh(S a), A = 1.7159, S = 2/3 (appendix A): f(1) = 1, f(-1) = -1, curved most at +-1."""

    def forward(self, activations: Tensor) -> Tensor:
        """Squash activations of any shape into (-1.7159, 1.7159)."""
        return 1.7159 * torch.tanh(activations * (2 / 3))


class PartialConvolution(nn.Module):
    """C3 of the paper: a 5x5 convolution in which each map sees only the maps that `C3_TABLE` gives it.

    Only the 60 kernels that exist are parameters: 60 x 25 weights + 16 biases = 1,516.
    (n, 6, h, w) -> (n, 16, h-4, w-4).
    """

    links: Tensor

    def __init__(self) -> None:
        super().__init__()
        links = [output * 6 + given for output, row in enumerate(C3_TABLE) for given in row]
        # Fixed by the paper, so no part of the weights that are saved.
        self.register_buffer("links", torch.tensor(links), persistent=False)
        self.kernels = nn.Parameter(torch.zeros(len(links), 5, 5))
        self.bias = nn.Parameter(torch.zeros(len(C3_TABLE)))

    def dense_weight(self) -> Tensor:
        """The kernels among zeros, as a full convolution has them: (16, 6, 5, 5)."""
        zeros = self.kernels.new_zeros(len(C3_TABLE) * 6, 5, 5)
        return zeros.index_copy(0, self.links, self.kernels).view(len(C3_TABLE), 6, 5, 5)

    def forward(self, maps: Tensor) -> Tensor:
        """Convolve (n, 6, h, w)."""
        return functional.conv2d(maps, self.dense_weight(), self.bias)


class RBFOutput(nn.Module):
    """The paper's output layer: Euclidean RBF units on fixed +-1 bitmaps (section II.B, equation 7).

    y_i = sum_j (x_j - w_ij)^2, a squared distance: (..., 84) -> (..., 10), every y >= 0, the smallest wins.
    """

    codes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("codes", torch.tensor(codes(), dtype=torch.float32), persistent=False)

    def forward(self, units: Tensor) -> Tensor:
        """The ten squared distances y of (..., 84) units."""
        # Not |x|^2 - 2 x.w + |w|^2: near a code these cancel, and little but rounding is left of y.
        return (units.unsqueeze(-2) - self.codes).square().sum(-1)


class PositiveNorm(nn.Module):
    """Batch normalisation whose gains are positive by construction, gain = exp(log_gain).

    A positive gain keeps the order of a map's values, so normalising after max pooling is the same as
    before it, on a quarter of the values, and folds exactly into the convolution before the pooling.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, maps: int, *, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.momentum = momentum
        self.epsilon = epsilon
        self.log_gain = nn.Parameter(torch.zeros(maps))
        self.bias = nn.Parameter(torch.zeros(maps))
        self.register_buffer("running_mean", torch.zeros(maps))
        self.register_buffer("running_variance", torch.ones(maps))

    def forward(self, maps: Tensor) -> Tensor:
        """Normalise each map of (n, maps, h, w), or each unit of (n, units)."""
        return functional.batch_norm(
            maps,
            self.running_mean,
            self.running_variance,
            self.log_gain.exp(),
            self.bias,
            training=self.training,
            momentum=self.momentum,
            eps=self.epsilon,
        )

    @torch.no_grad()
    def scale_and_shift(self) -> tuple[Tensor, Tensor]:
        """What the norm does at inference, per map: norm(x) = scale * x + shift, in double precision.

        On the CPU, since not every device has double precision.
        """
        mean, variance, log_gain, bias = (
            values.cpu().double()
            for values in (self.running_mean, self.running_variance, self.log_gain, self.bias)
        )
        scale = log_gain.exp() / (variance + self.epsilon).sqrt()
        return scale, bias - mean * scale


def convolve_whole(convolution: nn.Conv2d, maps: Tensor) -> Tensor:
    """Apply a convolution without padding, as a matrix product where its window is the whole map.

    The same numbers as `convolution(maps)`, sooner: on a field of its own size C5 sees S4 through one window.
    """
    if maps.shape[-2:] == convolution.weight.shape[-2:]:
        units = functional.linear(maps.flatten(1), convolution.weight.flatten(1), convolution.bias)
        return units[:, :, None, None]
    return functional.conv2d(maps, convolution.weight, convolution.bias)
