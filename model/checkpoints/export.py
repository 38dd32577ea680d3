"""Write a trained network as an ONNX model with its metadata, so that a server does not need torch.

Input: `fields`, uint8 (n, S, S). Outputs: every layer by its textbook name (`output` holds the logits,
(n, 10)), and `digit`, the digit head's logit (n,), if there is one.
"""

import json
import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper
from torch import Tensor, nn

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import KEY, CheckpointError, locate
from model.engines.onnx_engine import PROBE, OnnxEngine, probe_field
from model.engines.torch_engine import TorchEngine
from model.networks.presets import LAYERS

OPSET = 18
TOLERANCE = 1e-5


def export(source: Path | str, target: Path | None = None) -> tuple[Path, float]:
    """Write the checkpoint `source` as ONNX, beside it unless a `target` is named, and compare it with torch.

    Returns the path and the largest difference found, relative for values above 1. The file appears only if
    no difference is above `TOLERANCE`.

    Raises:
        CheckpointError: the source cannot be used, or the engines differ.
    """
    source = locate(source)
    target = target or source.with_suffix(".onnx")
    reference = TorchEngine(source, "cpu")
    loaded = checkpoint.load(source)
    model = to_onnx(loaded)
    logits, _ = reference.run(probe_field(loaded.metadata.input_size)[None])
    probe = json.dumps([float(logit) for logit in logits[0]])
    helper.set_model_props(model, {KEY: loaded.metadata.to_json(), PROBE: probe})
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
    """The largest difference in any output or layer on `count` random fields, relative for values above 1."""
    size = reference.metadata.input_size
    random = np.random.default_rng(0)
    fields = random.integers(0, 256, (count, size, size), dtype=np.uint8)
    # Half of them smooth blots: noise alone hardly moves a network that was trained on digits.
    blots = random.integers(0, 256, (count // 2, size // 4, size // 4), dtype=np.uint8)
    fields[: count // 2] = blots.repeat(4, axis=1).repeat(4, axis=2)
    ours, theirs = reference.layers(fields), other.layers(fields)
    pairs = [(ours[name], theirs[name]) for name in LAYERS]
    digit, other_digit = reference.run(fields)[1], other.run(fields)[1]
    if digit is not None and other_digit is not None:
        pairs.append((digit, other_digit))
    return max(float((np.abs(a - b) / np.maximum(1, np.abs(a))).max()) for a, b in pairs)


class _Served(nn.Module):
    """What an engine computes: every layer and the digit head, from fields as they are sent."""

    def __init__(self, loaded: Checkpoint) -> None:
        super().__init__()
        self.network = loaded.network
        self.head = loaded.digit_head

    def forward(self, fields: Tensor) -> list[Tensor]:
        """(n, S, S) uint8 -> the outputs, in the order of `LAYERS`, the head's last."""
        layers = self.network.layers(fields.unsqueeze(1).float() / 255)
        return [*layers.values()] if self.head is None else [*layers.values(), self.head(layers["F6"])]


def to_onnx(loaded: Checkpoint) -> onnx.ModelProto:
    """The ONNX model of a checkpoint, without its metadata."""
    size = loaded.metadata.input_size
    names = LAYERS if loaded.digit_head is None else (*LAYERS, "digit")
    # torch warns about its own internals, and about torchvision, which is not needed.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Served(loaded).eval(),
            (torch.zeros(2, size, size, dtype=torch.uint8),),
            input_names=["fields"],
            output_names=names,
            dynamic_shapes={"fields": {0: "n"}},
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    graph = model.graph
    del graph.value_info[:]
    for part in (graph, *graph.node, *graph.input, *graph.output):
        del part.metadata_props[:]  # the source lines of each, with local folders
    return model
