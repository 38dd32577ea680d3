"""Teachers: which ones each source of images has, and their answers to its images, asked once.

Asking a teacher costs more than training the student. A pool of images distorted beforehand keeps the
answers, and several students share it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.lib.format import open_memmap
from rich.progress import Progress

from model.checkpoints.checkpoint import Checkpoint
from model.training.data.distortions import DISTORTIONS
from model.training.data.sources import Source
from model.training.evaluation.inference import BATCH, run_checkpoint


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher: the checkpoint's path, and the one source that it teaches.

    `source` is the data set's name or the name of a further file of images, with its ending or without;
    None: every source that has no teacher of its own.
    """

    path: str
    source: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse FILE or SOURCE=FILE, as `--teacher` takes it.

        No source's name has a slash, so that runs/lr=0.1/best.safetensors is a file.
        """
        source, equals, path = text.partition("=")
        return cls(path, source) if equals and Path(source).name == source else cls(text)

    def __str__(self) -> str:
        """The text that `parse` takes."""
        return self.path if self.source is None else f"{self.source}={self.path}"

    def teaches(self, source: str) -> bool:
        """Whether it is a teacher of this source alone."""
        return self.source is not None and self.source.removesuffix(".npz") == source


def teachers_of(teachers: Sequence[str], sources: Sequence[str]) -> list[list[str]]:
    """The paths of each source's teachers, for `sources` given by name: its own, or else the general ones.

    Raises:
        ValueError: a teacher is for a source that does not exist.
    """
    parsed = list(map(Teacher.parse, teachers))
    for teacher in parsed:
        if teacher.source is not None and not any(map(teacher.teaches, sources)):
            names = ", ".join(sources)
            raise ValueError(f"--teacher {teacher}: no source '{teacher.source}': choose from {names}")
    general = [teacher.path for teacher in parsed if teacher.source is None]
    return [[t.path for t in parsed if t.teaches(source)] or general for source in sources]


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
    progress: Progress,
) -> Source:
    """The source as `copies` distorted copies with the teachers' answers, from `folder` or made there.

    A source that is not to be distorted stays one plain copy. The logits are the mean over the teachers;
    with `scores`, so are the logits of their digit heads, which every teacher must then have. A pool that was
    left half made is made anew.
    """
    if not source.distort:
        copies, distort = 1, "none"
    key = _key(source, teachers, copies, distort, scores)
    paths = [folder / f"pool-{key}-{what}.npy" for what in ("images", "logits", "scores")]
    if not paths[1].exists():
        folder.mkdir(parents=True, exist_ok=True)
        shape = (copies, len(source.labels))
        partial = paths[1].with_suffix(".part")
        images = open_memmap(paths[0], mode="w+", dtype=np.uint8, shape=(*shape, 28, 28))
        logits = open_memmap(partial, mode="w+", dtype=np.float16, shape=(*shape, 10))
        heads = np.zeros(shape, np.float16)
        task = progress.add_task(f"{source.name}, {distort}", total=copies * shape[1])
        random = torch.Generator().manual_seed(SEED)
        for copy in range(copies):
            for start in range(0, shape[1], BATCH):
                batch = slice(start, start + BATCH)
                fields = torch.from_numpy(source.images[0, batch])[:, None].to(device).float() / 255
                distorted = DISTORTIONS[distort](fields, random)
                made = (distorted * 255).round().clamp(0, 255).to(torch.uint8)[:, 0].cpu().numpy()
                answers = [run_checkpoint(teacher, made, device, second_look=False) for teacher in teachers]
                images[copy, batch] = made
                logits[copy, batch] = np.mean([answer.logits for answer in answers], axis=0)
                if scores:
                    digit = [answer.digit for answer in answers if answer.digit is not None]
                    heads[copy, batch] = np.mean(digit, axis=0)
                progress.advance(task, len(made))
        progress.remove_task(task)
        images.flush()
        logits.flush()
        if scores:
            np.save(paths[2], heads)
        partial.rename(paths[1])
    images, logits = (np.load(path, mmap_mode="r") for path in paths[:2])
    return replace(
        source, images=images, distort=False, logits=logits, scores=np.load(paths[2]) if scores else None
    )


def _key(source: Source, teachers: Sequence[Checkpoint], copies: int, distort: str, scores: bool) -> str:
    """A name for the pool that differs whenever anything it is made from differs."""
    images = hashlib.sha256(source.images.tobytes()).hexdigest()
    digests = [teacher.metadata.digest for teacher in teachers]
    values = [images, digests, copies, repr(DISTORTIONS[distort]), SEED, scores]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
