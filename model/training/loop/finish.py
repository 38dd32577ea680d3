"""The end of a training run: its best weights are measured, and its figures written down."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import torch
from rich.console import Console

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.training.corrections.report import card, compare
from model.training.data import NO_DIGIT, LabelledImages
from model.training.evaluation.calibration import fit_temperature
from model.training.evaluation.figures import Report, evaluate_checkpoint
from model.training.evaluation.inference import run_checkpoint
from model.training.evaluation.measures import threshold_refusing
from model.training.loop.records import Record
from model.training.loop.run import BEST, REPORT, Run
from model.training.rejection.fitting import digit_scores
from model.training.reports.plots import draw_confusions, draw_learning_curves, draw_mistakes

REFUSED_DIGITS = 0.01
"""The share of true digits that a digit head's threshold may refuse."""


def finish(
    run: Run, records: Sequence[Record], validation: LabelledImages, console: Console
) -> Report | None:
    """Measure the best weights on the validation part and once on the test part; write the figures.

    Returns the test part's report; None if the run is not to look at it.
    """
    best = run.folder / BEST
    kept = checkpoint.load(best)
    if run.corrections is None:
        kept = calibrated(kept, [validation, *run.validations.values()], run.device)
    parts = {"validation": validation} | ({"test": run.data.test} if run.test else {})
    draw_learning_curves(records, run.folder / "curves.png")
    reports = {name: _measure(run, kept, name, part) for name, part in parts.items()}
    plain = {name: asdict(report) for name, report in reports.items()}
    (run.folder / REPORT).write_text(json.dumps(plain, indent=2) + "\n")
    measured = kept.metadata.measured | {
        f"{name}_{figure}": value for name in reports for figure, value in reports[name].main().items()
    }
    if run.test:
        measured |= {"data_set": run.data.name, **reports["test"].main()}
    metadata = replace(kept.metadata, measured=measured)
    metadata = checkpoint.save(best, kept.network.cpu(), metadata, kept.digit_head)
    if run.weights is not None and run.corrections is not None:
        _compare(run, run.weights, replace(kept, metadata=metadata), parts, console)
    return reports.get("test")


def calibrated(kept: Checkpoint, parts: Sequence[LabelledImages], device: torch.device) -> Checkpoint:
    """Fit the temperature of the first of `parts`, and a digit head's threshold.

    The passes were watched by the first look alone; the temperature is that of the answers that are served.
    The threshold is the digit score that all but `REFUSED_DIGITS` of the digits reach: the median of the
    parts' own.
    """
    metadata = kept.metadata
    outputs = [run_checkpoint(kept, part.images, device) for part in parts]
    if metadata.second_look is not None:
        metadata = replace(metadata, temperature=fit_temperature(outputs[0].logits, parts[0].labels))
    if kept.digit_head is not None:
        thresholds = [
            threshold_refusing(digit_scores(out, metadata)[part.labels != NO_DIGIT], share=REFUSED_DIGITS)
            for out, part in zip(outputs, parts, strict=True)
        ]
        metadata = replace(metadata, accept=float(np.median(thresholds)))
    return replace(kept, metadata=metadata)


def _measure(run: Run, kept: Checkpoint, name: str, part: LabelledImages) -> Report:
    """Measure one part, in pictures too."""
    report, logits = evaluate_checkpoint(kept, part, run.device)
    classes, temperature = run.data.classes, kept.metadata.temperature
    draw_confusions(report, classes, run.folder / f"confusion-{name}.png")
    draw_mistakes(part, logits, temperature, classes, run.folder / f"mistakes-{name}.png")
    return report


def _compare(
    run: Run, start: Checkpoint, kept: Checkpoint, parts: dict[str, LabelledImages], console: Console
) -> None:
    """Say what the corrections have changed, and write it down.

    The pools are as large as the data, and of no use to another run, so they are removed.
    """
    assert run.corrections is not None
    table, misread = compare(start, kept, run.corrections, parts, run.device)
    text = card(table, run.corrections, start.metadata, run.settings, kept.metadata)
    (run.folder / BEST).with_suffix(".md").write_text(text)
    for pool in run.folder.glob("pool-*.npy"):
        pool.unlink()
    console.print(table.for_terminal())
    if misread:
        console.print(f"Still read otherwise: {misread}.", highlight=False)
