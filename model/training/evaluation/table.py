"""The table of the presets that come with weights: what each is, how good, how large, how fast."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model.checkpoints import checkpoint
from model.networks.family import PRESETS
from model.recognition import Recogniser
from model.training.data import LabelledImages
from model.training.evaluation.inference import fit_size, report_on


@dataclass(frozen=True, slots=True)
class Row:
    """One preset. Shares are fractions of 1; times are milliseconds, the median of repeated calls.

    `accuracy` is of the shipped weights; `mean`, `spread` (sample standard deviation) and `seeds` are of all
    the runs that were trained for it.
    """

    preset: str
    input_size: int
    parameters: int
    connections: int
    accuracy: float
    mean: float | None
    spread: float | None
    seeds: int
    ece: float
    rejected: float
    """share to reject for 0.1 % error"""
    kilobytes: float
    one: float
    many: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def rows(part: LabelledImages, device: torch.device) -> list[Row]:
    """A row for each preset whose weights come with the project, measured on `part`."""
    found = []
    for name in PRESETS:
        path = checkpoint.CHECKPOINTS / f"{name}.safetensors"
        if path.exists():
            found.append(_row(name, part, device))
    return found


def _row(name: str, part: LabelledImages, device: torch.device) -> Row:
    loaded = checkpoint.load(name)
    metadata = loaded.metadata
    report, _ = report_on(loaded, part, device)
    recogniser = Recogniser.load(name, str(device))
    pixels = torch.from_numpy(part.images[:256])
    fields = np.ascontiguousarray(fit_size(pixels, metadata.input_size).numpy())
    seeds = metadata.measured.get("seeds", [])
    return Row(
        preset=name,
        input_size=metadata.input_size,
        parameters=metadata.parameters,
        connections=metadata.connections,
        accuracy=report.accuracy,
        mean=statistics.mean(seeds) if seeds else None,
        spread=statistics.stdev(seeds) if len(seeds) > 1 else None,
        seeds=len(seeds),
        ece=report.ece,
        rejected=report.rejections[-1].rejected,
        kilobytes=(checkpoint.CHECKPOINTS / f"{name}.safetensors").stat().st_size / 1000,
        one=median_milliseconds(recogniser, fields[:1], 200),
        many=median_milliseconds(recogniser, fields, 15),
    )


def median_milliseconds(recogniser: Recogniser, fields: NDArray[np.uint8], repeats: int) -> float:
    """The median time of recognising `fields`, after a warm-up."""
    times = []
    for i in range(repeats + 5):
        start = time.perf_counter()
        recogniser.score(fields)
        if i >= 5:
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


HEADER = (
    "preset", "input", "parameters", "connections", "accuracy", "mean ± spread (seeds)", "ECE",
    "rejected for 0.1 %", "kB", "1 image, ms", "256 images, ms",
)  # fmt: skip


def cells(row: Row) -> tuple[str, ...]:
    """A row as text, in the order of `HEADER`."""
    mean = "" if row.mean is None else f"{row.mean:.2%}"
    if row.spread is not None:
        mean += f" ± {100 * row.spread:.2f} ({row.seeds})"
    return (
        row.preset,
        f"{row.input_size}x{row.input_size}",
        f"{row.parameters:,}",
        f"{row.connections:,}",
        f"{row.accuracy:.2%}",
        mean,
        f"{row.ece:.2%}",
        f"{row.rejected:.2%}",
        f"{row.kilobytes:.0f}",
        f"{row.one:.2f}",
        f"{row.many:.1f}",
    )


def markdown(found: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADER, ("---",) * len(HEADER), *map(cells, found)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
