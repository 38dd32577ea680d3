"""`python -m model summary`: the layer table of a preset, or the table of all presets."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from model.cli.options import AsJson
from model.cli.output import print_table, table_console
from model.training.reports.tables import Table


def summary(
    preset: Annotated[str | None, typer.Argument(help="a preset; without one, all are listed")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a network's layer table: output shape, parameters and connections, with their sums."""
    from model.networks.presets import PRESETS

    if preset is not None:
        _print_layers(preset, as_json)
    elif as_json:
        typer.echo(json.dumps([asdict(entry) for entry in PRESETS.values()], indent=2))
    else:
        header = ("preset", "input", "activation", "pooling", "C3", "output", "parameters", "connections")
        rows = tuple(
            (p.name, f"{p.input_size}x{p.input_size}", p.activation, p.pooling, p.c3, p.output,
             f"{p.parameters:,}", f"{p.connections:,}")
            for p in PRESETS.values()
        )  # fmt: skip
        print_table(Table(header, rows))


def _print_layers(name: str, as_json: bool) -> None:
    from model.networks.family import build

    network = build(name)
    layers, preset = network.table(), network.preset
    if as_json:
        sums = {"parameters": preset.parameters, "connections": preset.connections}
        values = {**asdict(preset), "layers": [asdict(layer) for layer in layers], "total": sums}
        typer.echo(json.dumps(values, indent=2))
        return
    rows = []
    for layer in layers:
        shape = "{}@{}x{}".format(*layer.output) if len(layer.output) > 1 else str(layer.output[0])
        counts = ["" if count is None else f"{count:,}" for count in (layer.parameters, layer.connections)]
        rows.append((layer.name, shape, *counts))
    rows.append(("sum", "", f"{preset.parameters:,}", f"{preset.connections:,}"))
    title = f"{name}: {preset.activation}, {preset.pooling}, {preset.c3} C3, {preset.output} output"
    print_table(Table(("layer", "output", "parameters", "connections"), tuple(rows), title))
    table_console().print(preset.description)
