"""`python -m model sweep`: find a learning rate, and draw the plot."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from model.cli import options
from model.cli.output import console, print_table, progress_bars
from model.training.data.sources import Source
from model.training.loop.settings import TrainingSettings
from model.training.loop.sweep import choose, rates_between, table
from model.training.loop.sweep import sweep as sweep_rates
from model.training.reports.plots import draw_sweep


@options.with_settings("preset", "data_set", "seed", "batch", "distort")
def sweep(
    *,
    data: options.Data = None,
    unverified: options.Unverified = None,
    download: options.Download = False,
    low: Annotated[float, typer.Option(help="the lowest rate")] = 1e-5,
    high: Annotated[float, typer.Option(help="the highest rate")] = 1.0,
    rates: Annotated[int, typer.Option(help="how many rates", min=2)] = 11,
    steps: Annotated[int, typer.Option(help="steps at each rate", min=20)] = 200,
    out: options.Out = Path("runs/sweep"),
    device: options.Device = "auto",
    **given: object,
) -> None:
    """Train for a moment at many learning rates; say which is too low, too high, and good."""
    chosen_device = options.device_named(device)
    settings = TrainingSettings.from_json({name: value for name, value in given.items() if value is not None})
    tried = rates_between(low, high, rates)
    out.mkdir(parents=True, exist_ok=True)  # a folder that cannot be made is said before the work, not after
    found = options.data_set_named(
        settings.data_set, data or Path("data"), unverified=bool(unverified), download=download
    )
    training, _ = found.split()
    source = Source(settings.data_set, training.images[None], training.labels)
    with progress_bars() as progress:
        task = progress.add_task("steps", total=len(tried) * steps)
        trials = sweep_rates(
            settings, source, tried, steps, device=chosen_device, on_step=lambda: progress.advance(task)
        )
    best = choose(trials)
    draw_sweep({trial.rate: trial.losses for trial in trials}, best, out / "sweep.png")
    values = {"settings": asdict(settings), "chosen": best, "trials": list(map(asdict, trials))}
    (out / "sweep.json").write_text(json.dumps(values) + "\n")
    print_table(table(trials))
    console.print(f"Chosen: {best:.1e}. The plot is {out / 'sweep.png'}.", highlight=False)
