"""The table of the presets that come with weights: what each is, how good, how large, how fast."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from model.checkpoints import checkpoint
from model.checkpoints.metadata import locate
from model.networks.family import PRESETS
from model.recognition import Recogniser
from model.training.data import LabelledImages
from model.training.evaluation.figures import evaluate_checkpoint
from model.training.reports.tables import Table


@dataclass(frozen=True, slots=True)
class PresetFigures:
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


def measure_family(part: LabelledImages, device: torch.device) -> list[PresetFigures]:
    """Measure each preset whose weights come with the project on `part`."""
    names = [name for name in PRESETS if locate(name).exists()]
    return [_measure(name, part, device) for name in names]


def _measure(name: str, part: LabelledImages, device: torch.device) -> PresetFigures:
    loaded = checkpoint.load(name)
    metadata = loaded.metadata
    report, _ = evaluate_checkpoint(loaded, part, device)
    recogniser = Recogniser.load(name, str(device))
    seeds = metadata.measured.get("seeds", [])
    return PresetFigures(
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
        kilobytes=locate(name).stat().st_size / 1000,
        one=median_milliseconds(recogniser, part.images[:1], 200),
        many=median_milliseconds(recogniser, part.images[:256], 15),
    )


def median_milliseconds(recogniser: Recogniser, fields: NDArray[np.uint8], repeats: int) -> float:
    """Time how long it takes to recognise `fields`: the median of `repeats` calls, after a warm-up."""
    times = []
    for i in range(repeats + 5):
        start = time.perf_counter()
        recogniser.score(fields)
        if i >= 5:
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def table(rows: Sequence[PresetFigures], *, narrow: bool = False) -> Table:
    """The rows as text; `narrow` breaks the headings into short lines, for a terminal of 80 columns."""
    headings = (
        ("preset", "input", "para-\nmeters", "connec-\ntions", "accu-\nracy", "mean ±\nspread\n(seeds)",
         "ECE",
         "reject\nfor\n0.1 %", "kB", "1 im.\nms", "256\nms")
        if narrow
        else ("preset", "input", "parameters", "connections", "accuracy", "mean ± spread (seeds)", "ECE",
              "rejected for 0.1 %", "kB", "1 image, ms", "256 images, ms")
    )  # fmt: skip
    return Table(headings, tuple(map(_cells, rows)))


def _cells(row: PresetFigures) -> tuple[str, ...]:
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
