"""`python -m model convert`: a .pt or .pth file of weights as a checkpoint."""

from pathlib import Path
from typing import Annotated

import typer

from model.cli.options import Target


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
