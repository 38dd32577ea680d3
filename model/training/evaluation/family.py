"""The table of the presets that come with weights: what each is, how good, how large, how fast."""

import statistics
import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.checkpoints.metadata import locate
from model.networks.presets import PRESETS
from model.recognition import Recogniser
from model.training.evaluation.figures import Report
from model.training.reports.tables import Table


def family() -> list[str]:
    """The names of the presets that come with weights."""
    return [name for name in PRESETS if locate(name).exists()]


def table(reports: Mapping[str, Report], fields: NDArray[np.uint8], device: str) -> Table:
    """The figures of shipped presets, by name; `fields` (n,28,28) uint8 serve to measure the times.

    The accuracy is that of the shipped weights, mean and spread (sample standard deviation) are of all the
    runs made for them. Times are medians of repeated calls.
    """
    header = ("preset", "input", "para-\nmeters", "connec-\ntions", "accu-\nracy", "mean ± spread (seeds)",
              "ECE", "re-\nject\nfor\n0.1 %", "kB", "ms of\n1", f"ms of\n{len(fields)}")  # fmt: skip
    rows = []
    for name, report in reports.items():
        recogniser = Recogniser.load(name, device)
        metadata = recogniser.metadata
        seeds = metadata.measured.get("seeds", [])
        spread = f" ± {100 * statistics.stdev(seeds):.2f} ({len(seeds)})" if len(seeds) > 1 else ""
        rows.append(
            (
                name,
                f"{metadata.input_size}x{metadata.input_size}",
                f"{metadata.parameters:,}",
                f"{metadata.connections:,}",
                f"{report.accuracy:.2%}",
                f"{statistics.mean(seeds):.2%}{spread}" if seeds else "",
                f"{report.ece:.2%}",
                f"{report.rejections[-1].rejected:.2%}",
                f"{locate(name).stat().st_size / 1000:.0f}",
                f"{_milliseconds(recogniser, fields[:1], 200):.2f}",
                f"{_milliseconds(recogniser, fields, 15):.1f}",
            )
        )
    return Table(header, tuple(rows))


def _milliseconds(recogniser: Recogniser, fields: NDArray[np.uint8], repeats: int) -> float:
    times = []
    for _ in range(repeats + 5):
        start = time.perf_counter()
        recogniser.score(fields)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[5:])
