"""The report: a page of tables in Markdown."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.rounds import TITLES, Figures, Results, Scene, median, ratio

DIGITS, TORCH, BEFORE = "this service", "torch engine", "before"
NOTHING, DEMO = "FastAPI", "the usual demo"
UPLOAD = "FastAPI, an upload"
"""The endpoint for uploads beside that for drawings: of the two it takes longer to do nothing."""

GOALS = {
    Scene("png", 64): "2.0",
    Scene("png", 1): "1.0",
    Scene("strokes", 64): "2.0",
    Scene("canvas", 64): "0.5",
    Scene("photograph", 64): "1.5 times the demo",
    Scene("number", 1): "15",
    Scene("amount", 1): "30",
}
"""Of throughput relative to FastAPI that does nothing; of numbers, milliseconds of CPU at the most."""

COLUMNS = {
    "requests/s": ("rate", 1, ",.0f"),
    "CPU µs": ("cpu", 1e6, ",.0f"),
    "p50 ms": ("p50", 1e3, ".2f"),
    "p99 ms": ("p99", 1e3, ".2f"),
    "MiB": ("memory", 1, ".0f"),
}
"""What stands behind the ratios: the measure, its factor and its form."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, its first column to the left."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _what(scene: Scene) -> str:
    return f"{TITLES[scene.kind]}, {scene.clients} client{'s' if scene.clients > 1 else ''}"


def throughput(results: Results) -> str:
    """Requests a second relative to FastAPI that does nothing."""
    names = list(dict.fromkeys(name for found in results.values() for name in found if name != NOTHING))
    names.remove(UPLOAD) if UPLOAD in names else None
    rows = []
    for scene, found in results.items():
        ratios = [f"{ratio(found, name, NOTHING, 'rate'):.2f}" if name in found else "" for name in names]
        rows.append([_what(scene), GOALS.get(scene, ""), *ratios])
        if UPLOAD in found:
            ratios = [f"{ratio(found, name, UPLOAD, 'rate'):.2f}" if name in found else "" for name in names]
            rows.append(["the same, relative to FastAPI with an upload", "", *ratios])
    return "### Throughput, relative to FastAPI that does nothing\n\n" + table(["", "goal", *names], rows)


def plainly(results: Results) -> str:
    """What stands behind the ratios."""
    rows = []
    for scene, found in results.items():
        for name, figures in found.items():
            shown = [f"{median(figures, each) * factor:{form}}" for each, factor, form in COLUMNS.values()]
            rows.append([f"{_what(scene)}: {name}", *shown])
    return "### In numbers\n\n" + table(["", *COLUMNS], rows)


def batch(batches: Sequence[Figures], singles: Sequence[Figures]) -> str:
    """Images a second of batches relative to single calls."""
    together, single = 256 * median(batches, "rate"), median(singles, "rate")
    return (
        f"`/predict/batch` with 256 images of 28x28 answers {together:,.0f} images a second, "
        f"{together / single:.2f} times the {single:,.0f} of single calls from 64 clients.\n\n"
    )


def numbers(results: Results) -> str:
    """What reading takes."""
    names = list(dict.fromkeys(name for found in results.values() for name in found))
    rows = [
        [TITLES[scene.kind], GOALS[scene], *(f"{median(found[name], 'cpu') * 1e3:.1f}" for name in names)]
        for scene, found in results.items()
    ]
    return "### Reading: milliseconds of CPU a request\n\n" + table(["", "goal", *names], rows)


def write(path: Path, text: str, arguments: Sequence[str]) -> None:
    """Write the page."""
    command = " ".join(["python -m tests.benchmarks", *arguments])
    path.write_text(
        "# Performance\n\n"
        f"Measured by `{command}` (`make bench`) on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} "
        f"cores ({platform.machine()}), load average {os.getloadavg()[0]:.1f}, Python "
        f"{platform.python_version()}. Each server has one process on one core, the load another core. All "
        "take turns, round by round; a ratio is the median over the rounds. FastAPI that does nothing takes "
        "an upload, or a drawing, and answers a constant; the usual demo is FastAPI, Pillow and eager torch "
        "as they come. Canvases are half filtered as Chromium does it (Up), half as libpng does.\n\n" + text
    )
