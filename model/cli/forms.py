"""`python -m model forms`: the fields of scanned pages; making templates; reviewing."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from model.cli import CommandError
from model.cli.options import Device, Engine, Fonts, Jobs, Model, files_named
from model.cli.output import print_table, with_progress

if TYPE_CHECKING:
    from model.forms import Template

COLUMNS = (
    "file", "page", "field", "text", "confidence", "empty", "review", "why", "truth", "checked", "error"
)  # fmt: skip
"""The CSV's columns; each field has a row, and so has each page that could not be read, with its `error`."""


def forms(
    template: Annotated[Path | None, typer.Argument(help="the form's template (JSON)")] = None,
    scans: Annotated[
        list[str] | None, typer.Argument(help="scans: images, TIFF, PDF, folders, globs")
    ] = None,
    *,
    model: Model = "lenet5",
    device: Device = "auto",
    engine: Engine = "auto",
    jobs: Jobs = 0,
    as_csv: Annotated[Path | None, typer.Option("--csv", help="write a row for each field")] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help="write a line for each page; a second run goes on from it")
    ] = None,
    review: Annotated[Path | None, typer.Option(help="write a page for reviewing what is doubtful")] = None,
    sample: Annotated[int, typer.Option(help="so many fields of all in --review, at random", min=0)] = 0,
    promise: Annotated[
        Path | None, typer.Option(help="what `promise` wrote: it says what is doubtful")
    ] = None,
    apply: Annotated[Path | None, typer.Option(help="merge what --review saved into --csv")] = None,
    draft: Annotated[Path | None, typer.Option(help="propose the fields of a scan, as a template")] = None,
    learn: Annotated[Path | None, typer.Option(help="add the printed lines of this scan")] = None,
    evaluate: Annotated[bool, typer.Option(help="measure on forms that the generator fills in")] = False,
    data: Annotated[Path | None, typer.Option(help="for --evaluate: the folder with pendigits/")] = None,
    fonts: Fonts = None,
    pages: Annotated[int, typer.Option(help="for --evaluate: how many forms", min=1)] = 40,
) -> None:
    """Read the fields of scanned or photographed forms, as a template describes them.

    Ends with status 1 if a page could not be read or fitted; the others are answered all the same.
    """
    from model.forms import Template, batch, drafting
    from model.forms import review as reviewing
    from model.forms.promise import Promise
    from model.recognition.files import cores

    if evaluate:
        _evaluate(model, data, fonts, pages)
    elif draft is not None:
        _print(drafting.draft_template(drafting.opened(draft.read_bytes())))
    elif template is None:
        raise CommandError("which template? give its file, or propose one by --draft SCAN")
    elif learn is not None:
        how = Template.read(template.read_bytes())
        _print(drafting.learn_ruling(drafting.opened(learn.read_bytes()), how))
    elif apply is not None:
        if as_csv is None:
            raise CommandError("--apply needs --csv, the file to merge the corrections into")
        with as_csv.open(newline="") as table, apply.open(newline="") as said:
            rows = reviewing.apply([*csv.DictReader(table)], [*csv.DictReader(said)])
        _write(as_csv, rows)
        typer.echo(f"{sum(row['checked'] in (True, 'true') for row in rows):,} fields are checked", err=True)
    else:
        threshold = None if promise is None else Promise.load(promise).threshold
        how = Template.read(template.read_bytes())
        options = batch.FormOptions(model, device, engine, template=how, pictures=review is not None)
        files = files_named(scans)
        chunks = batch.read_files(files, options, jobs or cores(), as_json)
        lines = [*with_progress(chunks, len(files), hidden=False)]
        rows = [*batch.rows_of(lines, threshold)]
        if as_csv is not None:
            _write(as_csv, rows)
        if review is not None:
            review.write_text(reviewing.review_page(lines, rows, sample))
        if as_csv is None and as_json is None:
            for row in rows:
                shown = row | {"text": row.get("text") or "empty"}
                what = row.get("error") or "{field}: {text}  {confidence:.1%}  {why}".format(**shown)
                typer.echo(f"{row['file']}:{row['page']} {what}")
        faulty, doubtful = (sum(bool(row.get(name)) for row in rows) for name in ("error", "review"))
        read = f"{len(rows) - faulty:,} fields, {doubtful:,} to review"
        typer.echo(f"{len(lines):,} pages, {faulty:,} not read; {read}", err=True)
        raise typer.Exit(int(faulty > 0))


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        out.writeheader()
        for row in rows:
            out.writerow({name: str(v).lower() if isinstance(v, bool) else v for name, v in row.items()})


def _print(template: "Template") -> None:
    typer.echo(template.model_dump_json(exclude_none=True, exclude_defaults=True, indent=1))


def _evaluate(model: str, data: Path | None, fonts: list[Path] | None, pages: int) -> None:
    from model.generator.forms.measure import measure
    from model.recognition import Recogniser
    from model.training.reports.tables import Table

    if data is None:
        raise CommandError("--evaluate needs --data, the folder with pendigits/")
    rows = measure(Recogniser.load(model), data, fonts or (), pages)
    print_table(Table(("", ""), rows, "forms of writers held out"))
