"""The tables of `python -m model evaluate --kinds`: accuracy and rejection by kind of picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich import box
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from model.cli import CommandError
from model.cli.console import table_console
from model.generator.evaluation import DigitFigures, KindsReport, OtherFigures, evaluate_kinds
from model.generator.items import PARTS
from model.generator.kinds import KINDS
from model.generator.materials import load_materials

DIGIT_HEADER = ("digits", "pictures", "right", "rejected", "no ink", "sure and wrong", "ECE")
OTHER_HEADER = ("no digits", "pictures", "accepted", "sure", "no ink")


def report(
    model: str,
    *,
    data: Path | None,
    part: str,
    fonts: Sequence[Path],
    per_kind: int,
    seed: int,
    workers: int,
    device: str,
    as_json: bool,
    markdown: bool,
) -> None:
    """Measure a checkpoint on pictures of every kind and print the tables, JSON or Markdown."""
    if data is None:
        raise CommandError("--kinds needs --data DIR, with mnist/, fashion-mnist/, pendigits/ and cheques/")
    if part not in PARTS:
        raise CommandError(f"no such part: {part}; there are {', '.join(PARTS)}")
    try:
        with Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), transient=True) as progress:
            bar = progress.add_task("pictures", total=per_kind * len(KINDS))
            found = evaluate_kinds(
                load_materials(data, part, fonts), KINDS, model, device=device, per_kind=per_kind,
                seed=seed, workers=workers, progress=lambda done: progress.advance(bar, done),
            )  # fmt: skip
    except ValueError as error:
        raise CommandError(str(error)) from None
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2))
    elif markdown:
        typer.echo("\n\n".join(_markdown(*table) for table in _tables(found)))
    else:
        for header, rows in _tables(found):
            grid = Table(*header, box=box.SIMPLE_HEAD)
            for row in rows:
                grid.add_row(*row)
            table_console().print(grid)


def _tables(found: KindsReport) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    return [
        (DIGIT_HEADER, [_digit_row(figures) for figures in found.digits]),
        (OTHER_HEADER, [_other_row(figures) for figures in found.others]),
    ]


def _digit_row(row: DigitFigures) -> tuple[str, ...]:
    shares = (row.right, row.rejected, row.no_ink, row.sure_and_wrong, row.ece)
    return row.kind, f"{row.pictures:,}", *(f"{share:.1%}" for share in shares)


def _other_row(row: OtherFigures) -> tuple[str, ...]:
    shares = (row.accepted, row.sure, row.no_ink)
    return row.kind, f"{row.pictures:,}", *(f"{share:.1%}" for share in shares)


def _markdown(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ("---", *("--:" for _ in header[1:])), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
