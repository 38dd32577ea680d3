"""How the weights are moved: the learning rate over a run, and the mean of the weights that is kept."""

import math

import torch
from torch import Tensor, nn

WARM_UP = 0.15
"""The share of a one-cycle run in which the rate rises."""


def rate(schedule: str, progress: float) -> float:
    """The share of the highest learning rate at `progress` (0: start, 1: end of the run).

    - constant: 1 throughout;
    - cosine: from 1 down to 0 along half a cosine (Loshchilov, Hutter 2017, equation 5, one period);
    - one-cycle: up from 1/25 to 1, then down to 0, each along half a cosine (Smith, Topin 2018).

    Raises `ValueError` for another name.
    """
    if schedule == "constant":
        return 1.0
    if schedule == "cosine":
        return _half_cosine(1, 0, progress)
    if schedule == "one-cycle":
        if progress < WARM_UP:
            return _half_cosine(1 / 25, 1, progress / WARM_UP)
        return _half_cosine(1, 0, (progress - WARM_UP) / (1 - WARM_UP))
    raise ValueError(f"there is no schedule '{schedule}': choose from one-cycle, cosine, constant")


def _half_cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(max(progress, 0), 1))) / 2


class Average:
    """An exponential moving average of a module's parameters and floating-point buffers.

    The decay starts low and reaches `decay` as steps pass, min(decay, (1 + t) / (10 + t)), so that the
    first, random weights are soon forgotten.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.state = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Take in the module's present weights."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        present = module.state_dict()
        names = [name for name, tensor in present.items() if tensor.is_floating_point()]
        averaged: list[Tensor] = [self.state[name] for name in names]
        torch._foreach_lerp_(averaged, [present[name] for name in names], 1 - decay)
        for name in present.keys() - set(names):
            self.state[name].copy_(present[name])
