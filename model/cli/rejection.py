"""What `evaluate --reject` measures and prints, and what `calibrate` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
import typer
from rich.console import Console
from rich.table import Table

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint, CheckpointError
from model.checkpoints.metadata import CHECKPOINTS
from model.cli import CommandError
from model.training.data import DataError, LabelledImages, load_mnist_test, load_npz
from model.training.rejection import plots as rejection_plots
from model.training.rejection.calibration import ALL, DigitFigures
from model.training.rejection.card import section
from model.training.rejection.material import gather, sample
from model.training.rejection.report import RejectionReport, ScoreReport, measure

FITTED_BY = 20_000
"""At most so many digits, and as many other things, fit the scores that must be fitted."""
RUBBISH = "lenet5-1998"
console, notes = Console(), Console(stderr=True)


def report(
    weights: Sequence[str],
    *,
    validation: Sequence[Path],
    training: Sequence[Path],
    mnist: Path | None,
    as_json: bool,
    markdown: bool,
    pictures: Path | None,
    device: torch.device,
) -> None:
    """Measure each checkpoint, and print tables or JSON; `mnist` is a folder with MNIST's test images."""
    if not validation:
        raise CommandError("--reject needs --validation FILE.npz: what is no digit, beside digits")
    part = read(validation, mnist)
    fitting = sample(read(training, None), FITTED_BY) if training else None
    rubbish = rubbish_network()
    found = {}
    for name in weights:
        loaded = checkpoint.load(name)
        with notes.status(f"{name}: {len(part):,} images"):
            try:
                figures, evidence = measure(loaded, part, device, training=fitting, rubbish=rubbish)
            except ValueError as error:
                raise CommandError(str(error)) from error
        found[name] = figures
        if pictures is not None:
            folder = pictures / Path(name).stem if len(weights) > 1 else pictures
            rejection_plots.draw_all(evidence, loaded.metadata, folder)
    if as_json:
        typer.echo(json.dumps({name: figures.to_json() for name, figures in found.items()}, indent=2))
        return
    if markdown:
        typer.echo("\n".join(section(figures) for figures in found.values()))
        return
    for name, figures in found.items():
        print_report(name, figures)
    if fitting is None:
        console.print(
            "Distance in F6 and background class are fitted: --training FILE.npz compares them too."
        )


def read(paths: Iterable[Path], mnist: Path | None) -> LabelledImages:
    """The images of .npz files, and MNIST's test images if a folder is named, as one gathered part."""
    try:
        parts = {path.stem: load_npz(path) for path in paths}
        if mnist is not None:
            test = load_mnist_test(mnist)
            parts["mnist-test"] = LabelledImages(test.images, test.labels)
    except DataError as error:
        raise CommandError(str(error)) from error
    return gather(parts)


def rubbish_network() -> Checkpoint | None:
    """The shipped lenet5-1998, whose rubbish class is compared, if it is there."""
    try:
        return checkpoint.load(RUBBISH) if (CHECKPOINTS / f"{RUBBISH}.safetensors").exists() else None
    except CheckpointError as error:
        raise CommandError(str(error)) from error


def print_report(name: str, figures: RejectionReport) -> None:
    """The tables of one checkpoint."""
    console.print(
        f"{name}: temperature {figures.temperature:.3f}, accepted from a digit score of {figures.accept:.4g} "
        f"on; ECE of the digit score at even odds {figures.digit_ece:.2%}",
        highlight=False,
    )
    print_digits(figures.digits)
    other = Table(
        "no digit", "images", "AUROC", "accepted at 1 % refused", "accepted as served", title_justify="left",
        title="what is no digit, by the digit score",
    )  # fmt: skip
    for told in figures.served.told:
        other.add_row(
            told.name, f"{told.images:,}", f"{told.auroc:.4f}", f"{told.accepted:.2%}",
            f"{figures.false_accepts[told.name]:.2%}",
        )  # fmt: skip
    console.print(other)
    print_compared(figures.compared)
    risk = Table("answered", "by confidence", "by digit score", title_justify="left",
                 title="wrong answers among the digits answered")  # fmt: skip
    for row in figures.risks:
        risk.add_row(f"{row.coverage:.0%}", f"{row.by_confidence:.3%}", f"{row.by_digit_score:.3%}")
    risk.add_row("AURC", f"{figures.aurc_by_confidence:.3%}", f"{figures.aurc_by_digit_score:.3%}")
    console.print(risk)


def print_digits(rows: Sequence[DigitFigures]) -> None:
    """The table of the kinds of digits."""
    grid = Table(
        "digits", "images", "accuracy", "NLL", "ECE", "refused", title="digits", title_justify="left"
    )
    for row in rows:
        grid.add_row(
            row.name, f"{row.images:,}", f"{row.accuracy:.2%}", f"{row.nll:.4f}",
            f"{row.ece:.2%}", f"{row.refused:.2%}",
        )  # fmt: skip
    console.print(grid)


def print_compared(scores: Sequence[ScoreReport]) -> None:
    """Every score side by side: AUROC by group, what is accepted of all where 1 % are refused, its cost."""
    grid = Table("no digit", title_justify="left", title="AUROC of every score that can be had")
    for score in scores:
        grid.add_column(score.name, justify="right", overflow="fold")
    for row in zip(*(score.told for score in scores), strict=True):
        if row[0].name.startswith(ALL):
            grid.add_row(row[0].name, *(f"{told.auroc:.4f}" for told in row))
    grid.add_section()
    grid.add_row("all: accepted at 1 % refused", *(f"{score.told[-1].accepted:.2%}" for score in scores))
    grid.add_row("numbers it needs", *(f"{score.parameters:,}" for score in scores))
    console.print(grid)
