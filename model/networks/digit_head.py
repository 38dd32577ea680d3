"""The small network beside LeNet-5 that says how much a field looks like one legible digit."""

from torch import Tensor, nn
from torch.nn import functional


class DigitHead(nn.Module):
    """F6's activations (n, features) -> the logit of "one legible digit" (n,); its sigmoid is the score.

    Two small layers: 84 x 24 + 24 + 24 + 1 = 2,065 parameters beside the network's 61,706.
    """

    def __init__(self, features: int = 84, hidden: int = 24) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, hidden)
        self.score = nn.Linear(hidden, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(n, features) -> logits (n,)."""
        logits: Tensor = self.score(functional.silu(self.hidden(features)))
        return logits.squeeze(-1)
