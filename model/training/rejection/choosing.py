"""Fit the weights by which the proposals for a picture are compared: see `model.recognition.choice`.

The likelihood is that of a choice among a picture's proposals and "none", by the softmax of their log-odds
("none" has 0). For a digit, any proposal that the network reads as that digit is right; for anything else,
only "none" is. So the log-odds of the best proposal say whether there is a digit.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor, nn

from model.checkpoints.checkpoint import Checkpoint
from model.generator.build import Generated
from model.ink import FEATURES
from model.recognition.calibration import calibrated_odds, digit_logit, softmax
from model.recognition.choice import OF_THE_NETWORK, Choice, Floats, inputs_of
from model.training.data import NO_DIGIT
from model.training.evaluation.inference import run_checkpoint
from model.training.evaluation.measures import threshold_refusing
from model.training.rejection.fitting import balanced

HIDDEN = 32
EPOCHS, RATE, WEIGHT_DECAY = 500, 0.02, 1e-3
REFINING_EPOCHS, REFINING_RATE = 600, 0.01
PULL = 3e-5
"""The penalty on refined weights: this times their squared distance from where they began."""
BLUR = 0.2, 0.06
"""Noise added to the features, and to the network's outputs, in standard deviations, so that the generator's
exact levels are not learned."""
LEAST_DEVIATION = 1e-3
"""An input that varies by less counts as constant."""


class _Odds(nn.Module):
    """`Choice.log_odds`, to be trained."""

    def __init__(self, inputs: int, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.output = nn.Linear(hidden, 1, bias=False)
        self.straight = nn.Linear(inputs, 1)

    @classmethod
    def of(cls, choice: Choice) -> "_Odds":
        """The module with the weights of `choice`."""
        odds = cls(*choice.hidden.shape)
        with torch.no_grad():
            odds.hidden.weight.copy_(torch.from_numpy(choice.hidden.T))
            odds.hidden.bias.copy_(torch.from_numpy(choice.threshold))
            odds.output.weight[0] = torch.from_numpy(choice.output)
            odds.straight.weight[0] = torch.from_numpy(choice.straight)
            odds.straight.bias.fill_(choice.offset)
        return odds

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, k) -> (n,)."""
        odds: Tensor = self.output(torch.tanh(self.hidden(inputs))) + self.straight(inputs)
        return odds[:, 0]


def fit_choice(
    generated: Generated,
    digit: Floats,
    probabilities: NDArray[np.float64],
    progress: Callable[[float], object] = lambda _: None,
    start: Choice | None = None,
) -> Choice:
    """Fit the weights to the proposals of generated pictures.

    Every kind of picture has the same weight on its side, and digits and other things weigh the same.

    Args:
        generated: n proposals; those without features are passed over.
        digit: (n,), the log-odds of a digit by the field alone.
        probabilities: (n, 10), of the digits.
        progress: Called after each epoch with the loss.
        start: Weights to refine, which takes far fewer pictures than to fit them anew.
    """
    told = ~np.isnan(generated.features[:, 0])
    generated, digit, probabilities = generated.take(told), digit[told], probabilities[told]
    inputs = inputs_of(generated.features, digit, probabilities)
    _, first, picture = np.unique(generated.pictures, return_index=True, return_inverse=True)
    truths, kinds = generated.truths[first], generated.kinds[first]
    right = (probabilities.argmax(axis=1) == truths[picture]) & (generated.labels != NO_DIGIT)
    possible = np.bincount(picture, right, len(truths)) > 0
    weights = balanced(kinds, truths != NO_DIGIT) * (possible | (truths == NO_DIGIT))
    loss = _Loss(picture, right, truths != NO_DIGIT, weights / weights.sum())
    torch.manual_seed(0)
    if start is None:
        mean, deviation = inputs.mean(axis=0), inputs.std(axis=0)
        deviation = np.where(deviation > LEAST_DEVIATION, deviation, 1.0)
        odds, epochs, rate, decay, pull = _Odds(inputs.shape[1]), EPOCHS, RATE, WEIGHT_DECAY, 0.0
    else:
        mean, deviation, odds = start.mean, start.deviation, _Odds.of(start)
        epochs, rate, decay, pull = REFINING_EPOCHS, REFINING_RATE, 0.0, PULL
    weights_then = [weight.detach().clone() for weight in odds.parameters()]
    x = torch.from_numpy(((inputs - mean) / deviation).astype(np.float32))
    blur = torch.tensor([BLUR[1]] * len(OF_THE_NETWORK) + [BLUR[0]] * len(FEATURES))
    optimiser = torch.optim.AdamW(odds.parameters(), lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=epochs)
    for _ in range(epochs):
        optimiser.zero_grad()
        value = loss(odds(x + torch.randn_like(x) * blur))
        for now, then in zip(odds.parameters(), weights_then, strict=True):
            value = value + pull * ((now - then) ** 2).sum()
        torch.autograd.backward(value)
        optimiser.step()
        schedule.step()
        progress(value.item())
    return Choice(
        mean,
        deviation,
        _array(odds.hidden.weight).T,
        _array(odds.hidden.bias),
        _array(odds.output.weight)[0],
        _array(odds.straight.weight)[0],
        float(odds.straight.bias.item()),
    )


def looks(
    fitted: Checkpoint, generated: Generated, device: torch.device
) -> tuple[Floats, NDArray[np.float64]]:
    """What a checkpoint gives for n proposals at the first look: log-odds (n,), probabilities (n, 10)."""
    outputs = run_checkpoint(fitted, generated.images, device, second_look=False)
    alone = calibrated_odds(digit_logit(*outputs, fitted.metadata), fitted.metadata)
    return alone, softmax(outputs.logits.astype(np.float64) / fitted.metadata.temperature)


def threshold(
    choice: Choice, generated: Generated, digit: Floats, probabilities: NDArray[np.float64], accepted: float
) -> float:
    """The digit score that the share `accepted` of the digits reaches, each kind counting the same."""
    odds = choice.log_odds(generated.features, digit, probabilities)
    pictures, first = np.unique(generated.pictures, return_index=True)
    best = np.full(len(pictures), -np.inf)
    np.maximum.at(best, np.searchsorted(pictures, generated.pictures), odds)
    kinds, is_digit = generated.kinds[first], generated.truths[first] != NO_DIGIT
    weights = balanced(kinds, is_digit)[is_digit]
    return threshold_refusing(expit(best[is_digit]), weights, 1.0 - accepted)


class _Loss:
    """The mean negative log-likelihood of m pictures' choices among n proposals and none."""

    def __init__(
        self,
        picture: NDArray[np.int64],
        right: NDArray[np.bool_],
        is_digit: NDArray[np.bool_],
        weights: Floats,
    ) -> None:
        self._picture = torch.from_numpy(picture)
        self._right = torch.from_numpy(right)
        self._is_digit = torch.from_numpy(is_digit)
        self._weights = torch.from_numpy(weights.astype(np.float32))

    def __call__(self, odds: Tensor) -> Tensor:
        """The loss for log-odds (n,)."""
        whole = torch.logaddexp(self._together(odds), torch.zeros(()))
        right = self._together(odds.masked_fill(~self._right, -1e4))
        return (self._weights * (whole - torch.where(self._is_digit, right, 0.0))).sum()

    def _together(self, odds: Tensor) -> Tensor:
        """The logarithm of the sum of the odds of each picture's proposals, (m,)."""
        count = len(self._is_digit)
        most = torch.full((count,), -1e4).scatter_reduce(0, self._picture, odds.detach(), "amax")
        sums = torch.zeros(count).scatter_add(0, self._picture, torch.exp(odds - most[self._picture]))
        return most + torch.log(sums.clamp_min(1e-30))


def _array(values: Tensor) -> Floats:
    return values.detach().double().numpy()
