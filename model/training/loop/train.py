"""Train a run: its progress, its log, its state and its best weights."""

import json
import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from types import FrameType

from rich.progress import Progress

from model.checkpoints import checkpoint
from model.training.evaluation.figures import Report
from model.training.loop.finish import finish
from model.training.loop.records import Record, best
from model.training.loop.run import BEST, LOG, OPTIONS, SETTINGS, STATE, Run
from model.training.loop.trainer import InterruptedRunError, Trainer


def train(run: Run, progress: Progress, *, resume: bool = False) -> Report | None:
    """Train, keep the best weights, and measure them.

    `progress` shows how far the run is, and its console gets a line for each pass. Returns the test part's
    report, None if the run is not to look at it.

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
    _train(run, trainer, progress)
    return finish(run, trainer.records, validation, progress.console)


def _train(run: Run, trainer: Trainer, progress: Progress) -> None:
    passes = run.settings.passes
    all_passes = progress.add_task("passes", total=passes, completed=len(trainer.records))
    steps = trainer.steps // passes
    this_pass = progress.add_task("batches", total=steps, completed=trainer.step % steps)
    log = run.folder / LOG
    log.write_text("".join(json.dumps(asdict(record)) + "\n" for record in trainer.records))

    def on_step() -> None:
        refuse_divergence(len(trainer.records) + 1, trainer.last_loss)
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
