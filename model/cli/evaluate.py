"""`python -m model evaluate`: measure trained networks."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model.checkpoints import checkpoint
from model.cli import CommandError, options
from model.cli.output import errors, print_table, progress_bars
from model.recognition import Recogniser
from model.training.data import DIGITS, LabelledImages, load_images, load_mnist_test
from model.training.evaluation.family import family, table
from model.training.evaluation.figures import confusions_table, evaluate_checkpoint, figures_table
from model.training.reports import plots
from model.training.reports.tables import Table

if TYPE_CHECKING:
    from model.generator.evaluation import KindFigures

OWN_DATA = Path(__file__).parents[2] / "tests" / "data" / "mnist"
"""MNIST's test images, as a checkout of the project has them."""
OF_DIGITS = "right", "rejected", "no_ink", "sure_and_wrong", "ece"
OF_OTHERS = "accepted", "sure_and_wrong", "no_ink"
"""The figures shown for kinds that are digits, and for kinds that are not."""


def evaluate(
    weights: Annotated[
        list[str] | None, typer.Argument(help="checkpoints or presets; lenet5 if none")
    ] = None,
    *,
    data: Annotated[Path | None, typer.Option(help="the folder with the data sets")] = None,
    data_set: options.DataSetName = "mnist",
    part: Annotated[str | None, typer.Option(help="test (default), validation or all")] = None,
    unverified: options.Unverified = False,
    download: options.Download = False,
    whole_family: Annotated[bool, typer.Option("--all", help="one table of every preset")] = False,
    as_json: options.AsJson = False,
    markdown: Annotated[bool, typer.Option(help="with --all or --kinds: print Markdown")] = False,
    pictures: Annotated[Path | None, typer.Option("--plots", help="a folder for pictures")] = None,
    kinds: Annotated[bool, typer.Option("--kinds", help="measure generated pictures, kind by kind")] = False,
    per_kind: Annotated[int, typer.Option(help="with --kinds: pictures of each kind", min=1)] = 1000,
    fonts: options.Fonts = None,
    seed: options.Seed = 1,
    workers: options.Workers = 1,
    device: options.Device = "auto",
) -> None:
    """Print accuracy, likelihood, calibration, confusions, writers, and what must be rejected.

    Without --data, MNIST's test images are measured. A folder of your own is measured whole; its test part is
    the tenth that train does not learn from. --kinds answers generated pictures as it would a user's.
    """
    if kinds:
        from model.generator.evaluation import evaluate_kinds
        from model.generator.items import PARTS
        from model.generator.kinds import KINDS
        from model.generator.materials import load_materials
        from model.generator.paper.fonts import DEFAULT_FOLDERS

        wanted = part or "test"
        if data is None or wanted not in PARTS:
            raise CommandError(f"--kinds needs --data DIR and one of the parts {', '.join(PARTS)}")
        with progress_bars(errors) as progress:
            bar = progress.add_task("pictures", total=per_kind * len(KINDS))
            by_kind = evaluate_kinds(
                load_materials(data, wanted, fonts or DEFAULT_FOLDERS), KINDS, (weights or ["lenet5"])[0],
                device=device, per_kind=per_kind, seed=seed, workers=workers,
                progress=lambda done: progress.advance(bar, done),
            )  # fmt: skip
        if as_json:
            typer.echo(json.dumps(by_kind, default=asdict, indent=2))
        else:
            for rows, columns in zip(by_kind.values(), (OF_DIGITS, OF_OTHERS), strict=True):
                print_table(_table_of(rows, columns), markdown=markdown)
        return
    chosen = options.device_named(device)
    found = {}
    names = family() if whole_family else weights or ["lenet5"]
    for name in names:
        images, classes = _images(name, data, data_set, part, unverified=bool(unverified), download=download)
        loaded = checkpoint.load(name)
        report, logits = evaluate_checkpoint(loaded, images, chosen)
        found[name] = report
        if pictures is not None:
            folder = pictures / Path(name).stem if len(names) > 1 else pictures
            folder.mkdir(parents=True, exist_ok=True)
            temperature = loaded.metadata.temperature
            plots.draw_confusions(report, classes, folder / "confusion.png")
            plots.draw_mistakes(images, logits, temperature, classes, folder / "mistakes.png")
            plots.draw_reliability(logits, images.labels, temperature, folder / "calibration.png")
    if as_json:
        typer.echo(json.dumps({name: asdict(report) for name, report in found.items()}, indent=2))
    elif whole_family:
        print_table(table(found, images.images[:256], device), markdown=markdown)
    else:
        for name, report in found.items():
            print_table(figures_table(asdict(report), name))
            print_table(confusions_table(report, classes))


def _images(
    network: str, data: Path | None, data_set: str, part: str | None, *, unverified: bool, download: bool
) -> tuple[LabelledImages, tuple[str, ...]]:
    """The images asked for, as `network` is given them, and the names of their classes.

    In a folder, the network chooses the field of each doubtful picture.
    """
    part = part or ("all" if data_set == "folder" else "test")
    if part not in ("test", "validation", "all"):
        raise CommandError(f"there is no part '{part}': say test, validation or all")
    if part == "all" and data_set != "folder":
        raise CommandError("--part all is for --data-set folder: others have a test part of their own")
    if data is None:
        if data_set != "mnist" or part != "test":
            raise CommandError("--data DIR is needed for any part but MNIST's test images")
        return load_mnist_test(OWN_DATA), DIGITS
    if part == "all":
        return load_images(data, Recogniser.load(network)), DIGITS
    found = options.data_set_named(data_set, data, unverified=unverified, download=download, network=network)
    return found.test if part == "test" else found.split()[1], found.classes


def _table_of(rows: "Sequence[KindFigures]", columns: Sequence[str]) -> Table:
    """Some figures of kinds of pictures as text, shares in per cent."""
    header = "kind", "pictures", *(name.replace("_", " ") for name in columns)
    shown = (
        (row.kind, f"{row.pictures:,}", *(f"{getattr(row, name):.1%}" for name in columns)) for row in rows
    )
    return Table(header, tuple(shown))
