"""`python -m model forms`: the fields of scanned pages; making templates; reviewing."""

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from model.cli import CommandError
from model.cli.options import Device, Engine, Fonts, Jobs, Model, files_named
from model.cli.output import errors, print_table, progress_bars

Out = Annotated[Path | None, typer.Option(help="write a row for each field to this CSV file")]


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
    review: Annotated[Path | None, typer.Option(help="write a page to go through what is doubtful")] = None,
    sample: Annotated[int, typer.Option(help="so many fields of all in --review, at random", min=0)] = 0,
    promise: Annotated[
        Path | None, typer.Option(help="what `promise` wrote: it decides what is doubtful")
    ] = None,
    apply: Annotated[Path | None, typer.Option(help="merge what --review saved into --csv")] = None,
    draft: Annotated[Path | None, typer.Option(help="propose the fields of a scan, as a template")] = None,
    learn: Annotated[
        Path | None, typer.Option(help="the template with the printed lines of this scan")
    ] = None,
    evaluate: Annotated[bool, typer.Option(help="measure on forms that the generator fills in")] = False,
    data: Annotated[Path | None, typer.Option(help="for --evaluate: the folder with pendigits/")] = None,
    fonts: Fonts = None,
    pages: Annotated[int, typer.Option(help="for --evaluate: so many forms", min=1)] = 40,
) -> None:
    """Read the fields of scanned or photographed forms, as a template describes them.

    Ends with status 1 if a page could not be read or fitted; the others are answered all the same.
    """
    from model.forms import Template
    from model.recognition.files import cores

    if draft is not None or learn is not None:
        _print_template(template, draft, learn)
        return
    if evaluate:
        _evaluate(model, data, fonts, pages)
        return
    if template is None:
        raise CommandError("which template? give its file, or propose one by --draft SCAN")
    if apply is not None:
        _apply(as_csv, apply)
        return
    from model.forms.batch import COLUMNS, Job, read_files, rows_of
    from model.forms.promise import Promise
    from model.forms.review import review_page

    threshold = None if promise is None else Promise.load(promise).threshold
    job = Job(Template.read(template.read_bytes()), model, device, engine, pictures=review is not None)
    files = files_named(scans)
    with progress_bars(errors, transient=True) as progress:
        task = progress.add_task("files", total=len(files))
        lines = []
        for line in read_files(files, job, jobs or cores(), as_json):
            lines.append(line)
            progress.advance(task, int(line["last"]))
    order = {str(file): place for place, file in enumerate(files)}
    lines.sort(key=lambda line: (order.get(line["file"], len(order)), line["page"]))
    rows = list(rows_of(lines, threshold))
    if as_csv is not None:
        _write(as_csv, COLUMNS, rows)
    if review is not None:
        review.write_text(review_page(lines, rows, sample))
    if as_csv is None and as_json is None:
        for row in rows:
            name = f"{row['file']}:{row['page']}"
            said = (
                row.get("error")
                or f"{row['field']}: {row['text'] or '-'}  {row['confidence']:.1%}  {row['why']}"
            )
            typer.echo(f"{name} {said}")
    faulty = sum("error" in row for row in rows)
    doubtful = sum(bool(row.get("review")) for row in rows)
    typer.echo(
        f"{len(lines):,} pages, {faulty:,} not read; {len(rows) - faulty:,} fields, {doubtful:,} to review",
        err=True,
    )
    if faulty:
        raise typer.Exit(1)


def _write(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    plain = [
        {name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items()}
        for row in rows
    ]
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, columns, lineterminator="\n")
        out.writeheader()
        out.writerows(plain)


def _apply(table: Path | None, corrections: Path) -> None:
    from model.forms.batch import COLUMNS
    from model.forms.review import apply

    if table is None:
        raise CommandError("--apply needs --csv, the file to merge the corrections into")
    with table.open(newline="") as file, corrections.open(newline="") as said:
        merged = apply(list(csv.DictReader(file)), list(csv.DictReader(said)))
    _write(table, COLUMNS, merged)
    typer.echo(f"{sum(row['checked'] in (True, 'true') for row in merged):,} fields are checked", err=True)


def _print_template(template: Path | None, draft: Path | None, learn: Path | None) -> None:
    from model.forms import Template
    from model.forms.drafting import draft_template, learn_ruling, opened

    if draft is not None:
        found = draft_template(opened(draft.read_bytes()))
    else:
        assert learn is not None
        if template is None:
            raise CommandError("--learn needs the template that the lines are added to")
        found = learn_ruling(opened(learn.read_bytes()), Template.read(template.read_bytes()))
    typer.echo(json.dumps(found.model_dump(exclude_none=True, exclude_defaults=True), indent=1))


def _evaluate(model: str, data: Path | None, fonts: list[Path] | None, pages: int) -> None:
    from model.generator.forms.measure import measure
    from model.recognition import Recogniser
    from model.training.reports.tables import Table

    if data is None:
        raise CommandError("--evaluate needs --data, the folder with pendigits/")
    found = measure(Recogniser.load(model), data, fonts or (), pages)
    rows = tuple((name.replace("_", " "), str(value)) for name, value in asdict(found).items())
    print_table(Table(("", ""), rows, "forms of writers held out"))
