"""The end of a training run: its best weights are measured, and its figures written down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.special import expit

from model.checkpoints import checkpoint
from model.training.corrections.report import Change, answers, card, named
from model.training.data import NO_DIGIT, LabelledImages
from model.training.evaluation.calibration import fit_temperature
from model.training.evaluation.figures import Report
from model.training.evaluation.inference import report_on, run_as_served
from model.training.loop.records import Record
from model.training.reports import plots

if TYPE_CHECKING:
    from model.training.loop.run import Run

REFUSED_DIGITS = 0.01
"""The share of true digits that a digit head's threshold may refuse."""


def finish(run: Run, best: Path, records: Sequence[Record], validation: LabelledImages) -> Report | None:
    """Measure the best weights on the validation part and once on the test part; write the figures.

    Returns the test part's report; None if the run is not to look at it.
    """
    kept = checkpoint.load(best)
    network = kept.network.to(run.device)
    if kept.metadata.second_look is not None and run.corrections is None:
        kept = replace(kept, metadata=_tempered(kept, validation, run.device))
    parts = {"validation": validation} | ({"test": run.data.test} if run.test else {})
    metadata = kept.metadata
    reports = _reports(run, kept, parts)
    plots.curves(records, run.folder / "curves.png")
    measured = metadata.measured | {
        f"{name}_{figure}": getattr(report, figure)
        for name, report in reports.items()
        for figure in ("accuracy", "nll", "ece")
    }
    if run.test:
        found = {figure: getattr(reports["test"], figure) for figure in ("accuracy", "nll", "ece")}
        measured |= {"data_set": run.data.name, **found}
    accept = metadata.accept
    if kept.digit_head is not None and run.corrections is None:
        accept = _acceptance(kept, [validation, *run.validations.values()], run.device)
    metadata = replace(metadata, measured=measured, accept=accept)
    metadata = checkpoint.save(best, network.cpu(), metadata, kept.digit_head)
    if run.weights is not None and run.corrections is not None:
        _compare(run, checkpoint.Checkpoint(network, metadata, kept.digit_head), best, parts)
    return reports.get("test")


def _reports(run: Run, kept: checkpoint.Checkpoint, parts: dict[str, LabelledImages]) -> dict[str, Report]:
    """What is measured on each part, in pictures and in a file too."""
    reports = {}
    classes, temperature = run.data.classes, kept.metadata.temperature
    for name, part in parts.items():
        reports[name], logits = report_on(kept, part, run.device)
        plots.confusion(reports[name], classes, run.folder / f"confusion-{name}.png")
        plots.mistakes(part, logits, temperature, classes, run.folder / f"mistakes-{name}.png")
    (run.folder / "report.json").write_text(
        json.dumps({name: report.to_json() for name, report in reports.items()}, indent=2) + "\n"
    )
    return reports


def _tempered(
    kept: checkpoint.Checkpoint, validation: LabelledImages, device: torch.device
) -> checkpoint.Metadata:
    """The metadata with the temperature of the second look; the passes were watched by the first."""
    logits, _ = run_as_served(kept, validation.images, device)
    return replace(kept.metadata, temperature=fit_temperature(logits, validation.labels))


def _acceptance(kept: checkpoint.Checkpoint, parts: Sequence[LabelledImages], device: torch.device) -> float:
    """The digit score that all but `REFUSED_DIGITS` of the digits of every part reach."""
    thresholds = []
    for part in parts:
        _, scores = run_as_served(kept, part.images, device)
        if scores is not None:
            thresholds.append(float(np.quantile(expit(scores[part.labels != NO_DIGIT]), REFUSED_DIGITS)))
    return float(np.median(thresholds))


def _compare(run: Run, kept: checkpoint.Checkpoint, best: Path, parts: dict[str, LabelledImages]) -> None:
    """Say what the corrections have changed, and write it down.

    The pools are as large as the data, and of no use to another run, so they are removed.
    """
    assert run.weights is not None
    assert run.corrections is not None
    before, after = (answers(weights, run.corrections, parts, run.device) for weights in (run.weights, kept))
    change = Change(run.corrections, before, after)
    (run.folder / "corrections.json").write_text(json.dumps(change.to_json(), indent=2) + "\n")
    best.with_suffix(".md").write_text(card(change, run.weights.metadata, run.settings, kept.metadata))
    for pool in run.folder.glob("pool-*.npy"):
        pool.unlink()
    run.console.print(change.table())
    if change.misread():
        run.console.print(f"Still read otherwise: {named(change.misread())}.", highlight=False)
