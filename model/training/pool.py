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

from model.networks import Network
from model.training.distortions import DISTORTIONS
from model.training.inference import BATCH, channels_last, run_network
from model.training.sources import Source


def pool_key(source: Source, teachers: list[str], copies: int, distort: str, seed: int) -> str:
    """A name for the pool that differs whenever anything it is made from differs.

    `teachers` are the digests of their weights.
    """
    images = hashlib.sha256(source.images.tobytes()).hexdigest()
    amounts = repr(DISTORTIONS[distort])
    values = json.dumps([images, teachers, copies, amounts, seed])
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def build_pool(
    source: Source,
    teachers: list[Network],
    *,
    key: str,
    copies: int,
    distort: str,
    seed: int,
    folder: Path,
    device: torch.device,
    on_images: Callable[[int], None] = lambda _: None,
) -> Source:
    """The pool of `copies` distorted copies of `source`, from `folder` if it is there, made there if not.

    The logits are the mean of the teachers'. `on_images` is told of every batch made. A pool that was
    left half made is made anew.
    """
    images_path, logits_path = folder / f"pool-{key}-images.npy", folder / f"pool-{key}-logits.npy"
    if not logits_path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        n = len(source.labels)
        images = open_memmap(images_path, mode="w+", dtype=np.uint8, shape=(copies, n, 28, 28))
        partial = logits_path.with_suffix(".part")
        logits = open_memmap(partial, mode="w+", dtype=np.float16, shape=(copies, n, 10))
        random = torch.Generator().manual_seed(seed)
        if device.type == "cpu":
            # The faster layout there for convolutions with few maps, by a factor of two.
            for teacher in teachers:
                channels_last(teacher)
        for copy in range(copies):
            for start in range(0, n, BATCH):
                fields = (
                    torch.from_numpy(source.images[0, start : start + BATCH])[:, None].to(device).float()
                    / 255
                )
                distorted = DISTORTIONS[distort](fields, random)
                made = (distorted * 255).round().clamp(0, 255).to(torch.uint8)[:, 0].cpu().numpy()
                images[copy, start : start + BATCH] = made
                said = [run_network(teacher, made, device)[0] for teacher in teachers]
                logits[copy, start : start + BATCH] = np.mean(said, axis=0)
                on_images(len(made))
        images.flush()
        logits.flush()
        partial.rename(logits_path)
    return Source(
        source.name,
        np.load(images_path, mmap_mode="r"),
        source.labels,
        source.weight,
        distort=False,
        logits=np.load(logits_path, mmap_mode="r"),
    )
