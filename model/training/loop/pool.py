"""A pool of images distorted beforehand, with the teachers' answers to each: several students share it.

Asking a teacher costs more than training the student. A pool asks it once for each of its images.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap

from model.checkpoints.checkpoint import Checkpoint
from model.training.data.distortions import DISTORTIONS
from model.training.data.sources import Source
from model.training.evaluation.inference import BATCH, channels_last, run_network

SEED = 0
"""A pool does not depend on the run's seed: the runs of several seeds share one."""


def pooled(
    source: Source,
    teachers: Sequence[Checkpoint],
    *,
    copies: int,
    distort: str,
    scores: bool,
    folder: Path,
    device: torch.device,
    on_images: Callable[[int], None] = lambda _: None,
) -> Source:
    """The source as `copies` distorted copies with the teachers' answers, from `folder` or made there.

    The logits are the mean of the teachers', and so are their digit heads' logits if `scores` are wanted,
    which takes teachers that have a head. `on_images` is told the size of every batch made. A pool that was
    left half made is made anew.
    """
    stem = f"pool-{_key(source, teachers, copies, distort, scores)}"
    paths = [folder / f"{stem}-{what}.npy" for what in ("images", "logits", "scores")]
    if not paths[1].exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(source, teachers, paths, copies=copies, distort=distort, scores=scores, device=device,
              on_images=on_images)  # fmt: skip
    images, logits = (np.load(path, mmap_mode="r") for path in paths[:2])
    heads = np.load(paths[2]) if scores else None
    return replace(source, images=images, distort=False, logits=logits, scores=heads)


def _make(
    source: Source,
    teachers: Sequence[Checkpoint],
    paths: Sequence[Path],
    *,
    copies: int,
    distort: str,
    scores: bool,
    device: torch.device,
    on_images: Callable[[int], None],
) -> None:
    images_path, logits_path, scores_path = paths
    n = len(source.labels)
    partial = logits_path.with_suffix(".part")
    images = open_memmap(images_path, mode="w+", dtype=np.uint8, shape=(copies, n, 28, 28))
    logits = open_memmap(partial, mode="w+", dtype=np.float16, shape=(copies, n, 10))
    digit_scores = np.zeros((copies, n), np.float16)
    random = torch.Generator().manual_seed(SEED)
    for teacher in teachers:
        teacher.network.to(device)
        if scores and teacher.digit_head is not None:
            teacher.digit_head.to(device)
        if device.type == "cpu":
            # The faster layout there for convolutions with few maps, by a factor of two.
            channels_last(teacher.network)
    for copy in range(copies):
        for start in range(0, n, BATCH):
            batch = slice(start, start + BATCH)
            fields = torch.from_numpy(source.images[0, batch])[:, None].to(device).float() / 255
            distorted = DISTORTIONS[distort](fields, random)
            made = (distorted * 255).round().clamp(0, 255).to(torch.uint8)[:, 0].cpu().numpy()
            answers = [
                run_network(teacher.network, made, device, teacher.digit_head if scores else None)
                for teacher in teachers
            ]
            images[copy, batch] = made
            logits[copy, batch] = np.mean([answer.logits for answer in answers], axis=0)
            if scores:
                heads = [answer.digit for answer in answers if answer.digit is not None]
                digit_scores[copy, batch] = np.mean(heads, axis=0)
            on_images(len(made))
    images.flush()
    logits.flush()
    if scores:
        np.save(scores_path, digit_scores)
    partial.rename(logits_path)


def _key(source: Source, teachers: Sequence[Checkpoint], copies: int, distort: str, scores: bool) -> str:
    """A name for the pool that differs whenever anything it is made from differs."""
    images = hashlib.sha256(source.images.tobytes()).hexdigest()
    digests = [teacher.metadata.digest for teacher in teachers]
    values = [images, digests, copies, repr(DISTORTIONS[distort]), SEED, scores]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
