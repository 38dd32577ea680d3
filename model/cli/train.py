"""`python -m model train`: train a network of the family."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import CheckpointError
from model.cli import CommandError
from model.cli.datasets import data_named
from model.cli.options import Batch, Data, DataSetName, Device, Download, Seed, Unverified, device_named
from model.engines.device import DeviceError
from model.training.corrections.database import Corrections, read_corrections
from model.training.corrections.recipe import (
    DEFAULT_START,
    complete,
    correction_source,
    count_drawings,
    drawings,
)
from model.training.data import DIGITS, DataError, DataSet, load_npz
from model.training.data.sources import Source, load_source
from model.training.loop.progress import progress_bars
from model.training.loop.run import STATE, Run
from model.training.loop.settings import CORRECTING, Settings
from model.training.loop.trainer import InterruptedRunError

console = Console()


def _also(name: str, default: object) -> str:
    """The defaults of a setting, without and with corrections."""
    return f"default {default}; with --corrections {CORRECTING[name]}"


def train(
    *,
    preset: Annotated[
        str | None,
        typer.Option(help="the network to train (default lenet5-mnist; with --corrections lenet5)"),
    ] = None,
    data: Data = Path("data"),
    data_set: DataSetName = "mnist",
    unverified: Unverified = False,
    download: Download = False,
    init: Annotated[
        str | None, typer.Option(help="weights to start from: a checkpoint, or the name of a shipped preset")
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(
            help="learn from the corrections in this file, which the service keeps, without forgetting"
        ),
    ] = None,
    corrections_weight: Annotated[
        float, typer.Option(help="their share of a batch, relative to the data set's 1", min=0.01)
    ] = 0.2,
    seed: Seed = 0,
    passes: Annotated[
        int | None, typer.Option(help=f"passes through the training part ({_also('passes', 30)})", min=1)
    ] = None,
    batch: Batch = 128,
    lr: Annotated[
        float | None,
        typer.Option(help=f"the highest learning rate ({_also('learning_rate', 2e-3)})", min=0),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(help=f"one-cycle, cosine or constant ({_also('schedule', 'one-cycle')})"),
    ] = None,
    weight_decay: Annotated[
        float | None, typer.Option(help=f"AdamW's ({_also('weight_decay', 0.01)})", min=0)
    ] = None,
    average: Annotated[
        float | None,
        typer.Option(
            help=f"decay of the averaged weights; 0: none ({_also('average', 0.999)})", min=0, max=0.99999
        ),
    ] = None,
    distort: Annotated[
        str | None, typer.Option(help=f"none, mild, affine or full ({_also('distort', 'none')})")
    ] = None,
    distort_last: Annotated[str, typer.Option(help="distortions of the last passes")] = "none",
    last_share: Annotated[float, typer.Option(help="share of the passes that are last", min=0, max=1)] = 0.0,
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            help="a checkpoint to learn from, FILE for all images, SOURCE=FILE for those of the data set or "
            "--mix file of that name, in place of those for all; may be repeated"
        ),
    ] = None,
    temperature: Annotated[float, typer.Option(help="of the distillation", min=0.01)] = 4.0,
    teacher_weight: Annotated[float, typer.Option(min=0, max=1)] = 0.9,
    copies: Annotated[
        int, typer.Option(help="distorted copies shown to the teachers; 0: one a pass", min=0)
    ] = 0,
    pool: Annotated[Path | None, typer.Option(help="folder that keeps such copies for several runs")] = None,
    rubbish: Annotated[
        float | None, typer.Option(help="j of lenet5-1998's loss above 0 (default 10, or that of --init)")
    ] = None,
    mean_distance: Annotated[float, typer.Option(min=0)] = 0.0,
    mix: Annotated[
        list[str] | None, typer.Option(help="further images, FILE.npz or FILE.npz=WEIGHT; may be repeated")
    ] = None,
    mix_distort: Annotated[bool, typer.Option(help="distort the further images too")] = False,
    watch: Annotated[
        list[Path] | None, typer.Option(help="further images, FILE.npz, to choose by; may be repeated")
    ] = None,
    digit_weight: Annotated[
        float | None,
        typer.Option(
            help="of the loss of a head that tells digits from other things "
            "(default 0; 0.5 if --init has one)",
            min=0,
        ),
    ] = None,
    digit_teacher_weight: Annotated[
        float | None,
        typer.Option(
            help="share of the teachers' digit heads in that loss (default 0; with --corrections 1)",
            min=0,
            max=1,
        ),
    ] = None,
    outlier_weight: Annotated[
        float, typer.Option(help="of having no opinion on what is no digit", min=0)
    ] = 0.0,
    limit: Annotated[int, typer.Option(help="learn from so many images only; 0: all", min=0)] = 0,
    device: Device = "auto",
    run: Annotated[Path | None, typer.Option(help="the run's folder; runs/PRESET-TIME if not given")] = None,
    resume: Annotated[bool, typer.Option(help="go on with the run in --run")] = False,
    test: Annotated[bool, typer.Option(help="look at the test part at the end")] = True,
) -> None:
    """Train a network; its log, state, weights, figures and pictures are kept in the run's folder.

    It starts from random weights or from those of --init. With --corrections it starts from the shipped
    weights and learns what people said that their drawings were, without forgetting what it knew.
    """
    given: dict[str, Any] = {
        "preset": preset, "data_set": data_set, "init": init,
        "corrections": None if corrections is None else str(corrections),
        "corrections_weight": corrections_weight, "seed": seed, "passes": passes, "batch": batch,
        "learning_rate": lr, "schedule": schedule, "weight_decay": weight_decay, "average": average,
        "distort": distort, "distort_last": distort_last, "last_share": last_share,
        "teachers": tuple(teacher) if teacher else None, "temperature": temperature,
        "teacher_weight": teacher_weight, "copies": copies, "rubbish": rubbish,
        "mean_distance": mean_distance, "limit": limit, "mix": tuple(mix or ()), "mix_distort": mix_distort,
        "digit_weight": digit_weight, "digit_teacher_weight": digit_teacher_weight,
        "outlier_weight": outlier_weight,
    }  # fmt: skip
    if corrections is not None and init is None:
        given["init"] = preset or DEFAULT_START
    if resume and run is None:
        raise CommandError("--resume goes on with the run in --run: name its folder")
    try:
        chosen = device_named(device)
        start = None if given["init"] is None else checkpoint.load(given["init"])
        settings = complete({name: value for name, value in given.items() if value is not None}, start)
        folder = run or Path("runs") / f"{settings.preset}-{time.strftime('%Y%m%d-%H%M%S')}"
        learned = None if corrections is None else corrections_in(corrections)
        found = data_named(data_set, data, unverified=unverified, fetch=download, console=console)
        extra = [load_source(source, distort=mix_distort) for source in mix or ()]
        validations = {path.stem: load_npz(path) for path in watch or ()}
        if learned is not None:
            extra += sources_of(learned, settings, found)
            validations["corrections"] = learned.part
        work = Run(
            settings,
            found,
            folder,
            chosen,
            console,
            extra=extra,
            validations=validations,
            pool_folder=pool,
            test=test,
            weights=start,
            corrections=learned,
        )
        report = work.start(resume=resume)
    except (CheckpointError, DeviceError):
        raise
    except (DataError, KeyError, ValueError) as error:
        raise CommandError(str(error.args[0])) from error
    except InterruptedRunError:
        console.print(f"Stopped; the state is in {folder / STATE}. The same command with "
                      f"--run {folder} --resume goes on.", highlight=False)  # fmt: skip
        raise typer.Exit(130) from None
    if report:
        console.print(f"test {report.accuracy:.2%} ({report.errors} errors), ECE {report.ece:.2%}; {folder}")


def corrections_in(path: Path) -> Corrections:
    """The corrections in a file, having said what became of them."""
    with console.status(f"{path}: normalising"):
        found = read_corrections(path)
    console.print(str(found), highlight=False, soft_wrap=True)
    return found


def sources_of(corrections: Corrections, settings: Settings, data: DataSet) -> list[Source]:
    """The corrections, and the drawings that keep the network to what it knew."""
    if data.classes != DIGITS:
        raise DataError(f"corrections are of digits, which {data.name} is not")
    n = count_drawings(settings.limit or len(data.train))
    with progress_bars(console) as progress:
        task = progress.add_task("drawings", total=n)
        drawn = drawings(n, settings.seed, lambda: progress.advance(task))
    return [correction_source(corrections, settings.corrections_weight), drawn]
