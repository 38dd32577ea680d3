"""`python -m model ship`: put the best of several runs among the weights that come with the project."""

from pathlib import Path
from typing import Annotated

import typer

from model.checkpoints.checkpoint import CHECKPOINTS
from model.training.reports.cards import FinishedRun
from model.training.reports.cards import ship as ship_runs


def ship(
    runs: Annotated[list[Path], typer.Argument(help="folders of finished runs that differ in their seeds")],
    *,
    to: Annotated[Path, typer.Option(help="the folder of the checkpoints")] = CHECKPOINTS,
) -> None:
    """Write the checkpoint of the run that is best on its validation part, and the model card of them all."""
    path = ship_runs(list(map(FinishedRun.load, runs)), to)
    typer.echo(f"{path}, with its card {path.with_suffix('.md').name}")
