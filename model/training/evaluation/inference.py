"""Run a network over arrays of images, in batches."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from model.checkpoints.checkpoint import Checkpoint
from model.networks.base import Network
from model.networks.layers import DigitHead
from model.recognition.second_look import look_again

BATCH = 500


class Outputs(NamedTuple):
    """What a network gives for n fields: its logits (n,10), and its digit head's (n,) if it has one."""

    logits: NDArray[np.float32]
    digit: NDArray[np.float32] | None


def run_checkpoint(
    loaded: Checkpoint, fields: NDArray[np.uint8], device: torch.device, *, second_look: bool = True
) -> Outputs:
    """Run a checkpoint over fields (n,28,28) uint8 as it is served, or (without `second_look`) only once."""
    network = loaded.network.to(device)
    head = None if loaded.digit_head is None else loaded.digit_head.to(device)

    def run(fields: NDArray[np.uint8]) -> Outputs:
        return run_network(network, fields, device, head)

    outputs, certain = run(fields), loaded.metadata.second_look
    if not second_look or certain is None:
        return outputs
    return Outputs(*look_again(fields, *outputs, run, certain))


@torch.inference_mode()
def run_network(
    network: Network, fields: NDArray[np.uint8], device: torch.device, head: DigitHead | None = None
) -> Outputs:
    """Run a network, and a digit head if one is given, over fields (n,28,28) uint8, in their present mode."""
    logits, scores = [np.zeros((0, 10), np.float32)], [np.zeros(0, np.float32)]
    for start in range(0, len(fields), BATCH):
        batch = torch.from_numpy(fields[start : start + BATCH])[:, None].to(device).float() / 255
        found, features = network.features(fit_size(batch, network.preset.input_size))
        logits.append(found.float().cpu().numpy())
        if head is not None:
            scores.append(head(features).float().cpu().numpy())
    return Outputs(np.concatenate(logits), None if head is None else np.concatenate(scores))


def fit_size(fields: Tensor, size: int) -> Tensor:
    """Add the border of background that a network for fields (n,1,32,32) wants around (n,1,28,28)."""
    border = (size - fields.shape[-1]) // 2
    return pad(fields, [border] * 4) if border else fields
