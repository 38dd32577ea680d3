"""Describes each member of the LeNet-5 family, without building a network and without torch."""

from dataclasses import dataclass
from typing import Literal

LAYERS = ("input", "C1", "S2", "C3", "S4", "C5", "F6", "output")
"""The layers by their textbook names, the input first."""

Pooling = Literal["max", "average", "trainable subsampling"]
"""How S2 and S4 halve the maps: the largest of 2x2, their mean, or their sum with weight and bias."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A member of the family: its topology in words, and the sums it must come to.

    `parameters` counts what is trained and kept at inference, `connections` counts every use of a weight or
    bias for one field, as the paper does; both are checked whenever the network is built. `widths` are the
    maps of C1 and C3 and the units of C5 and F6. Where the highest probability is below `second_look` the
    recogniser looks again; the textbooks' own networks never do (None).
    """

    name: str
    input_size: Literal[28, 32]
    activation: Literal["silu", "relu", "sigmoid", "tanh", "scaled tanh"]
    pooling: Pooling
    c3: Literal["full", "partial"]
    output: Literal["linear", "rbf"]
    parameters: int
    connections: int
    description: str
    widths: tuple[int, int, int, int] = (6, 16, 120, 84)
    second_look: float | None = None


# Tables: name, input, activation, pooling, C3, output, parameters, connections.
# fmt: off
PRESETS = {preset.name: preset for preset in (
    Preset("lenet5", 28, "silu", "max", "full", "linear", 61_706, 429_342,
           "The default: trained on everything that people draw, print and photograph",
           second_look=0.97),
    Preset("lenet5-mnist", 28, "silu", "max", "full", "linear", 61_706, 429_342,
           "The default's topology trained on MNIST alone, for comparison with the literature",
           second_look=0.97),
    Preset("lenet5-1998", 32, "scaled tanh", "trainable subsampling", "partial", "rbf", 60_000, 340_908,
           "The network of LeCun, Bottou, Bengio and Haffner (1998), with its RBF outputs"),
    Preset("lenet5-tanh", 32, "tanh", "average", "partial", "linear", 60_806, 339_342,
           "The paper's layers and partial C3, with plain tanh, average pooling and softmax"),
    Preset("lenet5-average", 32, "tanh", "average", "full", "linear", 61_706, 429_342,
           "Tanh and average pooling with a fully connected C3"),
    Preset("lenet5-sigmoid", 28, "sigmoid", "average", "full", "linear", 61_706, 429_342,
           "The textbooks' version: sigmoid and average pooling"),
    Preset("lenet5-relu", 28, "relu", "max", "full", "linear", 61_706, 429_342,
           "The modern version: ReLU and max pooling"),
)}
"""The networks that are trained, shipped and served, by name; the first is the default."""

TEACHERS = {preset.name: preset for preset in (
    Preset("teacher", 28, "silu", "max", "full", "linear", 342_890, 2_273_122,
           "The default with five times the weights, to teach lenet5 by distillation", (16, 40, 300, 84)),
    Preset("teacher-large", 28, "silu", "max", "full", "linear", 1_090_746, 9_389_594,
           "A teacher with eighteen times the weights of lenet5; not served", (32, 96, 400, 128)),
)}
"""Wider networks of the same topology, for distillation alone."""
# fmt: on


def preset_named(name: str) -> Preset:
    """The preset of that name, teachers included.

    Raises:
        KeyError: there is none; the message is one clear line.
    """
    preset = PRESETS.get(name) or TEACHERS.get(name)
    if preset is None:
        raise KeyError(f"no network is called {name!r}; there are {', '.join([*PRESETS, *TEACHERS])}")
    return preset
