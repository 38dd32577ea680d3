"""What each member of the LeNet-5 family is, before any network is built, and without torch."""

from dataclasses import dataclass
from typing import Literal

Pooling = Literal["max", "average", "trainable subsampling"]
"""How S2 and S4 halve the maps: the largest of 2x2, their mean, or their sum with weight and bias."""


@dataclass(frozen=True, slots=True)
class Widths:
    """How many feature maps and units the layers have; LeNet-5's own are the defaults."""

    c1: int = 6
    c3: int = 16
    c5: int = 120
    f6: int = 84


@dataclass(frozen=True, slots=True)
class Preset:
    """A member of the family: its topology in words, and the sums it must come to.

    `parameters` counts what is trained and kept at inference, `connections` counts every use of a weight or
    bias for one field, as the paper does. Both are checked whenever the network is built. Below a probability
    of `second_look` it looks again (`second_look`); the textbooks' own networks never do (None).
    """

    name: str
    input_size: int
    activation: str
    pooling: Pooling
    c3: str
    output: str
    parameters: int
    connections: int
    description: str
    widths: Widths = Widths()
    second_look: float | None = None


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="lenet5",
            input_size=28,
            activation="silu",
            pooling="max",
            c3="full",
            output="linear",
            parameters=61_706,
            connections=429_342,
            description="The default: trained on everything that people draw, print and photograph",
            second_look=0.97,
        ),
        Preset(
            name="lenet5-mnist",
            input_size=28,
            activation="silu",
            pooling="max",
            c3="full",
            output="linear",
            parameters=61_706,
            connections=429_342,
            description="The default's topology trained on MNIST alone, for comparison with the literature",
            second_look=0.97,
        ),
        Preset(
            name="lenet5-1998",
            input_size=32,
            activation="scaled tanh",
            pooling="trainable subsampling",
            c3="partial",
            output="rbf",
            parameters=60_000,
            connections=340_908,
            description="The network of LeCun, Bottou, Bengio and Haffner (1998), with its RBF outputs",
        ),
        Preset(
            name="lenet5-tanh",
            input_size=32,
            activation="tanh",
            pooling="average",
            c3="partial",
            output="linear",
            parameters=60_806,
            connections=339_342,
            description="The paper's layers and partial C3, with plain tanh, average pooling and softmax",
        ),
        Preset(
            name="lenet5-average",
            input_size=32,
            activation="tanh",
            pooling="average",
            c3="full",
            output="linear",
            parameters=61_706,
            connections=429_342,
            description="Tanh and average pooling with a fully connected C3",
        ),
        Preset(
            name="lenet5-sigmoid",
            input_size=28,
            activation="sigmoid",
            pooling="average",
            c3="full",
            output="linear",
            parameters=61_706,
            connections=429_342,
            description="The textbooks' version: sigmoid and average pooling",
        ),
        Preset(
            name="lenet5-relu",
            input_size=28,
            activation="relu",
            pooling="max",
            c3="full",
            output="linear",
            parameters=61_706,
            connections=429_342,
            description="The modern version: ReLU and max pooling",
        ),
    )
}
"""The networks that are trained, shipped and served, by name; the first is the default."""

TEACHERS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="teacher",
            input_size=28,
            activation="silu",
            pooling="max",
            c3="full",
            output="linear",
            parameters=342_890,
            connections=2_273_122,
            description="The default with five times the weights, to teach lenet5 by distillation",
            widths=Widths(c1=16, c3=40, c5=300, f6=84),
        ),
        Preset(
            name="teacher-large",
            input_size=28,
            activation="silu",
            pooling="max",
            c3="full",
            output="linear",
            parameters=1_090_746,
            connections=9_389_594,
            description="A teacher with eighteen times the weights of lenet5; not served",
            widths=Widths(c1=32, c3=96, c5=400, f6=128),
        ),
    )
}
"""Wider networks of the same topology, for distillation alone."""


def preset_named(name: str) -> Preset:
    """The preset of that name, a teacher included.

    Raises:
        KeyError: with one clear line, if there is none.
    """
    preset = PRESETS.get(name) or TEACHERS.get(name)
    if preset is None:
        raise KeyError(f"no network is called {name!r}; there are {', '.join([*PRESETS, *TEACHERS])}")
    return preset
