"""`python -m model export`: trained networks as ONNX."""

from typing import Annotated

import typer

from model.cli import CommandError
from model.cli.options import Target


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
