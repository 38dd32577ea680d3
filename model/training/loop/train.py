"""Train a run: its progress, its log, its state, its best weights, and their figures at the end."""

import json
import math
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from types import FrameType

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.recognition.calibration import calibrated
from model.training.corrections.report import compare
from model.training.data import NO_DIGIT, LabelledImages
from model.training.evaluation.figures import Report, evaluate_checkpoint
from model.training.evaluation.inference import run_checkpoint
from model.training.evaluation.measures import fit_temperature, threshold_refusing
from model.training.loop.history import History
from model.training.loop.records import Record, best
from model.training.loop.run import BEST, HISTORY, LOG, OPTIONS, REPORT, SETTINGS, STATE, Run
from model.training.loop.trainer import InterruptedRunError, Trainer
from model.training.reports.plots import draw_confusions, draw_learning_curves, draw_mistakes


def train(run: Run, progress: Progress, *, resume: bool = False) -> Report | None:
    """Train, keep the best weights, and measure them.

    `progress` shows how far the run is, and its console gets a line for each pass. Returns the test part's
    report, or None if the run leaves that part out.

    Raises:
        InterruptedRunError: after SIGINT or SIGTERM, with the state saved.
        ValueError: the folder holds another run, or none to resume; or the loss is no longer finite.
    """
    state = run.folder / STATE
    if resume and not state.exists():
        raise ValueError(f"there is no run in {run.folder} to go on with")
    if state.exists() and not resume:
        raise ValueError(f"{run.folder} holds a run already: --resume goes on with it")
    teachers = run.teachers()
    run.folder.mkdir(parents=True, exist_ok=True)
    training, validation = run.parts()
    phases = run.phases(training, teachers, progress)
    watched = {"validation": validation, **run.validations}
    trainer = Trainer(run.settings, phases, watched, run.device, run.weights)
    if resume:
        trainer.resume(state)
    run.settings.save(run.folder / SETTINGS)
    (run.folder / OPTIONS).write_text(json.dumps(run.options, default=str, indent=2) + "\n")
    history = History(run.folder / HISTORY, run.settings.history, trainer, validation)
    _train(run, trainer, history, progress)
    return finish(run, trainer.records, validation, progress.console)


def _train(run: Run, trainer: Trainer, history: History, progress: Progress) -> None:
    passes = run.settings.passes
    all_passes = progress.add_task("passes", total=passes, completed=len(trainer.records))
    steps = trainer.steps // passes
    this_pass = progress.add_task("batches", total=steps, completed=trainer.step % steps)
    log = run.folder / LOG
    log.write_text("".join(json.dumps(asdict(record)) + "\n" for record in trainer.records))

    def on_step() -> None:
        refuse_divergence(len(trainer.records) + 1, trainer.last_loss)
        history.note()
        progress.advance(this_pass)

    def on_pass(record: Record) -> None:
        refuse_divergence(record.pass_, *(found.nll for found in record.validation.values()))
        progress.update(all_passes, completed=record.pass_)
        progress.update(this_pass, completed=0)
        with log.open("a") as file:
            file.write(json.dumps(asdict(record)) + "\n")
        progress.console.print(str(record), highlight=False, soft_wrap=True)
        if best(trainer.records) == len(trainer.records) - 1:
            keep(run, trainer)
        trainer.save(run.folder / STATE)

    history.note()
    with interruptible(trainer):
        try:
            trainer.run(on_step, on_pass)
        except InterruptedRunError:
            trainer.save(run.folder / STATE)
            raise


def keep(run: Run, trainer: Trainer) -> None:
    """Write the averaged weights of the latest pass as the best so far."""
    found = trainer.records[-1].validation["validation"]
    learner = trainer.averaged()
    network = learner.network.fold()
    metadata = run.metadata(network, found.temperature, len(trainer.records))
    measured = {"validation_accuracy": found.accuracy, "validation_nll": found.nll}
    checkpoint.save(run.folder / BEST, network, replace(metadata, measured=measured), learner.head)


@contextmanager
def interruptible(trainer: Trainer) -> Iterator[None]:
    """Let SIGINT and SIGTERM stop the trainer after its present step; a second one stops at once."""

    def stop(signal_number: int, frame: FrameType | None) -> None:
        if trainer.stop:
            raise KeyboardInterrupt
        trainer.stop = True

    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def refuse_divergence(pass_: int, *losses: float) -> None:
    """Raise `ValueError` if a loss of the pass `pass_` (1, 2, ...) is not finite: no later one would be."""
    if not all(map(math.isfinite, losses)):
        raise ValueError(f"the loss is no longer finite in pass {pass_}: choose a lower --lr")


def finish(
    run: Run, records: Sequence[Record], validation: LabelledImages, console: Console
) -> Report | None:
    """Measure the best weights on the validation part and once on the test part; write the figures.

    Returns the test part's report, or None if the run leaves that part out.
    """
    best = run.folder / BEST
    kept = checkpoint.load(best)
    if run.corrections is None:
        kept = with_calibration(kept, [validation, *run.validations.values()], run.device)
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
        after = replace(kept, metadata=metadata)
        table, misread = compare(run.weights, after, run.corrections, parts, run.device)
        console.print(table.for_terminal())
        if misread:
            console.print(f"Still read otherwise: {misread}.", highlight=False)
        for pool in run.folder.glob("pool-*.npy"):  # as large as the data, and of no use to another run
            pool.unlink()
    return reports.get("test")


def with_calibration(kept: Checkpoint, parts: Sequence[LabelledImages], device: torch.device) -> Checkpoint:
    """Fit the temperature of the first of `parts`, and a digit head's threshold.

    The temperature is fitted to the answers that are served; after each pass only first looks were measured.
    The threshold is the median over the parts of the digit score that 99 % of a part's digits reach.
    """
    metadata = kept.metadata
    outputs = [run_checkpoint(kept, part.images, device) for part in parts]
    if metadata.second_look is not None:
        metadata = replace(metadata, temperature=fit_temperature(outputs[0].logits, parts[0].labels))
    if kept.digit_head is not None:
        thresholds = [
            threshold_refusing(calibrated(*out, metadata).digit_score[part.labels != NO_DIGIT])
            for out, part in zip(outputs, parts, strict=True)
        ]
        metadata = replace(metadata, accept=float(np.median(thresholds)))
    return replace(kept, metadata=metadata)


def _measure(run: Run, kept: Checkpoint, name: str, part: LabelledImages) -> Report:
    """Measure one part, and draw its pictures."""
    report, logits = evaluate_checkpoint(kept, part, run.device)
    classes, temperature = run.data.classes, kept.metadata.temperature
    draw_confusions(report, classes, run.folder / f"confusion-{name}.png")
    draw_mistakes(part, logits, temperature, classes, run.folder / f"mistakes-{name}.png")
    return report
