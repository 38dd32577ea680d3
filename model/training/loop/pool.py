"""A pool of images distorted beforehand, with what the teachers say of each: several students share it.

Asking a teacher costs more than training the student. A pool asks it once for each of its images.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap

from model.checkpoints.checkpoint import Checkpoint
from model.networks.family import DigitHead
from model.training.data.distortions import DISTORTIONS
from model.training.data.sources import Source
from model.training.evaluation.inference import BATCH, channels_last, run_network


def pool_key(
    source: Source, teachers: list[str], copies: int, distort: str, seed: int, *, scores: bool = False
) -> str:
    """A name for the pool that differs whenever anything it is made from differs.

    `teachers` are the digests of their weights; `scores`: whether their digit heads are asked too.
    """
    images = hashlib.sha256(source.images.tobytes()).hexdigest()
    amounts = repr(DISTORTIONS[distort])
    values = json.dumps([images, teachers, copies, amounts, seed, *(["scores"] if scores else [])])
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def head_of(teacher: Checkpoint, device: torch.device, wanted: bool) -> DigitHead | None:
    """The teacher's digit head, if it is wanted."""
    return teacher.digit_head.to(device) if wanted and teacher.digit_head is not None else None


def build_pool(
    source: Source,
    teachers: list[Checkpoint],
    *,
    scores: bool = False,
    key: str,
    copies: int,
    distort: str,
    seed: int,
    folder: Path,
    device: torch.device,
    on_images: Callable[[int], None] = lambda _: None,
) -> Source:
    """The pool of `copies` distorted copies of `source`, from `folder` if it is there, made there if not.

    The logits are the mean of the teachers', and so are the digit heads' if their `scores` are wanted,
    which takes teachers that have one. `on_images` is told of every batch made. A pool that was left half
    made is made anew.
    """
    images_path, logits_path, scores_path = (
        folder / f"pool-{key}-{what}.npy" for what in ("images", "logits", "scores")
    )
    if not logits_path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        n = len(source.labels)
        images = open_memmap(images_path, mode="w+", dtype=np.uint8, shape=(copies, n, 28, 28))
        partial = logits_path.with_suffix(".part")
        logits = open_memmap(partial, mode="w+", dtype=np.float16, shape=(copies, n, 10))
        digit_scores = np.zeros((copies, n), np.float16)
        random = torch.Generator().manual_seed(seed)
        asked = [(teacher.network.to(device), head_of(teacher, device, scores)) for teacher in teachers]
        if device.type == "cpu":
            # The faster layout there for convolutions with few maps, by a factor of two.
            for network, _ in asked:
                channels_last(network)
        for copy in range(copies):
            for start in range(0, n, BATCH):
                fields = (
                    torch.from_numpy(source.images[0, start : start + BATCH])[:, None].to(device).float()
                    / 255
                )
                distorted = DISTORTIONS[distort](fields, random)
                made = (distorted * 255).round().clamp(0, 255).to(torch.uint8)[:, 0].cpu().numpy()
                images[copy, start : start + BATCH] = made
                said = [run_network(network, made, device, head) for network, head in asked]
                logits[copy, start : start + BATCH] = np.mean([of_digits for of_digits, _ in said], axis=0)
                if scores:
                    of_heads = [score for _, score in said if score is not None]
                    digit_scores[copy, start : start + BATCH] = np.mean(of_heads, axis=0)
                on_images(len(made))
        images.flush()
        logits.flush()
        if scores:
            np.save(scores_path, digit_scores)
        partial.rename(logits_path)
    return Source(
        source.name,
        np.load(images_path, mmap_mode="r"),
        source.labels,
        source.weight,
        distort=False,
        logits=np.load(logits_path, mmap_mode="r"),
        scores=np.load(scores_path) if scores else None,
    )
