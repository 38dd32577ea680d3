"""Averaged weights: the running mean of a training's weights generalises better than the last ones."""

import torch
from torch import Tensor, nn


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
