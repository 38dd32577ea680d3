"""`python -m model evaluate`: what trained networks are worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from model.checkpoints import checkpoint
from model.cli import CommandError
from model.cli.console import table_console
from model.cli.datasets import data_named
from model.cli.kinds import report as report_kinds
from model.cli.options import device_named
from model.cli.rejection import report as report_rejection
from model.generator.paper.fonts import DEFAULT_FOLDERS
from model.training.data import (
    DATA_SETS,
    DIGITS,
    DataError,
    LabelledImages,
    load_images,
    load_mnist_test,
    stratified_split,
)
from model.training.evaluation import table
from model.training.evaluation.figures import Report
from model.training.evaluation.inference import report_on
from model.training.reports import plots

OWN_DATA = Path(__file__).parents[2] / "tests" / "data" / "mnist"
"""MNIST's test images, as a checkout of the project has them."""

NARROW_HEADER = (
    "preset", "input", "para-\nmeters", "connec-\ntions", "accu-\nracy", "mean ±\nspread\n(seeds)", "ECE",
    "reject\nfor\n0.1 %", "kB", "1 im.\nms", "256\nms",
)  # fmt: skip
"""The headings of the table of all presets on a terminal of less than `WIDE` columns."""

WIDE = 132

console = Console()


def evaluate(
    weights: Annotated[
        list[str] | None, typer.Argument(help="checkpoints, or names of shipped presets; lenet5 if none")
    ] = None,
    *,
    data: Annotated[
        Path | None, typer.Option(help="the folder with the data sets; MNIST's test images if not given")
    ] = None,
    data_set: Annotated[str, typer.Option(help=", ".join(DATA_SETS))] = "mnist",
    part: Annotated[
        str | None,
        typer.Option(
            help="test, validation or all; test if not given, but all for --data-set folder: "
            "its test part is the tenth that train does not learn from"
        ),
    ] = None,
    unverified: Annotated[
        bool, typer.Option(help="accept files whose checksum is not the published one")
    ] = False,
    download: Annotated[bool, typer.Option(help="fetch what is missing from the public mirrors")] = False,
    whole_family: Annotated[bool, typer.Option("--all", help="one table of every preset")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    markdown: Annotated[bool, typer.Option(help="with --all, --reject or --kinds: print Markdown")] = False,
    pictures: Annotated[
        Path | None, typer.Option("--plots", help="a folder for the pictures of each checkpoint")
    ] = None,
    reject: Annotated[
        bool, typer.Option("--reject", help="measure how digits are told from what is none")
    ] = False,
    validation: Annotated[
        list[Path] | None,
        typer.Option(help="with --reject: FILE.npz of digits and other things; may be repeated"),
    ] = None,
    training: Annotated[
        list[Path] | None,
        typer.Option(help="with --reject: FILE.npz to fit scores by, to compare; may be repeated"),
    ] = None,
    kinds: Annotated[
        bool, typer.Option("--kinds", help="measure generated pictures, kind by kind, as users are answered")
    ] = False,
    fonts: Annotated[
        list[Path] | None, typer.Option(help="with --kinds: a folder of fonts; may be repeated")
    ] = None,
    per_kind: Annotated[int, typer.Option(help="with --kinds: pictures of each kind", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="with --kinds: of the pictures", min=0)] = 1,
    workers: Annotated[int, typer.Option(help="with --kinds: processes", min=1, max=256)] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")] = "auto",
) -> None:
    """Print accuracy, likelihood, calibration, confusions, writers, and what must be rejected."""
    if kinds:
        report_kinds(
            (weights or ["lenet5"])[0], data=data, part=part or "test", fonts=fonts or DEFAULT_FOLDERS,
            per_kind=per_kind, seed=seed, workers=workers, device=device, as_json=as_json, markdown=markdown,
        )  # fmt: skip
        return
    chosen = device_named(device)
    if reject:
        report_rejection(
            weights or ["lenet5"], validation=validation or (), training=training or (), mnist=OWN_DATA,
            as_json=as_json, markdown=markdown, pictures=pictures, device=chosen,
        )  # fmt: skip
        return
    try:
        images, classes = _part(data, data_set, part, unverified=unverified, fetch=download)
    except DataError as error:
        raise CommandError(str(error)) from error
    if whole_family:
        rows = table.rows(images, chosen)
        if as_json:
            typer.echo(json.dumps([row.to_json() for row in rows], indent=2))
        elif markdown:
            typer.echo(table.markdown(rows))
        else:
            print_family(rows)
        return
    found = {}
    for name in weights or ["lenet5"]:
        loaded = checkpoint.load(name)
        folder = None
        if pictures is not None:
            folder = pictures / Path(name).stem if len(weights or []) > 1 else pictures
            folder.mkdir(parents=True, exist_ok=True)
        report, logits = report_on(loaded, images, chosen)
        found[name] = report
        if folder is not None:
            temperature = loaded.metadata.temperature
            plots.confusion(report, classes, folder / "confusion.png")
            plots.mistakes(images, logits, temperature, classes, folder / "mistakes.png")
            plots.calibration(logits, images.labels, temperature, folder / "calibration.png")
            plots.rejections(logits, images.labels, temperature, folder / "rejection.png")
    if as_json:
        typer.echo(json.dumps({name: report.to_json() for name, report in found.items()}, indent=2))
        return
    for name, report in found.items():
        _print_report(name, report, classes)


def _part(
    data: Path | None, data_set: str, part: str | None, *, unverified: bool, fetch: bool
) -> tuple[LabelledImages, tuple[str, ...]]:
    """The images asked for, and the names of their classes."""
    part = part or ("all" if data_set == "folder" else "test")
    if part not in ("test", "validation", "all"):
        raise DataError(f"there is no part '{part}': say test, validation or all")
    if part == "all" and data_set != "folder":
        raise DataError("--part all is for --data-set folder: other data sets have a test part of their own")
    if data is None:
        if data_set != "mnist" or part != "test":
            raise DataError("--data DIR is needed for any part but MNIST's test images")
        return load_mnist_test(OWN_DATA), DIGITS
    if part == "all":
        return load_images(data), DIGITS
    found = data_named(data_set, data, unverified=unverified, fetch=fetch, console=console)
    if part == "test":
        return found.test, found.classes
    _, validation = stratified_split(found.train.labels)
    return found.train.take(validation), found.classes


def print_family(rows: list[table.Row]) -> None:
    """Print the table of all presets, so that no figure is cut short on a terminal of 80 columns."""
    console = table_console()
    grid = Table(box=box.SIMPLE_HEAD, padding=0)
    for heading in table.HEADER if console.width >= WIDE else NARROW_HEADER:
        # What breaks where there is no room is the mean with its spread.
        grid.add_column(heading, no_wrap=not heading.startswith("mean"))
    for row in rows:
        grid.add_row(*table.cells(row))
    console.print(grid)


def _print_report(name: str, report: Report, classes: tuple[str, ...]) -> None:
    low, high = report.interval
    lines = [
        ("images", f"{report.images:,}"),
        (
            "accuracy",
            f"{report.accuracy:.2%} ({report.errors} errors), 95 % interval {low:.2%} to {high:.2%}",
        ),
        ("NLL", f"{report.nll_raw:.4f}, with temperature {report.temperature:.3f}: {report.nll:.4f}"),
        ("ECE, 15 bins", f"{report.ece_raw:.3%}, with temperature: {report.ece:.3%}"),
    ]
    if report.first_look is not None:
        lines.insert(2, ("at the first look", f"{report.first_look:.2%}"))
    for rejection in report.rejections:
        lines.append(
            (f"rejected for {rejection.error:.1%} error",
             f"{rejection.rejected:.2%} (confidence below {rejection.threshold:.4f})")
        )  # fmt: skip
    for group in report.groups:
        lines.append((group.group, f"{group.accuracy:.2%} of {group.images:,}"))
    summary = Table(title=name, show_header=False, title_justify="left")
    for line in lines:
        summary.add_row(*line)
    console = table_console()
    console.print(summary)
    confusion = Table("label", *classes, title="read as", title_justify="left")
    for label, row in zip(classes, report.confusion, strict=True):
        confusion.add_row(label, *(str(count) if count else "·" for count in row))
    console.print(confusion)
