"""`python -m model train` and `sweep`: train a network of the family; find a learning rate for it."""

import json
import time
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.progress import Progress

from model.checkpoints import checkpoint
from model.cli import CommandError, options
from model.cli.output import console, print_table, progress_bars
from model.recognition import Recogniser
from model.training.corrections.database import read_corrections
from model.training.corrections.recipe import DEFAULT_START, complete, sources_of
from model.training.data import load_npz
from model.training.data.sources import Source, load_source
from model.training.loop.run import BEST, OPTIONS, Run
from model.training.loop.settings import TrainingSettings
from model.training.loop.sweep import choose, rates_between, table
from model.training.loop.sweep import sweep as sweep_rates
from model.training.loop.train import train as train_run
from model.training.loop.trainer import InterruptedRunError
from model.training.reports.plots import draw_sweep


@options.with_settings()
def train(
    *,
    data: options.Data = None,
    unverified: options.Unverified = None,
    download: options.Download = False,
    watch: options.Fields = None,
    pool: Annotated[Path | None, typer.Option(help="a folder that keeps distorted copies for runs")] = None,
    test: Annotated[bool | None, typer.Option("--test/--no-test", help="test at the end (default)")] = None,
    run: Annotated[Path | None, typer.Option(help="the run's folder (default runs/PRESET-TIME)")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with --run, and its options")] = False,
    device: options.Device = "auto",
    **settings: object,
) -> None:
    """Train a network; its log, state, weights, figures and pictures are kept in the run's folder.

    It starts from random weights or from those of --init. With --corrections it starts from the shipped
    weights and learns what people said that their drawings were, without forgetting what it knew.
    """
    given = {"data": data, "unverified": unverified, "watch": watch, "pool": pool, "test": test, **settings}
    asked = {name: value for name, value in given.items() if value is not None}
    if resume:
        asked = started_with(run) | asked
    chosen = options.device_named(device)
    with progress_bars() as progress:
        work = prepare(asked, run, chosen, progress, download=download)
        try:
            report = train_run(work, progress, resume=resume)
        except InterruptedRunError:
            again = f"python -m model train --run {work.folder} --resume"
            console.print(f"Stopped. To go on: {again}", highlight=False, soft_wrap=True)
            raise typer.Exit(130) from None
    if report:
        figures = f"test {report.accuracy:.2%} ({report.errors} errors), ECE {report.ece:.2%}"
        console.print(f"{figures}; {work.folder}", soft_wrap=True)
        console.print(f"For the service: python -m model export {work.folder / BEST}", soft_wrap=True)


def started_with(folder: Path | None) -> dict[str, Any]:
    """The options that the run in a folder was started with."""
    if folder is None:
        raise CommandError("--resume goes on with the run in --run: name its folder")
    try:
        return dict(json.loads((folder / OPTIONS).read_text()))
    except FileNotFoundError:
        raise CommandError(f"there is no run in {folder} to go on with") from None


def prepare(
    asked: dict[str, Any], folder: Path | None, device: torch.device, progress: Progress, *, download: bool
) -> Run:
    """Load what a run with the options `asked` for needs."""
    given = {field.name: asked[field.name] for field in fields(TrainingSettings) if field.name in asked}
    if "corrections" in given:
        given.setdefault("init", given.get("preset", DEFAULT_START))
    start = checkpoint.load(given["init"]) if "init" in given else None
    settings = complete(given, start)
    learned = None
    if settings.corrections:
        learned = read_corrections(Path(settings.corrections), Recogniser.load(settings.init))
        console.print(str(learned), highlight=False, soft_wrap=True)
    data = options.data_set_named(
        settings.data_set, Path(asked.get("data", "data")), unverified=asked.get("unverified", False),
        download=download, network=settings.init or "lenet5",
    )  # fmt: skip
    extra = [load_source(source, distort=settings.mix_distort) for source in settings.mix]
    watched = {Path(path).stem: load_npz(Path(path)) for path in asked.get("watch", ())}
    if learned is not None:
        extra += sources_of(learned, settings, data, progress)
        watched["corrections"] = learned.part
    return Run(
        settings,
        data,
        folder or Path("runs") / f"{settings.preset}-{time.strftime('%Y%m%d-%H%M%S')}",
        device,
        extra=extra,
        validations=watched,
        pool_folder=Path(asked["pool"]) if "pool" in asked else None,
        test=asked.get("test", True),
        weights=start,
        corrections=learned,
        options=asked,
    )


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
    """Train briefly at many learning rates; say which are too low, too high, and good."""
    chosen_device = options.device_named(device)
    settings = TrainingSettings.from_json({name: value for name, value in given.items() if value is not None})
    tried = rates_between(low, high, rates)
    out.mkdir(parents=True, exist_ok=True)  # fail before the work, not after, if it cannot be made
    found = options.data_set_named(
        settings.data_set, data or Path("data"), unverified=bool(unverified), download=download
    )
    training, _ = found.split()
    source = Source(settings.data_set, training.images[None], training.labels)
    with progress_bars() as progress:
        task = progress.add_task("steps", total=len(tried) * steps)
        advance = partial(progress.advance, task)
        trials = sweep_rates(settings, source, tried, steps, device=chosen_device, on_step=advance)
    best = choose(trials)
    draw_sweep({trial.rate: trial.losses for trial in trials}, best, out / "sweep.png")
    values = {"settings": asdict(settings), "chosen": best, "trials": list(map(asdict, trials))}
    (out / "sweep.json").write_text(json.dumps(values) + "\n")
    print_table(table(trials))
    console.print(f"Chosen: {best:.1e}. The plot is {out / 'sweep.png'}.", highlight=False)
