"""`python -m model calibrate`: fit temperature, digit score and threshold, and write them down."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import locate
from model.cli.evaluate import OWN_DATA
from model.cli.options import Device, data_set_named, device_named
from model.cli.output import console, errors, print_table
from model.training.data import LabelledImages, load_mnist_test, load_npz
from model.training.evaluation.figures import evaluate_checkpoint
from model.training.evaluation.inference import Outputs, run_checkpoint
from model.training.rejection.fitting import balanced, gather, kinds_of
from model.training.rejection.fitting import calibrate as fit
from model.training.rejection.report import (
    MEASURED_ON_TEST,
    MEASURED_ON_VALIDATION,
    RejectionReport,
    measure,
    section,
    with_section,
)
from model.training.reports.plots import draw_reliability


def calibrate(
    weights: Annotated[str, typer.Argument(help="a checkpoint, or the name of a shipped preset")],
    *,
    validation: Annotated[
        list[Path], typer.Option(help="FILE.npz of digits and other things to fit by; may be repeated")
    ],
    test: Annotated[
        list[Path] | None,
        typer.Option(help="FILE.npz to measure on afterwards, instead of the validation files; repeatable"),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="the folder with MNIST, to fit by its validation part too")
    ] = None,
    accepted: Annotated[
        float, typer.Option(help="share of the digits to be accepted", min=0.01, max=1)
    ] = 0.99,
    onnx: Annotated[bool, typer.Option("--export/--no-export", help="write the .onnx file anew")] = True,
    device: Device = "auto",
) -> None:
    """Fit temperature, digit score and threshold, each kind counting the same, and save them.

    The checkpoint is written anew with the same weights, and exported again. A model card beside it gets the
    figures and pictures.
    """
    chosen = device_named(device)
    path = locate(weights)
    loaded = checkpoint.load(path)
    # A checkpoint older than the second look gets that of its preset.
    metadata = replace(loaded.metadata, second_look=loaded.network.preset.second_look)
    parts = {file.stem: load_npz(file) for file in validation}
    if data is not None:
        parts["mnist-validation"] = data_set_named("mnist", data).split()[1]
    gathered = gather(parts)
    with errors.status(f"{path.name}: {len(gathered):,} images"):
        outputs = run_checkpoint(replace(loaded, metadata=metadata), gathered.images, chosen)
        metadata = fit(metadata, gathered, outputs, accepted)
    fitted = replace(loaded, metadata=metadata)
    metadata = replace(metadata, measured=_measured(fitted, chosen))
    if test:
        gathered = gather({file.stem: load_npz(file) for file in test})
    if kinds_of(gathered, digits=False):
        gathered = _with_mnist_test(gathered)
        with errors.status("measuring"):
            outputs = run_checkpoint(fitted, gathered.images, chosen)
            report = measure(metadata, gathered, outputs)
        metadata = replace(metadata, measured=metadata.measured | _figures(report))
        _tell_card(path, report, gathered, outputs, by_test=bool(test))
        console.print(f"{path.stem}: {report.summary()}", highlight=False)
        print_table(report.table())
    head = None if loaded.digit_head is None else loaded.digit_head.cpu()
    checkpoint.save(path, loaded.network.cpu(), metadata, head)
    for name in ("temperature", "digit_scale", "digit_offset", "accept"):
        before, after = getattr(loaded.metadata, name), getattr(metadata, name)
        console.print(f"{path.name}: {name} {before:.4g} -> {after:.4g}")
    if onnx:
        from model.checkpoints.export import export

        target, difference = export(path)
        console.print(f"{target.name}: differs from torch by {difference:.1e} at the most")


def _measured(fitted: Checkpoint, device: torch.device) -> dict[str, Any]:
    """What was measured, with MNIST's test images measured anew at the new temperature.

    Likelihood and calibration error at the old temperature are left out.
    """
    before = fitted.metadata.measured
    kept = {name: value for name, value in before.items() if not name.endswith(("nll", "ece"))}
    if before.get("data_set") != "mnist" or not OWN_DATA.is_dir():
        return kept
    report, _ = evaluate_checkpoint(fitted, load_mnist_test(OWN_DATA), device)
    return kept | report.main() | {f"test_{name}": value for name, value in report.main().items()}


def _with_mnist_test(gathered: LabelledImages) -> LabelledImages:
    """The same with MNIST's test images as a further kind of digits, where they are there."""
    if not OWN_DATA.is_dir():
        return gathered
    test = load_mnist_test(OWN_DATA)
    return gather({"": gathered, "mnist-test": LabelledImages(test.images, test.labels)})


def _tell_card(
    path: Path, report: RejectionReport, gathered: LabelledImages, outputs: Outputs, *, by_test: bool
) -> None:
    """Put figures and a picture into the model card beside the checkpoint, if there is one."""
    card = path.with_suffix(".md")
    if not card.exists():
        return
    picture = card.with_name(f"{path.stem}-reliability.png")
    index, weights = balanced(kinds_of(gathered, digits=True))
    draw_reliability(outputs.logits[index], gathered.labels[index], report.temperature, picture, weights)
    measured_on = MEASURED_ON_TEST if by_test else MEASURED_ON_VALIDATION
    card.write_text(with_section(card.read_text(), section(report, picture, measured_on)))


def _figures(report: RejectionReport) -> dict[str, float]:
    """What the metadata keeps of the report, over all kinds."""
    return {
        "kinds_accuracy": report.accuracy,
        "kinds_ece": report.ece,
        "non_digits_auroc": report.auroc["all"],
        "non_digits_accepted": report.accepted,
    }
