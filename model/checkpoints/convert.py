"""Weights that someone saved with `torch.save`, turned into a checkpoint: offline, never in the service."""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from model.checkpoints import checkpoint
from model.checkpoints.metadata import CheckpointError, Metadata
from model.networks.base import Network
from model.networks.family import build

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Entries under which training scripts save the weights, beside other things."""


def convert(source: Path, preset: str, target: Path) -> tuple[Metadata, dict[str, str]]:
    """Read the state dict in `source`, fit it to `preset`, and write the checkpoint `target`.

    The weights are taken by name, in the form that is served or the one that is trained. Where names differ,
    as with the usual conv1, conv2, fc1, fc2, fc3, they are taken in the order in which they were saved, if
    every shape fits. Returns the metadata, and for each of the network's tensors its name in the file.

    Raises:
        CheckpointError: the file cannot be read without running code, or does not fit the preset.
        KeyError: there is no such preset; the message is one clear line.
    """
    network = build(preset)
    training = build(preset, form="training")
    tensors = read(source)
    for form in (network, training):
        if set(form.state_dict()) == set(tensors):
            return _save(source, target, form, tensors, {name: name for name in tensors})
    # Lookup tables and counters are whole numbers, not weights.
    weights = {name: tensor for name, tensor in tensors.items() if tensor.is_floating_point()}
    return _save(source, target, network, weights, _in_order(source, network, weights))


def read(source: Path) -> dict[str, Tensor]:
    """Read the tensors of a state dict saved with `torch.save`; nothing in the file is run.

    Raises:
        CheckpointError: there is no such file, it is not one of torch's, or it holds more than weights.
    """
    try:
        with warnings.catch_warnings():
            # torch warns of pickle protocols that its restricted reader may not know, and then raises too.
            warnings.simplefilter("ignore", UserWarning)
            saved = torch.load(source, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(source, "there is no such file") from error
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            source,
            "holds more than weights, which could run code when read; "
            "save model.state_dict() instead of the model",
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(source, f"is no readable file of torch.save ({reason})") from error
    for wrapper in WRAPPERS:
        if isinstance(saved, Mapping) and isinstance(saved.get(wrapper), Mapping):
            saved = saved[wrapper]
    if not isinstance(saved, Mapping) or not saved:
        raise CheckpointError(source, "holds no state dict")
    for name, value in saved.items():
        if not isinstance(value, Tensor):
            raise CheckpointError(source, f"holds no state dict: {name!r} is a {type(value).__name__}")
    return {str(name): tensor for name, tensor in saved.items()}


def _in_order(source: Path, network: Network, tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """Match the network's tensors with the file's, by order and size: names here to names there."""
    expected = network.state_dict()
    if len(tensors) != len(expected):
        raise CheckpointError(
            source, f"has {len(tensors)} tensors, where {network.preset.name} has {len(expected)}"
        )
    for (theirs, tensor), (ours, wanted) in zip(tensors.items(), expected.items(), strict=True):
        # C5 is a convolution here and often a matrix elsewhere: the same numbers in the same order.
        shapes = {wanted.shape, wanted.flatten(1).shape} if wanted.ndim > 1 else {wanted.shape}
        if tensor.shape not in shapes:
            raise CheckpointError(
                source,
                f"{theirs} has the shape {tuple(tensor.shape)}, where {ours} of {network.preset.name} "
                f"has {tuple(wanted.shape)}",
            )
    return dict(zip(expected, tensors, strict=True))


def _save(
    source: Path, target: Path, network: Network, tensors: Mapping[str, Tensor], names: dict[str, str]
) -> tuple[Metadata, dict[str, str]]:
    expected = network.state_dict()
    for ours, theirs in names.items():
        if tensors[theirs].numel() != expected[ours].numel():
            found, right = tuple(tensors[theirs].shape), tuple(expected[ours].shape)
            raise CheckpointError(source, f"{theirs} has the shape {found}, where {right} is right")
    network.load_state_dict(
        {
            ours: tensors[theirs].to(expected[ours].dtype).reshape(expected[ours].shape)
            for ours, theirs in names.items()
        }
    )
    metadata = checkpoint.describe(network)
    metadata.training = {"converted_from": source.name}
    return checkpoint.save(target, network, metadata), names
