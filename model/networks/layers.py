"""The layers of the family that torch does not provide.

The paper is LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86(11), 1998; its sections and equations are quoted by number.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.networks.lecun1998 import C3_TABLE, codes


def scaled_tanh(activations: Tensor) -> Tensor:
    """f(a) = A tanh(S a), A = 1.7159, S = 2/3 (appendix A): f(1) = 1, f(-1) = -1, curved most at +-1."""
    return 1.7159 * torch.tanh(activations * (2 / 3))


class Subsampling(nn.Module):
    """S2 and S4 of the paper: the SUM of 2x2 inputs, times a coefficient per map, plus a bias per map.

    The squashing function that follows belongs to the network. (n, maps, h, w) -> (n, maps, h // 2, w // 2).
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.ones(maps))
        self.bias = nn.Parameter(torch.zeros(maps))

    def forward(self, maps: Tensor) -> Tensor:
        """Halve both sides of (n, maps, h, w)."""
        sums = 4 * functional.avg_pool2d(maps, 2)
        return sums * self.coefficient[:, None, None] + self.bias[:, None, None]


class PartialConvolution(nn.Module):
    """C3 of the paper: a 5x5 convolution in which each map sees only the maps that `C3_TABLE` gives it.

    Only the 60 kernels that exist are parameters: 60 x 25 weights + 16 biases = 1,516.
    (n, 6, h, w) -> (n, 16, h - 4, w - 4).
    """

    links: Tensor

    def __init__(self) -> None:
        super().__init__()
        links = [output * 6 + given for output, row in enumerate(C3_TABLE) for given in row]
        # Fixed by the paper, so they are not saved with the weights.
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


class WholeConvolution(nn.Conv2d):
    """C5: a convolution whose window is all of S4, so that each of its maps is one unit.

    The paper calls it a convolution because on a larger field its maps would be larger; on a field of the
    network's own size it is a matrix product. (n, maps, 5, 5) -> (n, units).
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Connect every unit to all of (n, maps, 5, 5)."""
        return functional.linear(maps.flatten(1), self.weight.flatten(1), self.bias)


class RBFOutput(nn.Module):
    """The paper's output layer: Euclidean RBF units on fixed +-1 bitmaps (section II.B, equation 7).

    y_i = sum_j (x_j - w_ij)^2, a squared distance: (n, 84) -> (n, 10), every y >= 0, the smallest wins.
    """

    codes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("codes", torch.tensor(codes(), dtype=torch.float32), persistent=False)

    def forward(self, units: Tensor) -> Tensor:
        """The ten squared distances y of (n, 84) units."""
        # Not |x|^2 - 2 x.w + |w|^2: near a code these terms cancel, and y is little but rounding error.
        return (units.unsqueeze(-2) - self.codes).square().sum(-1)


class DigitHead(nn.Module):
    """F6's activations (n, features) -> the logit of "one legible digit" (n,); its sigmoid is the score.

    Two small layers beside LeNet-5: 84 x 24 + 24 + 24 + 1 = 2,065 parameters beside the network's 61,706.
    """

    def __init__(self, features: int = 84, hidden: int = 24) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, hidden)
        self.score = nn.Linear(hidden, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(n, features) -> logits (n,)."""
        logits: Tensor = self.score(functional.silu(self.hidden(features)))
        return logits.squeeze(-1)
