"""`python -m model calibrate`: fit temperature, digit score and threshold, and write them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import Metadata, locate
from model.cli import CommandError
from model.cli.datasets import data_named
from model.cli.evaluate import OWN_DATA
from model.cli.options import device_named
from model.cli.rejection import FITTED_BY, console, notes, print_report, read, rubbish_network
from model.training.data import DataError, LabelledImages, load_mnist_test, stratified_split
from model.training.evaluation.inference import report_on
from model.training.rejection import plots as rejection_plots
from model.training.rejection.calibration import calibrate as fitted
from model.training.rejection.card import MEASURED_ON_TEST, MEASURED_ON_VALIDATION, section, with_section
from model.training.rejection.material import gather, kinds_of, sample
from model.training.rejection.report import Evidence, RejectionReport, measure
from model.training.rejection.scores import respond

STALE = ("nll", "ece", "test_nll", "test_ece", "validation_nll", "validation_ece")
"""Figures that were measured at another temperature, or at the first look alone."""


def calibrate(
    weights: Annotated[str, typer.Argument(help="a checkpoint, or the name of a shipped preset")],
    *,
    validation: Annotated[
        list[Path], typer.Option(help="FILE.npz of digits and other things to fit by; may be repeated")
    ],
    training: Annotated[
        list[Path] | None, typer.Option(help="FILE.npz to fit other scores by, to compare; may be repeated")
    ] = None,
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
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")] = "auto",
) -> None:
    """Fit temperature, digit score and threshold, each kind counting the same, and save them.

    The checkpoint is written anew with the same weights, and exported again. A model card beside it gets the
    figures and pictures.
    """
    chosen = device_named(device)
    path = locate(weights)
    loaded = _with_second_look(checkpoint.load(path))
    part = read(validation, None)
    try:
        if data is not None:
            part = gather({"": part, "mnist-validation": _mnist_validation(data)})
        with notes.status(f"{path.name}: {len(part):,} images"):
            metadata = fitted(loaded, part, respond(loaded, part.images, chosen), accepted)
    except (DataError, ValueError) as error:
        raise CommandError(str(error)) from error
    metadata = replace(metadata, measured=_measured(loaded, metadata, chosen))
    measured = read(test, None) if test else part
    if kinds_of(measured, digits=False):
        report, evidence = _report(
            Checkpoint(loaded.network, metadata, loaded.digit_head), measured, training or (), chosen
        )
        metadata = replace(metadata, measured=metadata.measured | _figures(report))
        _save(path, loaded, metadata)
        _tell_card(path, report, evidence, metadata, by_test=bool(test))
        print_report(path.stem, report)
    else:
        _save(path, loaded, metadata)
    _say(path, loaded.metadata, metadata)
    if onnx:
        from model.checkpoints.export import export

        target, difference = export(path)
        console.print(f"{target.name}: differs from torch by {difference:.1e} at the most")


def _with_second_look(loaded: Checkpoint) -> Checkpoint:
    """The checkpoint with the second look of its preset, which one made before there was any lacks."""
    certain = loaded.network.preset.second_look
    return replace(loaded, metadata=replace(loaded.metadata, second_look=certain))


def _save(path: Path, loaded: Checkpoint, metadata: Metadata) -> None:
    head = None if loaded.digit_head is None else loaded.digit_head.cpu()
    checkpoint.save(path, loaded.network.cpu(), metadata, head)


def _mnist_validation(data: Path) -> LabelledImages:
    found = data_named("mnist", data, console=console).train
    _, chosen = stratified_split(found.labels)
    return LabelledImages(found.images[chosen], found.labels[chosen])


def _measured(loaded: Checkpoint, metadata: Metadata, device: torch.device) -> dict[str, Any]:
    """What was measured, with MNIST's test images measured anew at the new temperature.

    Figures of the old temperature are left out where there is nothing to measure them on.
    """
    kept = {name: value for name, value in metadata.measured.items() if name not in STALE}
    if metadata.measured.get("data_set") != "mnist" or not OWN_DATA.is_dir():
        return kept
    test = load_mnist_test(OWN_DATA)
    found, _ = report_on(replace(loaded, metadata=metadata), test, device)
    figures = {name: getattr(found, name) for name in ("accuracy", "nll", "ece")}
    return kept | figures | {f"test_{name}": value for name, value in figures.items()}


def _report(
    loaded: Checkpoint, part: LabelledImages, training: Sequence[Path], device: torch.device
) -> tuple[RejectionReport, Evidence]:
    """The figures of the calibrated checkpoint, MNIST's test images among the digits."""
    parts = {"": part}
    if OWN_DATA.is_dir():
        test = load_mnist_test(OWN_DATA)
        parts["mnist-test"] = LabelledImages(test.images, test.labels)
    fitting = sample(read(training, None), FITTED_BY) if training else None
    with notes.status("measuring"):
        return measure(loaded, gather(parts), device, training=fitting, rubbish=rubbish_network())


def _tell_card(
    path: Path, report: RejectionReport, evidence: Evidence, metadata: Metadata, *, by_test: bool
) -> None:
    """Put figures and pictures into the model card beside the checkpoint, if there is one."""
    card = path.with_suffix(".md")
    if not card.exists():
        return
    pictures = [card.with_name(f"{path.stem}-{name}.png") for name in ("reliability", "roc")]
    rejection_plots.reliability_of_digits(evidence, metadata, pictures[0])
    rejection_plots.roc_by_group(evidence, pictures[1])
    card.write_text(
        with_section(
            card.read_text(),
            section(report, pictures, MEASURED_ON_TEST if by_test else MEASURED_ON_VALIDATION),
        )
    )


def _figures(report: RejectionReport) -> dict[str, float]:
    """What the metadata keeps of the report, over all kinds."""
    digits, others = report.digits[-1], report.served.told[-1]
    return {
        "kinds_accuracy": digits.accuracy,
        "kinds_ece": digits.ece,
        "non_digits_auroc": others.auroc,
        "non_digits_accepted": report.false_accepts[others.name],
    }


def _say(path: Path, before: Metadata, after: Metadata) -> None:
    for name in ("temperature", "digit_scale", "digit_offset", "accept"):
        console.print(f"{path.name}: {name} {getattr(before, name):.4g} -> {getattr(after, name):.4g}")
