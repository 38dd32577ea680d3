"""`python -m model summary`, `convert`, `export` and `ship`: networks as tables and as files."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from model.checkpoints.metadata import CHECKPOINTS
from model.cli import CommandError
from model.cli.options import AsJson, Target
from model.cli.output import print_table, table_console
from model.networks.presets import PRESETS
from model.training.reports.tables import Table

COLUMNS = ("name", "input_size", "activation", "pooling", "c3", "output", "parameters", "connections")
"""The columns of the list of all presets."""


def summary(
    preset: Annotated[str | None, typer.Argument(help="a preset; without one, all are listed")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a network's layer table: output shape, parameters and connections, with their sums."""
    from model.networks.family import build

    if preset is None:
        entries = [asdict(entry) for entry in PRESETS.values()]
        if as_json:
            typer.echo(json.dumps(entries, indent=2))
        else:
            _print(COLUMNS, [[entry[name] for name in COLUMNS] for entry in entries])
        return
    network = build(preset)
    about, layers = network.preset, [asdict(layer) for layer in network.table()]
    sums = {"parameters": about.parameters, "connections": about.connections}
    if as_json:
        typer.echo(json.dumps({**asdict(about), "layers": layers, "total": sums}, indent=2))
        return
    title = f"{preset}: {about.activation}, {about.pooling}, {about.c3} C3, {about.output} output"
    total = {"name": "sum", "output": (), **sums}
    _print(("layer", "output", *sums), [list(row.values()) for row in (*layers, total)], title)
    table_console().print(about.description)


def _print(header: Sequence[str], rows: Iterable[Iterable[Any]], title: str | None = None) -> None:
    """Print a table of words, counts and shapes such as 6@28x28."""

    def cell(value: object) -> str:
        if isinstance(value, tuple):
            return "{}@{}x{}".format(*value) if len(value) > 1 else "".join(map(str, value))
        return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)

    header = tuple(name.replace("_", " ") for name in header)
    print_table(Table(header, tuple(tuple(map(cell, row)) for row in rows), title))


def convert(
    source: Annotated[Path, typer.Argument(help="a state dict that torch.save wrote")],
    preset: Annotated[str, typer.Option(help="the network that the weights are of")] = "lenet5",
    target: Target = None,
) -> None:
    """Turn a .pt or .pth file of weights into a checkpoint; nothing in the file is run.

    The weights must expect what the preset gives its first layer: 0 to 1, or -0.1 to 1.175 for tanh.
    """
    from model.checkpoints.convert import convert as write

    target = target or source.with_suffix(".safetensors")
    metadata, names = write(source, preset, target)
    for ours, theirs in names.items():
        typer.echo(f"{theirs} -> {ours}")
    typer.echo(f"{target}: {metadata.architecture}, {metadata.parameters:,} parameters")
    typer.echo("temperature and accuracy are not known yet: python -m model evaluate measures them")


def export(
    checkpoints: Annotated[list[str], typer.Argument(help="checkpoints: .safetensors files or presets")],
    target: Target = None,
) -> None:
    """Write trained networks as ONNX, checked against torch to 1e-5, with all that a server needs."""
    from model.checkpoints.export import export as write

    if target is not None and len(checkpoints) > 1:
        raise CommandError("--target names one file, so it goes with one checkpoint")
    for checkpoint in checkpoints:
        path, difference = write(checkpoint, target)
        size = path.stat().st_size / 1000
        typer.echo(f"{path}: {size:,.0f} kB, differs from torch by {difference:.1e} at the most")


def ship(
    runs: Annotated[list[Path], typer.Argument(help="folders of finished runs that differ in their seeds")],
    *,
    to: Annotated[Path, typer.Option(help="the folder of the checkpoints")] = CHECKPOINTS,
) -> None:
    """Write the checkpoint of the run that is best on its validation part, and the model card of them all."""
    from model.training.reports.cards import FinishedRun
    from model.training.reports.cards import ship as write

    path = write(list(map(FinishedRun.load, runs)), to)
    typer.echo(f"{path}, with its card {path.with_suffix('.md').name}")
