"""What `predict` and `read` share: the files that are meant, and a table, CSV or lines of JSON about them."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from model.cli import CommandError
from model.cli.console import table_console


def files_named(arguments: Sequence[str]) -> list[Path]:
    """The files meant by names of files and folders and by globs; `CommandError` if there are none."""
    from model.recognition.files import files_of

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
    as_csv: Sequence[str] = (),
) -> None:
    """Print an answer a file: as it comes, as JSON or the fields `as_csv`; or all in one table, a `row` each.

    An answer has `file`, and `error` where there is none; such a one ends the command with status 1 when
    all have been printed.
    """
    table = Table(*columns)
    lines = csv.writer(sys.stdout, lineterminator="\n")
    if as_csv:
        lines.writerow(as_csv)
    failed = False
    for answer in answers:
        failed |= "error" in answer
        if as_json:
            typer.echo(json.dumps(answer))
        elif as_csv:
            lines.writerow(_plain(answer.get(name)) for name in as_csv)
        elif "error" in answer:
            blank = ("",) * (len(columns) - 2)
            table.add_row(answer["file"], *blank, answer["error"])
        else:
            table.add_row(*row(answer))
    if not as_json and not as_csv:
        table_console().print(table)
    if failed:
        raise typer.Exit(1)


def _plain(value: object) -> object:
    """A value as CSV has it: true and false, six decimals, nothing for None."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6f}" if isinstance(value, float) else value
