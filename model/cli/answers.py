"""What `predict` and `read` share: the files that are meant, and a table or lines of JSON about them."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from model.cli import CommandError
from model.cli.console import table_console


def files_named(arguments: Sequence[str]) -> list[Path]:
    """The files meant by names of files and folders and by globs; `CommandError` if one means none."""
    from model.prediction import files_of

    try:
        return files_of(arguments)
    except FileNotFoundError as error:
        raise CommandError(str(error)) from error


def print_answers(
    answers: Iterable[dict[str, Any]],
    columns: Sequence[str],
    row: Callable[[dict[str, Any]], Sequence[str]],
    *,
    as_json: bool,
) -> None:
    """Print an answer a file, as it comes as JSON or all in one table with a `row` each.

    An answer has `file`, and `error` where there is none; such a one ends the command with status 1 when
    all have been printed.
    """
    table = Table(*columns)
    failed = False
    for answer in answers:
        failed |= "error" in answer
        if as_json:
            typer.echo(json.dumps(answer))
        elif "error" in answer:
            blank = ("",) * (len(columns) - 2)
            table.add_row(answer["file"], *blank, answer["error"])
        else:
            table.add_row(*row(answer))
    if not as_json:
        table_console().print(table)
    if failed:
        raise typer.Exit(1)
