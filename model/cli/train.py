"""`python -m model train`: train a network of the family."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

from model.checkpoint import CheckpointError
from model.cli import CommandError
from model.cli.datasets import data_named
from model.device import DeviceError, choose_device
from model.training.arrays import load_part, load_source
from model.training.datasets import NAMES
from model.training.idx import DataError
from model.training.run import STATE, Run
from model.training.settings import Settings
from model.training.trainer import InterruptedRunError

console = Console()


def train(
    *,
    preset: Annotated[str, typer.Option(help="the network to train")] = "lenet5-mnist",
    data: Annotated[
        Path, typer.Option(help="the folder with the data sets, or with the files of one")
    ] = Path("data"),
    data_set: Annotated[str, typer.Option(help=", ".join(NAMES))] = "mnist",
    unverified: Annotated[
        bool, typer.Option(help="accept files whose checksum is not the published one")
    ] = False,
    download: Annotated[bool, typer.Option(help="fetch what is missing from the public mirrors")] = False,
    seed: Annotated[int, typer.Option(help="of the weights and of every random draw", min=0)] = 0,
    passes: Annotated[int, typer.Option(help="passes through the training part", min=1)] = 30,
    batch: Annotated[int, typer.Option(help="images a step", min=1)] = 128,
    lr: Annotated[float, typer.Option(help="the highest learning rate", min=0)] = 2e-3,
    schedule: Annotated[str, typer.Option(help="one-cycle, cosine or constant")] = "one-cycle",
    weight_decay: Annotated[float, typer.Option(min=0)] = 0.01,
    average: Annotated[
        float, typer.Option(help="decay of the averaged weights; 0: none", min=0, max=0.99999)
    ] = 0.999,
    distort: Annotated[str, typer.Option(help="none, mild, affine or full")] = "none",
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
    rubbish: Annotated[float, typer.Option(help="j of lenet5-1998's loss")] = 10.0,
    mean_distance: Annotated[float, typer.Option(min=0)] = 0.0,
    mix: Annotated[
        list[str] | None, typer.Option(help="further images, FILE.npz or FILE.npz=WEIGHT; may be repeated")
    ] = None,
    mix_distort: Annotated[bool, typer.Option(help="distort the further images too")] = False,
    watch: Annotated[
        list[Path] | None, typer.Option(help="further images, FILE.npz, to choose by; may be repeated")
    ] = None,
    digit_weight: Annotated[
        float, typer.Option(help="of the loss of a head that tells digits from other things", min=0)
    ] = 0.0,
    outlier_weight: Annotated[
        float, typer.Option(help="of having no opinion on what is no digit", min=0)
    ] = 0.0,
    limit: Annotated[int, typer.Option(help="learn from so many images only; 0: all", min=0)] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")] = "auto",
    run: Annotated[Path | None, typer.Option(help="the run's folder; runs/PRESET-TIME if not given")] = None,
    resume: Annotated[bool, typer.Option(help="go on with the run in --run")] = False,
    test: Annotated[bool, typer.Option(help="look at the test part at the end")] = True,
) -> None:
    """Train a network; its log, state, weights, figures and pictures are kept in the run's folder."""
    folder = run or Path("runs") / f"{preset}-{time.strftime('%Y%m%d-%H%M%S')}"
    try:
        chosen = choose_device(device)
        if chosen.type == "cpu":
            torch.set_num_threads(1)
        found = data_named(data_set, data, unverified=unverified, fetch=download, console=console)
        settings = Settings(
            preset=preset, data_set=data_set, seed=seed, passes=passes, batch=batch, learning_rate=lr,
            schedule=schedule, weight_decay=weight_decay, average=average, distort=distort,
            distort_last=distort_last, last_share=last_share, teachers=tuple(teacher or ()),
            temperature=temperature, teacher_weight=teacher_weight, copies=copies, rubbish=rubbish,
            mean_distance=mean_distance, limit=limit,
            mix=tuple(mix or ()), mix_distort=mix_distort, digit_weight=digit_weight,
            outlier_weight=outlier_weight,
        )  # fmt: skip
        work = Run(
            settings,
            found,
            folder,
            chosen,
            console,
            extra=[load_source(source, distort=mix_distort) for source in mix or ()],
            validations={path.stem: load_part(path) for path in watch or ()},
            pool_folder=pool,
            test=test,
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
