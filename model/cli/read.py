"""`python -m model read`: whole numbers in image files; how well they are read; fitting what decides."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import track

from model.cli import CommandError
from model.cli.options import Device, Engine, Images, JsonLines, Model, files_named
from model.cli.output import print_answers, print_table

if TYPE_CHECKING:
    from model.recognition import Recogniser


def read(
    paths: Images = None,
    *,
    model: Model = "lenet5",
    as_json: JsonLines = False,
    device: Device = "auto",
    engine: Engine = "auto",
    evaluate: Annotated[bool, typer.Option(help="measure on held-out writers and cheques of --data")] = False,
    fit: Annotated[bool, typer.Option(help="fit the segmentation graph's weights to --data")] = False,
    data: Annotated[Path | None, typer.Option(help="the folder with pendigits/ and cheques/")] = None,
    composed: Annotated[int, typer.Option(help="numbers to compose for --evaluate and --fit", min=0)] = 400,
) -> None:
    """Read the whole number, or the lines of numbers, in each image: a table, or a line of JSON a file.

    Ends with status 1 if a file holds no number or could not be read; the others are answered all the same.
    """
    from model.recognition import Recogniser

    recogniser = Recogniser.load(model, device, engine)
    if evaluate or fit:
        if data is None:
            raise CommandError("--evaluate and --fit need --data, the folder with pendigits/ and cheques/")
        if fit:
            _fit(recogniser, data, composed)
        if evaluate:
            _evaluate(recogniser, data, composed, as_json)
        return
    _read_files(paths, recogniser, as_json)


def _read_files(paths: Sequence[str] | None, recogniser: "Recogniser", as_json: bool) -> None:
    from model.ink import InkError
    from model.reading import read_image

    def answer(path: Path) -> dict[str, Any]:
        try:
            return {"file": str(path), **asdict(read_image(path.read_bytes(), recogniser))}
        except InkError as error:
            return {"file": str(path), "error": str(error)}
        except OSError as error:
            return {"file": str(path), "error": f"cannot be read: {error.strerror or error}"}

    columns = ("file", "text", "confidence", "digits", "other readings", "remark")
    print_answers(map(answer, files_named(paths)), columns, _row, as_json=as_json)


def _row(answer: dict[str, Any]) -> tuple[str, ...]:
    sure = " ".join(f"{digit['confidence']:.0%}" for digit in answer["digits"])
    others = ", ".join(f"{other['text']} {other['probability']:.0%}" for other in answer["alternatives"])
    return answer["file"], answer["text"], f"{answer['confidence']:.1%}", sure, others, ""


def _evaluate(recogniser: "Recogniser", data: Path, composed: int, as_json: bool) -> None:
    from model.generator.numbers.lines import samples
    from model.generator.numbers.measure import measure
    from model.training.reports.tables import Table

    chosen = list(samples(data, "validation", 1, composed))
    results = measure(track(chosen, "numbers", transient=True), recogniser)
    if as_json:
        typer.echo(json.dumps(results))
        return
    for way, found in results.items():
        exact = tuple((name, str(n), f"{right / n:.1%}") for name, (n, right) in found["exact"].items())
        print_table(Table(("", "numbers", "exactly right"), exact, f"read as {way}"))
        bands = tuple(
            (name, str(n), f"{mean:.1%}", f"{right:.1%}")
            for name, (n, mean, right) in found["calibration"].items()
        )
        print_table(Table(("confidence", "numbers", "mean", "right"), bands, "how far it can be trusted"))


def _fit(recogniser: "Recogniser", data: Path, composed: int) -> None:
    """Fit to training writers and cheques from the weights there are; the temperature to held-out ones."""
    from dataclasses import replace

    from model.generator.numbers.lines import examples, samples
    from model.reading.fitting import fit, fit_temperature
    from model.reading.weights import Table as WeightTable
    from model.reading.weights import load

    chosen = list(samples(data, "train", 2, composed))
    held = list(samples(data, "validation", 2, composed // 2))
    old = load()
    found = examples(track(chosen, "pictures", transient=True), recogniser, "image")
    image = fit_temperature(examples(held, recogniser, "image"), fit(found, old.image, rounds=2))
    found = examples(track(chosen, "strokes", transient=True), recogniser, "strokes")
    strokes = fit_temperature(examples(held, recogniser, "strokes"), fit(found, old.strokes, rounds=2))
    network = recogniser.metadata.digest[:12]
    provenance = (
        f"fitted with {recogniser.name} {network} by python -m model read --fit --composed {composed}"
    )
    WeightTable(replace(image, provenance=provenance), replace(strokes, provenance=provenance)).save()
