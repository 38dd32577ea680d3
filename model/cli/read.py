"""`python -m model read`: read whole numbers in image files; measure the reading, and fit its weights."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import track

from model.cli import CommandError
from model.cli.options import Device, Engine, Fonts, Images, Jobs, JsonLines, Model, files_named
from model.cli.output import named, print_answers, print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.generator.items import Part
    from model.generator.numbers.lines import Sample
    from model.recognition import Recogniser

    Samples = Callable[[Part, int, int], list[Sample]]

CSV = ("file", "page", "text", "confidence", "error")
"""The columns of `--csv`."""


def read(
    paths: Images = None,
    *,
    model: Model = "lenet5",
    marks: Annotated[str, typer.Option(help="read, or ignore: the digits alone")] = "read",
    pattern: Annotated[
        str | None, typer.Option(help="what each line is expected to be: dddd, d{4,6}, d+.dd, ...")
    ] = None,
    as_json: JsonLines = False,
    as_csv: Annotated[Path | None, typer.Option("--csv", help="write CSV to this file (- prints it)")] = None,
    device: Device = "auto",
    engine: Engine = "auto",
    jobs: Jobs = 0,
    evaluate: Annotated[bool, typer.Option(help="measure on held-out writers and cheques of --data")] = False,
    fit: Annotated[bool, typer.Option(help="fit what decides to --data and --fonts")] = False,
    data: Annotated[Path | None, typer.Option(help="the folder with pendigits/ and cheques/")] = None,
    fonts: Fonts = None,
    composed: Annotated[int, typer.Option(help="numbers to compose for --evaluate and --fit", min=0)] = 400,
    seed: Annotated[list[int] | None, typer.Option(help="seed for --fit; may be repeated")] = None,
) -> None:
    """Read the whole number, or the lines of numbers, in each image: a table, CSV, or JSON lines.

    Ends with status 1 if a file holds no number or could not be read; the others are answered all the same.
    """
    from model.reading import read_pattern
    from model.reading.files import ReadOptions
    from model.recognition import Recogniser
    from model.recognition.files import cores, predict_files

    if evaluate or fit:
        if data is None:
            raise CommandError("--evaluate and --fit need --data, the folder with pendigits/ and cheques/")
        if fit:
            _fit(model, partial(_samples, data, fonts), composed, seed or [2], jobs or cores())
        if evaluate:
            recogniser = Recogniser.load(model, device, engine)
            _evaluate(recogniser, _samples(data, fonts, "validation", 1, composed), as_json=as_json)
        return
    if marks not in {"read", "ignore"}:
        raise CommandError(f"--marks: read or ignore, not {marks}")
    if pattern is not None:
        read_pattern(pattern, *([""] if marks == "ignore" else []))
    files = files_named(paths)
    options = ReadOptions(
        model, device, engine, marks="ignore" if marks == "ignore" else "read", pattern=pattern
    )
    chunks = predict_files(files, options, jobs or cores())
    columns = ("file", "text", "confidence", "digits", "other readings", "remark")
    shown = CSV if as_csv else ()
    print_answers(chunks, len(files), columns, _row, as_json=as_json, as_csv=shown, to=as_csv)


def _row(answer: dict[str, Any]) -> tuple[str, ...]:
    sure = " ".join(f"{digit['confidence']:.0%}" for digit in answer["digits"])
    others = ", ".join(f"{other['text']} {other['probability']:.0%}" for other in answer["alternatives"])
    remark = f"{len(answer['others'])} other signs" if answer["others"] else ""
    return named(answer), answer["text"], f"{answer['confidence']:.1%}", sure, others, remark


def _samples(data: Path, fonts: list[Path] | None, part: "Part", seed: int, composed: int) -> list["Sample"]:
    """Composed numbers, and three quarters as many of each other group."""
    from model.generator.materials import load_materials
    from model.generator.numbers.lines import samples
    from model.generator.paper.fonts import DEFAULT_FOLDERS

    materials = load_materials(data, part, fonts or DEFAULT_FOLDERS)
    return list(samples(materials, seed, composed, others=3 * composed // 4))


def _evaluate(recogniser: "Recogniser", chosen: list["Sample"], *, as_json: bool) -> None:
    from model.generator.numbers.measure import measure
    from model.training.reports.tables import Table

    results = measure(track(chosen, "numbers", transient=True), recogniser)
    if as_json:
        typer.echo(json.dumps(results))
        return
    for way, found in results.items():
        exact = tuple(
            (name, str(n), *(f"{count / n:.1%}" for count in counts))
            for name, (n, *counts) in found["exact"].items()
        )
        columns = ("", "numbers", "exactly right", "digits right, a mark wrong, 50 %", "wrong, 95 %")
        print_table(Table(columns, exact, f"read as {way}"))
        bands = tuple(
            (name, str(n), f"{mean:.1%}", f"{right:.1%}")
            for name, (n, mean, right) in found["calibration"].items()
        )
        print_table(Table(("confidence", "numbers", "mean", "right"), bands, "how far it can be trusted"))


def _fit(name: str, samples: "Samples", composed: int, seeds: list[int], jobs: int) -> None:
    """Fit the weights to training writers, fonts and cheques, and the temperatures to held-out ones."""
    from model.generator.batches import forked_map
    from model.generator.numbers.segments import examples
    from model.reading.fitting import Example, fit, fit_temperature
    from model.reading.symbols import WAYS, Way, save
    from model.recognition import Recogniser

    def made(task: tuple["Part", int, int]) -> dict[Way, list[Example]]:
        chosen, recogniser = samples(*task), Recogniser.load(name, "cpu")
        return {way: list(examples(chosen, recogniser, way)) for way in WAYS}

    tasks: list[tuple[Part, int, int]] = [("validation", 2, composed // 2)]
    tasks += (("train", seed, composed) for seed in seeds)
    held, *found = track(forked_map(made, tasks, jobs), "numbers", len(tasks))
    recogniser, models = Recogniser.load(name, "cpu"), {}
    for way in WAYS:
        model = fit([example for part in found for example in part[way]], recogniser, way)
        models[way] = fit_temperature(held[way], model, recogniser)
    said = f"fitted with {recogniser.name} {recogniser.metadata.digest[:12]} by python -m model read --fit"
    save(models, f"{said}{''.join(f' --seed {seed}' for seed in seeds)} --composed {composed}")
