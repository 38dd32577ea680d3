"""The tables of `python -m model evaluate --kinds`: accuracy and rejection by kind of picture."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from model.cli import CommandError
from model.cli.output import errors, print_table, progress_bars
from model.generator.evaluation import KindsReport, evaluate_kinds
from model.generator.items import PARTS
from model.generator.kinds import KINDS
from model.generator.materials import load_materials
from model.generator.paper.fonts import DEFAULT_FOLDERS
from model.training.reports.tables import Table


def report(
    model: str,
    *,
    data: Path | None,
    part: str,
    fonts: Sequence[Path] | None,
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
    with progress_bars(errors, transient=True) as progress:
        bar = progress.add_task("pictures", total=per_kind * len(KINDS))
        found = evaluate_kinds(
            load_materials(data, part, fonts or DEFAULT_FOLDERS), KINDS, model, device=device,
            per_kind=per_kind, seed=seed, workers=workers, progress=lambda done: progress.advance(bar, done),
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
    else:
        for table in _tables(found):
            print_table(table, markdown=markdown)


def _tables(found: KindsReport) -> tuple[Table, Table]:
    digits = tuple(
        _row(row.kind, row.pictures, row.right, row.rejected, row.no_ink, row.sure_and_wrong, row.ece)
        for row in found.digits
    )
    others = tuple(_row(row.kind, row.pictures, row.accepted, row.sure, row.no_ink) for row in found.others)
    return (
        Table(("digits", "pictures", "right", "rejected", "no ink", "sure and wrong", "ECE"), digits),
        Table(("no digit", "pictures", "accepted", "sure", "no ink"), others),
    )


def _row(kind: str, pictures: int, *shares: float) -> tuple[str, ...]:
    return kind, f"{pictures:,}", *(f"{share:.1%}" for share in shares)
