"""Every network that textbooks call LeNet-5, built by its name."""

from typing import Literal

import torch

from model.networks.base import Network
from model.networks.lenet5 import LeNet5
from model.networks.lenet5_1998 import RUBBISH, LeNet5Of1998
from model.networks.normed import NormedLeNet5
from model.networks.presets import preset_named

Form = Literal["inference", "training"]


def build(
    name: str, seed: int | None = None, *, form: Form = "inference", rubbish: float = RUBBISH
) -> Network:
    """Build the network of the preset `name` and check its counts; a `seed` makes its weights repeatable.

    `form="training"` gives the default, lenet5-mnist and the teachers their batch norms; `network.fold()`
    turns what was trained into the form that is saved and served. `rubbish` is j of lenet5-1998.

    Raises:
        KeyError: no network is called `name`; the message is one clear line.
    """
    preset = preset_named(name)
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.default_generator.manual_seed(seed)
        if preset.output == "rbf":
            return LeNet5Of1998(preset, rubbish=rubbish).check_counts()
        plain = LeNet5(preset).check_counts()
        return NormedLeNet5(preset) if form == "training" and preset.activation == "silu" else plain
