"""A learning-rate sweep: short trainings at many rates, and the textbook's rule in words for each.

Loss falling slowly: raise the rate. Not falling, or oscillating: lower it.
"""

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import torch
from scipy.signal import lfilter

from model.training.data.sources import Mixture, Source
from model.training.loop.settings import TrainingSettings
from model.training.loop.trainer import InterruptedRunError, Phase, Trainer
from model.training.reports.tables import Table

SMOOTHING = 0.9
"""The share of the past in the smoothed loss."""


class Verdict(StrEnum):
    """What the loss does at a rate, and what the textbook says to do."""

    DIVERGES = "not falling, or not a number: lower the rate"
    OSCILLATES = "oscillating: lower the rate"
    SLOW = "falling slowly: raise the rate"
    GOOD = "falling fast and steadily: a good rate"


@dataclass(frozen=True, slots=True)
class Trial:
    """One rate: the smoothed training loss after each step, and what it shows."""

    rate: float
    losses: list[float]
    verdict: Verdict


def rates_between(low: float, high: float, n: int) -> list[float]:
    """`n` rates from `low` to `high`, equally far apart on a logarithmic axis, to two digits."""
    if not 0 < low < high or n < 2:
        raise ValueError(f"a sweep needs 0 < low < high and two rates at least, not {low}, {high} and {n}")
    return [float(f"{rate:.2g}") for rate in np.geomspace(low, high, n)]


def sweep(
    settings: TrainingSettings,
    source: Source,
    rates: Sequence[float],
    steps: int,
    *,
    device: torch.device,
    on_step: Callable[[], None] = lambda: None,
) -> list[Trial]:
    """Train from the same weights on the same batches for `steps` steps at each of `rates`."""
    runs: dict[float, list[float]] = {}
    for rate in rates:
        constant = replace(settings, learning_rate=rate, schedule="constant", average=0.0)
        mixture = Mixture([source], settings.batch, settings.seed)
        passes = -(-steps // mixture.steps)
        trainer = Trainer(constant, [Phase(passes, mixture, settings.distort)], {}, device)
        losses: list[float] = []

        def collect(trainer: Trainer = trainer, losses: list[float] = losses) -> None:
            losses.append(trainer.last_loss)
            trainer.stop = len(losses) == steps
            on_step()

        with contextlib.suppress(InterruptedRunError):
            trainer.run(collect)
        runs[rate] = smoothed(losses)
    return judge(runs)


def judge(runs: Mapping[float, list[float]]) -> list[Trial]:
    """Apply the textbook's rule to each run of smoothed losses, by rate.

    A rate is good if its last loss is at most 1.5 times the best one, and below nine tenths of both its first
    loss and that of guessing (log 10). Any other rate below the best rate falls too slowly; any other
    above it has oscillated if its last loss is below those nine tenths, and does not fall if not.
    """
    ends = {rate: losses[-1] for rate, losses in runs.items() if math.isfinite(losses[-1])}
    best = min(ends, key=lambda rate: ends[rate]) if ends else math.inf
    trials = []
    for rate, losses in runs.items():
        last, floor = losses[-1], 0.9 * min(losses[0], math.log(10))
        if rate in ends and last <= 1.5 * ends[best] and last < floor:
            verdict = Verdict.GOOD
        elif rate < best:
            verdict = Verdict.SLOW
        else:
            verdict = Verdict.OSCILLATES if last < floor else Verdict.DIVERGES
        trials.append(Trial(rate, losses, verdict))
    return trials


def smoothed(losses: Sequence[float]) -> list[float]:
    """The exponential mean of `losses`, corrected for its start (as Adam's moments are)."""
    means = lfilter([1 - SMOOTHING], [1, -SMOOTHING], losses)
    return list(means / (1 - SMOOTHING ** np.arange(1, len(losses) + 1)))


def choose(trials: Sequence[Trial]) -> float:
    """The rate with the lowest last loss; `ValueError` if none fell."""
    falling = [trial for trial in trials if trial.verdict is Verdict.GOOD]
    if not falling:
        raise ValueError("the loss fell at none of the rates; sweep lower ones")
    return min(falling, key=lambda trial: trial.losses[-1]).rate


def table(trials: Sequence[Trial]) -> Table:
    """What each rate shows, as text."""
    header = ("learning rate", f"loss after {len(trials[0].losses)} steps", "the loss is")
    return Table(header, tuple((f"{t.rate:.1e}", f"{t.losses[-1]:.4f}", t.verdict.value) for t in trials))
