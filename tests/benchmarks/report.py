"""The report: tables in Markdown, and a plot."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.rounds import Figures, Scene, median, ratio

YARDSTICK = "FastAPI, constant"
UPLOAD = "the same with a 28x28 upload"
"""The endpoint for uploads beside that for drawings: of the two it takes longer to do nothing."""
Results = Mapping[Scene, Mapping[str, Sequence[Figures]]]


def scenes(results: Results) -> str:
    """A table for each scene, as ratios to the FastAPI endpoint that does nothing."""
    text = ""
    for scene, found in results.items():
        text += f"### {scene.title.capitalize() if scene.kind == 'strokes' else scene.title}\n\n"
        text += (
            "| | throughput | p50 | p99 | CPU a request | memory | requests/s | CPU µs | p99 ms | MiB |\n"
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
        )
        for name in found:
            ratios = [
                ratio(found, name, YARDSTICK, measure) for measure in ("rate", "p50", "p99", "cpu", "memory")
            ]
            plain = (
                f"{median(found[name], 'rate'):,.0f}",
                f"{median(found[name], 'cpu') * 1e6:,.0f}",
                f"{median(found[name], 'p99') * 1e3:.1f}",
                f"{median(found[name], 'memory'):.0f}",
            )
            text += f"| {name} | " + " | ".join(f"{value:.2f}" for value in ratios)
            text += " | " + " | ".join(plain) + " |\n"
        text += "\n"
        if UPLOAD in found:
            ours = next(iter(found))
            rate, tail = (ratio(found, ours, UPLOAD, measure) for measure in ("rate", "p99"))
            text += (
                f"Relative to the endpoint that takes an upload {ours} has {rate:.2f} times the throughput "
                f"and {tail:.2f} times the p99.\n\n"
            )
    return text


def batch(results: Results, name: str) -> str:
    """Images a second of batches relative to single calls."""
    (batches, singles) = (found[name] for found in results.values())
    together = 256 * median(batches, "rate")
    single = median(singles, "rate")
    cpu = median(singles, "cpu") / (median(batches, "cpu") / 256)
    return (
        "### Batches\n\n"
        f"`/predict/batch` with 256 images of 28x28: {together:,.0f} images a second, "
        f"{together / single:.2f} times the {single:,.0f} of single calls from 64 clients "
        f"({cpu:.2f} times as many images for a second of CPU).\n\n"
    )


def write(path: Path, text: str, results: Results, arguments: Sequence[str]) -> None:
    """Write the Markdown, and the plot beside it."""
    picture = path.with_suffix(".png")
    plot(results, picture)
    command = "python -m tests.benchmarks " + " ".join(arguments)
    load = os.getloadavg()[0]
    path.write_text(
        "# Performance\n\n"
        f"Measured by `{command.strip()}` (`make bench`) on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, "
        f"{os.cpu_count()} cores ({platform.machine()}), load average {load:.1f}, "
        f"Python {platform.python_version()}. One process on one core each, the load on another, every "
        "contestant in turn, round by round; the ratios are medians over the rounds of what a contestant had "
        "relative to the FastAPI endpoint that takes an upload and answers a constant. In throughput more is "
        "better, in everything else less.\n\n"
        f"![Throughput by kind of request, relative to FastAPI doing nothing]({picture.name})\n\n{text}"
    )


def plot(results: Results, path: Path) -> None:
    """Bars: throughput relative to the yardstick, scene by scene."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    names = list(dict.fromkeys(name for found in results.values() for name in found if name != UPLOAD))
    figure, axes = pyplot.subplots(figsize=(11, 1.1 * len(results) + 1.5))
    height = 0.8 / len(names)
    for at, name in enumerate(names):
        rows = [row for row, found in enumerate(results.values()) if name in found]
        values = [ratio(found, name, YARDSTICK, "rate") for found in results.values() if name in found]
        bars = axes.barh([row + at * height for row in rows], values, height, label=name)
        axes.bar_label(bars, fmt="%.2f", padding=2, fontsize=7)
    axes.axvline(1.0, color="0.4", linewidth=0.8)
    axes.set_yticks([row + 0.4 - height / 2 for row in range(len(results))], [s.title for s in results])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("requests a second, relative to a FastAPI endpoint that does nothing")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.08), ncols=3, frameon=False, fontsize=8)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    pyplot.close(figure)
