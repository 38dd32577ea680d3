"""The table of the presets that come with weights: what each is, and how good."""

import statistics
from collections.abc import Mapping

from model.checkpoints.metadata import locate, read_metadata
from model.networks.presets import PRESETS
from model.training.evaluation.figures import Report
from model.training.reports.tables import Table


def family() -> list[str]:
    """The names of the presets that come with weights."""
    return [name for name in PRESETS if locate(name).exists()]


def table(reports: Mapping[str, Report]) -> Table:
    """The figures of shipped presets, by name: of the shipped weights, and of all runs made for them."""
    header = ("preset", "input", "parameters", "connections", "accuracy", "mean ± spread (seeds)", "ECE",
              "rejected for 0.1 %")  # fmt: skip
    return Table(header, tuple(_cells(name, report) for name, report in reports.items()))


def _cells(name: str, report: Report) -> tuple[str, ...]:
    metadata = read_metadata(name)
    seeds = metadata.measured.get("seeds", [])
    spread = f" ± {100 * statistics.stdev(seeds):.2f} ({len(seeds)})" if len(seeds) > 1 else ""
    return (
        name,
        f"{metadata.input_size}x{metadata.input_size}",
        f"{metadata.parameters:,}",
        f"{metadata.connections:,}",
        f"{report.accuracy:.2%}",
        f"{statistics.mean(seeds):.2%}{spread}" if seeds else "",
        f"{report.ece:.2%}",
        f"{report.rejections[-1].rejected:.2%}",
    )
