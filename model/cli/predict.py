"""`python -m model predict`: which digits are in image files."""

from pathlib import Path
from typing import Annotated, Any

import typer

from model.cli import CommandError
from model.cli.options import Device, Engine, Images, Jobs, JsonLines, Model, files_named
from model.cli.output import Chunks, named, print_answers
from model.files import EXPLAINED, STANDARD_INPUT
from model.ink import InkError
from model.recognition import Recogniser
from model.recognition.files import Options, cores, predict_files
from model.recognition.review_sheet import BELOW, needs_review, review_sheet

CSV = ("file", "page", "digit", "confidence", "is_digit", "digit_score", "reason", "check", "error")
"""The columns of `--csv`."""


def predict(
    paths: Images = None,
    *,
    model: Model = "lenet5",
    as_json: JsonLines = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print CSV, for a spreadsheet or a program")] = False,
    check_below: Annotated[float, typer.Option(help="confidence to check below", min=0, max=1)] = BELOW,
    sheet: Annotated[Path | None, typer.Option(help="draw the images to check, as this PNG")] = None,
    accept: Annotated[float | None, typer.Option(help="least digit score of a digit", min=0, max=1)] = None,
    device: Device = "auto",
    engine: Engine = "auto",
    jobs: Jobs = 0,
    explain: Annotated[bool, typer.Option("--explain", help="draw each step as FILE.explained.png")] = False,
) -> None:
    """Say which digit is in each image: a table, CSV, or a line of JSON per file.

    What a person should look at is marked `check`: no digit, a doubt, or a confidence below --check-below;
    --sheet draws all of it, the most doubtful first. Without --accept the checkpoint's threshold counts.
    Ends with status 1 if a file could not be read as an image with ink; the others are answered all the same.
    """
    if as_json and as_csv:
        raise CommandError("--json or --csv, not both")
    if sheet is not None and not sheet.absolute().parent.is_dir():
        raise CommandError(f"{sheet}: there is no such folder")  # before all the work, not after it
    files = files_named(paths)
    if explain and STANDARD_INPUT in files:
        raise CommandError("--explain reads its files twice, and standard input can be read once")
    if explain:
        _explain(files, model, device, engine)
    chunks = predict_files(files, Options(model, device, engine, accept), jobs or cores())
    marked = _marked(chunks, check_below, sheet)
    columns = ("file", "digit", "confidence", "digit score", "check", "remark")
    print_answers(marked, len(files), columns, _row, as_json=as_json, as_csv=CSV if as_csv else ())


def _marked(chunks: Chunks, below: float, sheet: Path | None) -> Chunks:
    """Yield the answers, each with `check`; at the end, say how many to check, and draw them."""
    count, doubtful = 0, []
    for chunk in chunks:
        marked = [{**answer, "check": needs_review(answer, below)} for answer in chunk]
        count += len(marked)
        doubtful += [answer for answer in marked if answer["check"]]
        yield marked
    if count > 1:
        typer.echo(f"{count:,} images, {len(doubtful):,} to check by hand", err=True)
    if sheet is not None:
        review_sheet(doubtful).save(sheet, "PNG")
        typer.echo(f"wrote {sheet}", err=True)


def _explain(images: list[Path], model: str, device: str, engine: str) -> None:
    from model.recognition.explanation import explain

    recogniser = Recogniser.load(model, device, engine)
    for image in images:
        try:
            drawn = explain(image.read_bytes(), recogniser)
        except (InkError, OSError):
            continue  # the table says what is wrong with it
        picture = image.with_name(f"{image.stem}{EXPLAINED}")
        picture.write_bytes(drawn)
        typer.echo(f"wrote {picture}", err=True)


def _row(answer: dict[str, Any]) -> tuple[str, ...]:
    remark = answer["reason"] or ""
    if "between" in answer:
        remark += ": {} or {}".format(*answer["between"])
    digit = str(answer["digit"]) if answer["is_digit"] else f"({answer['digit']})"
    check = "yes" if answer["check"] else ""
    if "note" in answer:
        remark = "; ".join(filter(None, (remark, "the first frame of an animation")))
    return named(answer), digit, f"{answer['confidence']:.1%}", f"{answer['digit_score']:.3f}", check, remark
