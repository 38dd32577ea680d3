"""Trained weights on disk: safetensors with the metadata in the header, checked whole before use."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import save as to_safetensors
from torch import Tensor

from model.checkpoints.metadata import CHECKPOINTS, KEY, CheckpointError, Metadata, locate, opened
from model.networks.base import Network
from model.networks.family import build
from model.networks.layers import DigitHead
from model.networks.lenet5_1998 import RUBBISH, LeNet5Of1998

__all__ = ["CHECKPOINTS", "Checkpoint", "CheckpointError", "Metadata", "describe", "load", "save"]

HEAD_PREFIX = "digit_head."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A trained network in the form that is served, in evaluation mode, with its metadata."""

    network: Network
    metadata: Metadata
    digit_head: DigitHead | None = None


def describe(network: Network) -> Metadata:
    """Make the metadata that follows from the network alone; training adds its own."""
    preset = network.preset
    return Metadata(
        architecture=preset.name,
        input_size=preset.input_size,
        parameters=preset.parameters,
        connections=preset.connections,
        description=preset.description,
        second_look=preset.second_look,
        rubbish=network.rubbish if isinstance(network, LeNet5Of1998) else None,
    )


def save(
    path: Path, network: Network, metadata: Metadata | None = None, digit_head: DigitHead | None = None
) -> Metadata:
    """Write a network, folded, with its metadata; give back the metadata as written, digest included.

    The file appears whole or not at all.

    Raises:
        CheckpointError: a weight is not finite, or the metadata is not that of the network.
    """
    network = network.fold()
    metadata = describe(network) if metadata is None else metadata
    if metadata.architecture != network.preset.name:
        raise CheckpointError(path, f"{metadata.architecture} is not a description of {network.preset.name}")
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    sizes = None
    if digit_head is not None:
        sizes = {"features": digit_head.hidden.in_features, "hidden": digit_head.hidden.out_features}
        for name, tensor in digit_head.state_dict().items():
            tensors[HEAD_PREFIX + name] = tensor.detach().cpu().contiguous()
    _check_finite(path, tensors)
    values = {**asdict(metadata), "digit_head": sizes, "digest": digest(tensors)}
    metadata = Metadata.checked(values, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(to_safetensors(tensors, metadata={KEY: metadata.to_json()}))
    partial.replace(path)
    return metadata


def load(path: Path | str) -> Checkpoint:
    """Read and check a checkpoint; `path` may be the name of a preset that comes with the project.

    Raises:
        CheckpointError: the file is missing or no safetensors file; or its architecture, shapes or digest
            do not fit, or its weights are not finite.
    """
    path = locate(path, ".safetensors")
    with opened(path, "pt") as file:
        metadata = Metadata.from_header(file.metadata(), path)
        tensors = {name: file.get_tensor(name) for name in file.offset_keys()}
    network = build(metadata.architecture, rubbish=RUBBISH if metadata.rubbish is None else metadata.rubbish)
    head = None if metadata.digit_head is None else DigitHead(**metadata.digit_head)
    expected = dict(network.state_dict())
    if head is not None:
        expected |= {HEAD_PREFIX + name: tensor for name, tensor in head.state_dict().items()}
    _check_shapes(path, tensors, expected)
    _check_finite(path, tensors)
    if metadata.digest and metadata.digest != digest(tensors):
        raise CheckpointError(path, "its weights are not those that its digest was made of")
    network.load_state_dict({name: tensors[name] for name in network.state_dict()})
    if head is not None:
        head.load_state_dict({name: tensors[HEAD_PREFIX + name] for name in head.state_dict()})
        head.eval()
    return Checkpoint(network.eval(), metadata, head)


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Hash the weights by SHA-256: names, types, shapes and values, in the order of the names."""
    total = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        total.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        total.update(tensor.cpu().contiguous().numpy().tobytes())
    return total.hexdigest()


def _check_shapes(path: Path, tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    for name, tensor in expected.items():
        if name not in tensors:
            raise CheckpointError(path, f"lacks the weights {name}")
        found = tensors[name]
        if found.shape != tensor.shape:
            raise CheckpointError(
                path, f"{name} has the shape {tuple(found.shape)}, where {tuple(tensor.shape)} is right"
            )
        if found.dtype != tensor.dtype:
            raise CheckpointError(path, f"{name} is {found.dtype}, where {tensor.dtype} is right")
    surplus = sorted(set(tensors) - set(expected))
    if surplus:
        raise CheckpointError(path, f"has weights that the network has not: {', '.join(surplus)}")


def _check_finite(path: Path, tensors: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise CheckpointError(path, f"{name} has values that are not finite")
