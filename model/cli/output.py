"""What commands print: tables, answers about files, and progress bars."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as TerminalTable

from model.training.reports.tables import Table

Chunks = Iterator[list[dict[str, Any]]]
"""Answers about files, in chunks, as they become ready."""
MANY = 100
"""A progress bar is shown from this many files on."""

console, errors = Console(), Console(stderr=True)
"""`console` is for results, `errors` for everything else."""


def table_console() -> Console:
    """A console as wide as the terminal, or, for a pipe or a file, as wide as a table needs."""
    return console if console.is_terminal else Console(width=10_000)


def print_table(table: Table, *, markdown: bool = False) -> None:
    """Print a table, for people or in Markdown."""
    if markdown:
        typer.echo(table.markdown() + "\n")
    else:
        table_console().print(table.for_terminal(), "")


def progress_bars(to: Console = console, *, hidden: bool = False) -> Progress:
    """A context of progress bars, with the share done and the time left; only a terminal shows them.

    Bars on the error stream vanish at the end, since results are printed in the meantime.
    """
    notes = to is errors
    # A bar on the error stream must not take the results to its own stream, folded at the screen's width.
    return Progress(
        console=to, disable=hidden or not to.is_terminal, transient=notes, redirect_stdout=not notes
    )


def with_progress(chunks: Chunks, total: int, *, hidden: bool) -> Iterator[dict[str, Any]]:
    """Yield the answers one by one, with a progress bar on the error stream unless it is `hidden`."""
    with progress_bars(errors, hidden=hidden) as progress:
        task = progress.add_task("images", total=total)
        for chunk in chunks:
            yield from chunk
            progress.advance(task, len({answer["file"] for answer in chunk}))


def print_answers(
    chunks: Chunks,
    total: int,
    columns: Sequence[str],
    row: Callable[[dict[str, Any]], Sequence[str]],
    *,
    as_json: bool,
    as_csv: Sequence[str] = (),
    to: Path | None = None,
) -> None:
    """Print an answer for each file: as it comes, as JSON or CSV (columns `as_csv`), or all in one table.

    The CSV goes `to` a file if one is named, unless that is "-". A bar shows how many of `total` files
    are done.

    An answer has `file`, and `error` if the file could not be answered: the error is shown in the table's
    last column, and the command ends with status 1 after all answers are printed.
    """
    table = TerminalTable(*columns)
    failed = False
    to = None if str(to) == "-" else to
    # Lines on the same screen would break up the bar, and show enough progress by themselves.
    lines_shown = sys.stdout.isatty() and (as_json or (bool(as_csv) and to is None))
    answers = with_progress(chunks, total, hidden=lines_shown or total < MANY)
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
    """A value as it is written to CSV: true and false, six decimals, nothing for None."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6f}" if isinstance(value, float) else value
