"""LeNet-5 as published: LeCun, Bottou, Bengio, Haffner, Proceedings of the IEEE 86(11), 1998, section II.B.

| layer  | output   | parameters | connections |
|--------|----------|-----------:|------------:|
| input  | 1@32x32  |            |             |
| C1     | 6@28x28  |        156 |     122,304 |
| S2     | 6@14x14  |         12 |       5,880 |
| C3     | 16@10x10 |      1,516 |     151,600 |
| S4     | 16@5x5   |         32 |       2,000 |
| C5     | 120      |     48,120 |      48,120 |
| F6     | 84       |     10,164 |      10,164 |
| output | 10       |          0 |         840 |
| sum    |          | **60,000** | **340,908** |

What the paper says and this module does
- the 32x32 field of background -0.1 and ink 1.175, so that its mean is near 0 and its variance near 1;
- C1 and C3 are 5x5 convolutions, C3 connected by Table I; C5 is a convolution too, over all sixteen maps;
- S2 and S4 add four inputs, multiply by a trainable coefficient and add a trainable bias, one per map;
- every layer up to F6 ends in f(a) = 1.7159 tanh(2a/3);
- initial weights are uniform in +-2.4 / F_i, F_i the number of inputs of the unit;
- the outputs are Euclidean distances to ten fixed 7x12 bitmaps of +-1, the smallest wins (equation 7);
- the loss with competition (equation 9) has a rubbish class, of constant penalty j: `log_posterior`.

What had to be guessed
- the bitmaps: the paper shows them in a figure and gives no list; `lecun1998` has our own drawings;
- j: the paper says only that it is positive. y of a digit seen in training comes down to a few units, and two
  codes are 4 x (differing pixels) apart, 36 at the least; `RUBBISH` lies between. It is a hyper-parameter,
  saved with the weights;
- F_i of the subsampling layers: their four inputs; of C3: 25 times the three, four or six maps it sees;
- biases start like the weights of their unit, since the paper makes no exception for them;
- which loss gave the published 0.95 %: not said. The one with the rubbish class is the default here;
- the second-order optimiser of appendix C is not rebuilt: the model card names the one that was used.
"""

import torch
from torch import Tensor, nn
from torch.nn import init

from model.networks.base import Network
from model.networks.layers import PartialConvolution, RBFOutput, Subsampling, WholeConvolution, scaled_tanh
from model.networks.lecun1998 import C3_TABLE
from model.networks.presets import LAYERS, Preset

RUBBISH = 10.0
"""The default of j: a pattern farther than this from every code is more likely rubbish than a digit."""


class LeNet5Of1998(Network):
    """The published network. Its logits are -y: minus the squared distance of F6 to each digit's bitmap."""

    def __init__(self, preset: Preset, *, rubbish: float = RUBBISH) -> None:
        super().__init__(preset)
        self.rubbish = rubbish
        self.C1 = nn.Conv2d(1, 6, 5)
        self.S2 = Subsampling(6)
        self.C3 = PartialConvolution()
        self.S4 = Subsampling(16)
        self.C5 = WholeConvolution(16, 120, 5)
        self.F6 = nn.Linear(120, 84)
        self.output = RBFOutput()
        self.initialise()

    def layers(self, fields: Tensor) -> dict[str, Tensor]:
        """Every layer's activations, all squashed but the input and the output."""
        scaled = fields * 1.275 - 0.1
        c1 = scaled_tanh(self.C1(scaled))
        s2 = scaled_tanh(self.S2(c1))
        c3 = scaled_tanh(self.C3(s2))
        s4 = scaled_tanh(self.S4(c3))
        c5 = scaled_tanh(self.C5(s4))
        f6 = scaled_tanh(self.F6(c5))
        return dict(zip(LAYERS, (scaled, c1, s2, c3, s4, c5, f6, -self.output(f6)), strict=True))

    @torch.no_grad()
    def initialise(self) -> None:
        """Uniform in +-2.4 / F_i, weights and biases alike (appendix A)."""
        for module, fan_in in ((self.C1, 25), (self.C5, 400), (self.F6, 120), (self.S2, 4), (self.S4, 4)):
            for parameter in module.parameters():
                init.uniform_(parameter, -2.4 / fan_in, 2.4 / fan_in)
        first = 0
        for output, row in enumerate(C3_TABLE):
            bound = 2.4 / (25 * len(row))
            init.uniform_(self.C3.kernels[first : first + len(row)], -bound, bound)
            init.uniform_(self.C3.bias[output : output + 1], -bound, bound)
            first += len(row)


def log_posterior(logits: Tensor, rubbish: float) -> Tensor:
    """The log-probabilities of the ten digits and of the rubbish class: (n, 10) logits -y -> (n, 11).

    p_i = e^-y_i / (e^-j + sum_k e^-y_k), the last column e^-j over the same sum. The loss of equation 9 is
    the mean of minus the right digit's entry, `nll_loss(log_posterior(logits, j), labels)`.
    """
    penalty = logits.new_full((*logits.shape[:-1], 1), -rubbish)
    return torch.log_softmax(torch.cat([logits, penalty], dim=-1), dim=-1)
