"""`python -m model summary`: the layer table of a preset, or the table of all presets."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from model.cli import one_line_errors
from model.cli.output import table_console


@one_line_errors()
def summary(
    preset: Annotated[str | None, typer.Argument(help="a preset; without one, all are listed")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Print a network's layer table: output shape, parameters and connections, with their sums."""
    from model.networks.presets import PRESETS

    if preset is not None:
        _print_layers(preset, as_json)
    elif as_json:
        typer.echo(json.dumps([asdict(entry) for entry in PRESETS.values()], indent=2))
    else:
        table = Table("preset", "input", "activation", "pooling", "C3", "output")
        for column in ("parameters", "connections"):
            table.add_column(column, justify="right")
        for entry in PRESETS.values():
            size = f"{entry.input_size}x{entry.input_size}"
            counts = (f"{entry.parameters:,}", f"{entry.connections:,}")
            table.add_row(entry.name, size, entry.activation, entry.pooling, entry.c3, entry.output, *counts)
        table_console().print(table)


def _print_layers(name: str, as_json: bool) -> None:
    from model.networks.base import total
    from model.networks.family import build

    network = build(name)
    rows = network.table()
    parameters, connections = total(rows)
    if as_json:
        values = {
            **asdict(network.preset),
            "layers": [asdict(row) for row in rows],
            "total": {"parameters": parameters, "connections": connections},
        }
        typer.echo(json.dumps(values, indent=2))
        return
    preset = network.preset
    table = Table(
        "layer",
        "output",
        show_footer=True,
    )
    table.columns[0].footer = "sum"
    table.add_column("parameters", footer=f"{parameters:,}", justify="right")
    table.add_column("connections", footer=f"{connections:,}", justify="right")
    for row in rows:
        maps, *sides = row.output
        shape = f"{maps}@{sides[0]}x{sides[1]}" if sides else str(maps)
        counts = ["" if count is None else f"{count:,}" for count in (row.parameters, row.connections)]
        table.add_row(row.name, shape, *counts)
    console = table_console()
    console.print(f"{name}: {preset.activation}, {preset.pooling}, {preset.c3} C3, {preset.output} output")
    console.print(table)
    console.print(preset.description)
