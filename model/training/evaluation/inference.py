"""Running a network over arrays of images, in batches, and what it gives on a part that is watched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor, nn
from torch.nn.functional import pad

from model.checkpoints.checkpoint import Checkpoint
from model.networks.family import DigitHead, Network
from model.recognition.second_look import look_again
from model.training.data import NO_DIGIT, LabelledImages
from model.training.evaluation.calibration import fit_temperature, negative_log_likelihood
from model.training.evaluation.figures import Report, evaluate
from model.training.loop.records import Validation

BATCH = 500


def fit_size(fields: Tensor, size: int) -> Tensor:
    """Fields (n,1,28,28) with the border of background that a network for `size` 32 wants."""
    border = (size - fields.shape[-1]) // 2
    return pad(fields, [border] * 4) if border else fields


@torch.inference_mode()
def run_network(
    network: Network, images: NDArray[np.uint8], device: torch.device, head: DigitHead | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Logits (n,10), and the digit head's (n,) if one is given, for `images` (n,28,28); the mode is kept."""
    logits, scores = [np.zeros((0, 10), np.float32)], [np.zeros(0, np.float32)]
    for start in range(0, len(images), BATCH):
        fields = torch.from_numpy(images[start : start + BATCH])[:, None].to(device).float() / 255
        found, features = network.features(fit_size(fields, network.preset.input_size))
        logits.append(found.float().cpu().numpy())
        if head is not None:
            scores.append(head(features).float().cpu().numpy())
    return np.concatenate(logits), None if head is None else np.concatenate(scores)


def run_as_served(
    loaded: Checkpoint, images: NDArray[np.uint8], device: torch.device
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """What `run_network` gives, with the second look where the checkpoint wants it."""
    network = loaded.network.to(device)
    head = None if loaded.digit_head is None else loaded.digit_head.to(device)

    def run(fields: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        return run_network(network, fields, device, head)

    logits, scores = run(images)
    certain = loaded.metadata.second_look
    return (logits, scores) if certain is None else look_again(images, logits, scores, run, certain)


def report_on(
    loaded: Checkpoint, part: LabelledImages, device: torch.device
) -> tuple[Report, NDArray[np.float32]]:
    """What a checkpoint is worth on a part, as it is served, and the logits (n,10) that say so."""
    logits, _ = run_as_served(loaded, part.images, device)
    report = evaluate(logits, part, loaded.metadata.temperature)
    if loaded.metadata.second_look is not None:
        first, _ = run_network(loaded.network.to(device), part.images, device)
        right = int((first.argmax(axis=1) == part.labels).sum())
        report = replace(report, first_look=right / len(part.labels))
    return report, logits


def watch(network: Network, head: DigitHead | None, part: LabelledImages, device: torch.device) -> Validation:
    """What a network in evaluation mode, and its digit head, give on a part."""
    logits, scores = run_network(network, part.images, device, head)
    digits = part.labels != NO_DIGIT
    logits, labels = logits[digits], part.labels[digits]
    temperature = fit_temperature(logits, labels)
    return Validation(
        accuracy=float((logits.argmax(axis=1) == labels).mean()),
        nll=negative_log_likelihood(logits / temperature, labels),
        temperature=temperature,
        digit_auc=None if scores is None or digits.all() else area_under_roc(scores, digits),
    )


def area_under_roc(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """How often a positive has the higher score than a negative, ties counting half (Mann-Whitney U)."""
    n, m = int(positive.sum()), int((~positive).sum())
    ranks = rankdata(scores)[positive].sum()
    return float((ranks - n * (n + 1) / 2) / (n * m))


def channels_last(module: nn.Module) -> None:
    """Lay the convolutions' kernels out with the channels last; activations follow them."""
    for parameter in module.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
