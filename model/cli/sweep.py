"""`python -m model sweep`: find a learning rate, and draw the plot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from model.cli import CommandError
from model.cli.console import table_console
from model.cli.datasets import data_named
from model.cli.options import Batch, Data, DataSetName, Device, Download, Seed, Unverified, device_named
from model.training.data import DataError, stratified_split
from model.training.data.sources import Source
from model.training.loop.progress import progress_bars
from model.training.loop.settings import Settings
from model.training.loop.sweep import choose, rates_between
from model.training.loop.sweep import sweep as sweep_rates
from model.training.reports import plots

console = Console()


def sweep(
    preset: Annotated[str, typer.Option(help="the network to train")] = "lenet5-mnist",
    *,
    data: Data = Path("data"),
    data_set: DataSetName = "mnist",
    unverified: Unverified = False,
    download: Download = False,
    low: Annotated[float, typer.Option(help="the lowest rate")] = 1e-5,
    high: Annotated[float, typer.Option(help="the highest rate")] = 1.0,
    rates: Annotated[int, typer.Option(help="how many rates", min=2)] = 11,
    steps: Annotated[int, typer.Option(help="steps at each rate", min=20)] = 200,
    batch: Batch = 128,
    distort: Annotated[str, typer.Option(help="none, mild, affine or full")] = "none",
    seed: Seed = 0,
    out: Annotated[Path, typer.Option(help="a folder for sweep.png and sweep.json")] = Path("runs/sweep"),
    device: Device = "auto",
) -> None:
    """Train for a moment at many learning rates; say which is too low, too high, and good."""
    chosen_device = device_named(device)
    out.mkdir(parents=True, exist_ok=True)  # a folder that cannot be had is said before the work, not after
    try:
        found = data_named(data_set, data, unverified=unverified, fetch=download, console=console)
        training, _ = stratified_split(found.train.labels)
        part = found.train.take(training)
        settings = Settings(preset, data_set=data_set, seed=seed, batch=batch, distort=distort)
        tried = rates_between(low, high, rates)
        with progress_bars(console) as progress:
            task = progress.add_task("steps", total=len(tried) * steps)
            trials = sweep_rates(
                settings,
                Source(data_set, part.images[None], part.labels),
                tried,
                steps,
                device=chosen_device,
                on_step=lambda: progress.advance(task),
            )
        best = choose(trials)
    except (DataError, KeyError, ValueError) as error:
        raise CommandError(str(error.args[0])) from error
    plots.learning_rates(tried, {trial.rate: trial.losses for trial in trials}, best, out / "sweep.png")
    values = {
        "settings": settings.to_json(),
        "chosen": best,
        "trials": [
            {"rate": trial.rate, "verdict": trial.verdict.value, "losses": trial.losses} for trial in trials
        ],
    }
    (out / "sweep.json").write_text(json.dumps(values) + "\n")
    table = Table("learning rate", f"loss after {steps} steps", "the loss is")
    for trial in trials:
        style = "bold" if trial.rate == best else None
        table.add_row(f"{trial.rate:.1e}", f"{trial.losses[-1]:.4f}", trial.verdict.value, style=style)
    table_console().print(table)
    console.print(f"Chosen: {best:.1e}. The plot is {out / 'sweep.png'}.", highlight=False)
