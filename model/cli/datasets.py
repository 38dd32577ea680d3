"""Finding the data set that a command was asked to use."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from model.training.data import DataSet, load_data_set
from model.training.data.download import download


def data_named(
    name: str, folder: Path, *, unverified: bool = False, fetch: bool = False, console: Console | None = None
) -> DataSet:
    """The data set `name` in `folder`, its missing files downloaded first if `fetch`; `DataError`."""
    if fetch:
        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
        with Progress(*columns, console=console) as progress:
            tasks: dict[str, TaskID] = {}

            def report(file: str, here: int, total: int | None) -> None:
                if file not in tasks:
                    tasks[file] = progress.add_task(file, total=total)
                progress.update(tasks[file], completed=here, total=total)

            download(name, folder, report)
    return load_data_set(name, folder, unverified=unverified)
