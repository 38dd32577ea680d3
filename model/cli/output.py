"""What commands print: tables, answers about files, and bars that show how far the work is."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table as TerminalTable

if TYPE_CHECKING:
    from model.training.reports.tables import Table

MANY = 100
"""From so many files on a bar shows how far it is."""

console, errors = Console(), Console(stderr=True)
"""Where results go, and where notes go that are no result."""


def table_console() -> Console:
    """A console as wide as the terminal, or, for a pipe or a file, as wide as a table needs."""
    wide = Console()
    return wide if wide.is_terminal else Console(width=10_000)


def print_table(table: "Table", *, markdown: bool = False) -> None:
    """Print a table, for people or in Markdown."""
    if markdown:
        typer.echo(table.markdown() + "\n")
    else:
        table_console().print(table.for_terminal(), "")


def progress_bars(to: Console = console, *, hidden: bool = False, transient: bool = False) -> Progress:
    """Bars with a count and the time that remains, to be entered; only a terminal shows them."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(
        *columns,
        console=to,
        disable=hidden or not to.is_terminal,
        transient=transient,
        # A bar on the error stream must not take the results to its own stream, folded at the screen's width.
        redirect_stdout=to is console,
    )


def with_progress(
    chunks: Iterator[list[dict[str, Any]]], total: int, hidden: bool
) -> Iterator[dict[str, Any]]:
    """The answers one by one, with a bar on the error stream meanwhile, if it is not `hidden`."""
    with progress_bars(errors, transient=True, hidden=hidden) as progress:
        task = progress.add_task("images", total=total)
        for chunk in chunks:
            yield from chunk
            progress.advance(task, len({answer["file"] for answer in chunk}))


@contextmanager
def download_bars() -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar for each file that is downloaded; yields a function of its name, bytes received and total."""
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=console) as progress:
        task = cache(progress.add_task)  # a file's bar is added when it is first heard of
        yield lambda file, received, total: progress.update(task(file), completed=received, total=total)


def print_answers(
    answers: Iterable[dict[str, Any]],
    columns: Sequence[str],
    row: Callable[[dict[str, Any]], Sequence[str]],
    *,
    as_json: bool,
    as_csv: Sequence[str] = (),
    to: Path | None = None,
) -> None:
    """Print an answer a file: as it comes, as JSON or the fields `as_csv`; or all in one table, a `row` each.

    The CSV goes `to` a file if one is named, unless that is "-".

    An answer has `file`, and `error` where the file could not be answered: it stands in the table's last
    column, and ends the command with status 1 when all have been printed.
    """
    table = TerminalTable(*columns)
    failed = False
    to = None if str(to) == "-" else to
    with nullcontext(sys.stdout) if to is None else to.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        if as_csv:
            lines.writerow(as_csv)
        for answer in answers:
            failed |= "error" in answer
            if as_json:
                typer.echo(json.dumps(answer))
            elif as_csv:
                lines.writerow(_plain(answer.get(name)) for name in as_csv)
            elif "error" in answer:
                table.add_row(named(answer), *[""] * (len(columns) - 2), answer["error"])
            else:
                table.add_row(*row(answer))
    if not as_json and not as_csv:
        table_console().print(table)
    if failed:
        raise typer.Exit(1)


def named(answer: dict[str, Any]) -> str:
    """The file of an answer, and its page where there are several."""
    return f"{answer['file']} page {answer['page']}" if "page" in answer else answer["file"]


def _plain(value: object) -> object:
    """A value as CSV has it: true and false, six decimals, nothing for None."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6f}" if isinstance(value, float) else value
