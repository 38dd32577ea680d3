"""A trained network as an ONNX model, node by node, with its metadata: a server needs no torch beside it.

Input `fields`, uint8 (n, S, S). Outputs: `output`, the logits (n, 10); `digit`, the digit head's logit (n,),
if there is one; and every other layer by its textbook name. Where S2 takes the largest of four values of C1,
`C1 corners` stands for C1: see `corners`.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import KEY, CheckpointError, locate
from model.engines.onnx_engine import CORNERS, LAYERS, PROBE, OnnxEngine, probe_field
from model.engines.torch_engine import TorchEngine
from model.networks.layers import PartialConvolution, RBFOutput
from model.networks.pooling import MaxPooling, Subsampling

OPSET = 17
TOLERANCE = 1e-5


def export(source: Path | str, target: Path | None = None) -> tuple[Path, float]:
    """Write the checkpoint `source` as ONNX, beside it unless a `target` is named, and compare it with torch.

    Gives the path and the largest difference found, relative where a value is above 1. The file appears only
    when no difference is above `TOLERANCE`.

    Raises:
        CheckpointError: if the source cannot be used, or the engines differ.
    """
    source = locate(source)
    target = target or source.with_suffix(".onnx")
    reference = TorchEngine(source, "cpu")
    loaded = checkpoint.load(source)
    model = to_onnx(loaded)
    logits, _ = reference.run(probe_field(loaded.metadata.input_size)[None])
    helper.set_model_props(
        model, {KEY: loaded.metadata.to_json(), PROBE: json.dumps([float(logit) for logit in logits[0]])}
    )
    onnx.checker.check_model(model, full_check=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.write_bytes(model.SerializeToString())
        difference = compare(reference, OnnxEngine(partial))
        if difference > TOLERANCE:
            raise CheckpointError(target, f"ONNX Runtime differs from torch by {difference:.1e}")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target, difference


def compare(reference: TorchEngine, other: OnnxEngine, count: int = 64) -> float:
    """The largest difference of any output or layer on `count` random fields, relative above 1."""
    size = reference.metadata.input_size
    random = np.random.default_rng(0)
    # Smooth blots beside noise: noise alone hardly moves a network that was trained on digits.
    blots = random.integers(0, 256, (count // 2, size // 4, size // 4), dtype=np.uint8)
    fields = np.concatenate(
        [
            blots.repeat(4, axis=1).repeat(4, axis=2),
            random.integers(0, 256, (count - count // 2, size, size), dtype=np.uint8),
        ]
    )
    ours, theirs = reference.layers(fields), other.layers(fields)
    pairs = [(ours[name], theirs[name]) for name in LAYERS]
    digit, other_digit = reference.run(fields)[1], other.run(fields)[1]
    if digit is not None and other_digit is not None:
        pairs.append((digit, other_digit))
    return max(float((np.abs(a - b) / np.maximum(1, np.abs(a))).max()) for a, b in pairs)


def to_onnx(loaded: Checkpoint) -> onnx.ModelProto:
    """The ONNX model of a checkpoint, without its metadata."""
    network, preset = loaded.network, loaded.network.preset
    modules = network.layer_modules()
    sizes = {row.name: row.output for row in network.table()}
    graph = _Graph()

    def activate(value: str, name: str) -> str:
        return graph.activation(preset.activation, value, name)

    def convolved(layer: str, value: str, name: str) -> str:
        weight, bias = _kernels(modules[layer])
        padding = 2 if layer == "C1" and preset.input_size == 28 else 0
        if name == CORNERS:
            return graph.convolution(
                layer, value, name, *corners(weight, bias), pads=[padding] * 4, strides=[2, 2]
            )
        return graph.convolution(layer, value, name, weight, bias, pads=[padding] * 4)

    def stage(convolution: str, pooling: str, value: str) -> str:
        """A convolution and its pooling, in the order that the preset has."""
        module = modules[pooling]
        if isinstance(module, MaxPooling) and convolution == "C1":
            return activate(graph.largest(convolved(convolution, value, CORNERS), *sizes[pooling]), pooling)
        if isinstance(module, MaxPooling):
            return activate(graph.pool("MaxPool", convolved(convolution, value, convolution)), pooling)
        maps = activate(convolved(convolution, value, f"{convolution}.sum"), convolution)
        if not isinstance(module, Subsampling):
            return graph.pool("AveragePool", maps, pooling)
        # The sum of four is four times their mean.
        scaled = graph.scale_maps(graph.pool("AveragePool", maps), pooling, module, factor=4)
        return activate(scaled, pooling)

    value = graph.node("Cast", ["fields"], to=TensorProto.FLOAT)
    value = graph.node("Unsqueeze", [value, graph.constant("map axis", np.array([1], dtype=np.int64))])
    low, span = (-0.1, 1.275) if "tanh" in preset.activation else (0.0, 1.0)
    value = graph.node("Mul", [value, graph.number("input span", span / 255)], "" if low else "input")
    if low:
        value = graph.node("Add", [value, graph.number("input low", low)], "input")
    value = stage("C1", "S2", value)
    value = stage("C3", "S4", value)
    # On a field of the network's own size C5's window is all of S4: a matrix product.
    value = graph.node("Flatten", [value])
    value = activate(graph.linear(value, "C5", modules["C5"]), "C5")
    f6 = activate(graph.linear(value, "F6", modules["F6"]), "F6")
    output = modules["output"]
    if isinstance(output, RBFOutput):
        graph.distances(f6, output)
    else:
        graph.linear(f6, "output", output, "output")
    outputs: list[tuple[str, Sequence[str | int]]] = [(name, ["n", *size]) for name, size in sizes.items()]
    if preset.pooling == "max":
        maps, *side = sizes["S2"]
        outputs[LAYERS.index("C1")] = (CORNERS, ["n", 4 * maps, *side])
    if loaded.digit_head is not None:
        hidden = graph.linear(f6, "digit_head.hidden", loaded.digit_head.hidden)
        score = graph.linear(
            graph.activation("silu", hidden, ""), "digit_head.score", loaded.digit_head.score
        )
        graph.node("Squeeze", [score, graph.constant("unit axis", np.array([1], dtype=np.int64))], "digit")
        outputs.append(("digit", ["n"]))
    size = preset.input_size
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            preset.name,
            [helper.make_tensor_value_info("fields", TensorProto.UINT8, ["n", size, size])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
            graph.initializers,
            doc_string=preset.description,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        # The oldest format that has this opset, so that older runtimes read it too.
        ir_version=8,
        producer_name="digits",
    )


def corners(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """The kernels (4m, c, 6, 6) that give in a step of 2 what those of (m, c, 5, 5) give in four steps of 1.

    Of four maps the first has the values of even rows and columns, the others those of odd columns, of odd
    rows, and of both. ONNX Runtime computes 8 or 16 maps together: with 24 instead of 6 few are computed for
    nothing, and the largest of four values is the largest of four maps. It saves a fifth of the time.
    """
    maps, sources, side, _ = weight.shape
    wide = weight.new_zeros(maps, 4, sources, side + 1, side + 1)
    for corner in range(4):
        down, across = divmod(corner, 2)
        wide[:, corner, :, down : down + side, across : across + side] = weight
    return wide.flatten(0, 1), bias.repeat_interleave(4)


def _kernels(module: nn.Module) -> tuple[Tensor, Tensor]:
    """The weights and the biases of a convolution."""
    assert isinstance(module, PartialConvolution | nn.Conv2d)
    assert module.bias is not None
    return module.dense_weight() if isinstance(module, PartialConvolution) else module.weight, module.bias


class _Graph:
    """Nodes and constants of an ONNX graph in the making; every method gives the name of the new value."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def node(self, operator: str, inputs: list[str], name: str = "", **attributes: int | list[int]) -> str:
        name = name or f"{operator} {len(self.nodes)}"
        node = helper.make_node(operator, inputs, [name], name=name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        self.initializers.append(numpy_helper.from_array(values, name))
        return name

    def number(self, name: str, value: float) -> str:
        return self.constant(f"{name} {len(self.initializers)}", np.array(value, dtype=np.float32))

    def weights(self, name: str, tensor: Tensor) -> str:
        return self.constant(name, tensor.detach().cpu().numpy())

    def activation(self, kind: str, value: str, name: str) -> str:
        match kind:
            case "silu":
                return self.node("Mul", [value, self.node("Sigmoid", [value])], name)
            case "scaled tanh":
                inner = self.node("Tanh", [self.node("Mul", [value, self.number("slope", 2 / 3)])])
                return self.node("Mul", [inner, self.number("amplitude", 1.7159)], name)
            case _:
                return self.node({"tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "Relu"}[kind], [value], name)

    def convolution(
        self, layer: str, value: str, name: str, weight: Tensor, bias: Tensor, **attributes: list[int]
    ) -> str:
        kernels = [self.weights(f"{layer}.weight", weight), self.weights(f"{layer}.bias", bias)]
        return self.node("Conv", [value, *kernels], name, **attributes)

    def largest(self, value: str, maps: int, height: int, width: int) -> str:
        """The largest of each four maps: (n, 4m, h, w) -> (n, m, h, w)."""
        fours = np.array([0, maps, 4, height, width], dtype=np.int64)  # 0: as many as there are
        value = self.node("Reshape", [value, self.constant("fours", fours)])
        return self.node("ReduceMax", [value], axes=[2], keepdims=0)

    def pool(self, operator: str, value: str, name: str = "") -> str:
        return self.node(operator, [value], name, kernel_shape=[2, 2], strides=[2, 2])

    def scale_maps(self, value: str, layer: str, module: Subsampling, factor: int) -> str:
        coefficient = self.weights(f"{layer}.coefficient", (module.coefficient * factor)[:, None, None])
        scaled = self.node("Mul", [value, coefficient])
        return self.node("Add", [scaled, self.weights(f"{layer}.bias", module.bias[:, None, None])])

    def linear(self, value: str, layer: str, module: nn.Module, name: str = "") -> str:
        assert isinstance(module, nn.Conv2d | nn.Linear)
        assert module.bias is not None
        weight = self.weights(f"{layer}.weight", module.weight.flatten(1))
        return self.node("Gemm", [value, weight, self.weights(f"{layer}.bias", module.bias)], name, transB=1)

    def distances(self, value: str, module: RBFOutput) -> str:
        """-y of the RBF units: minus the squared distances of (n, 84) units to the ten codes."""
        codes = self.weights("output.codes", module.codes)
        axis = self.constant("code axis", np.array([1], dtype=np.int64))
        difference = self.node("Sub", [self.node("Unsqueeze", [value, axis]), codes])
        squares = self.node("ReduceSumSquare", [difference], axes=[2], keepdims=0)
        return self.node("Neg", [squares], "output")
