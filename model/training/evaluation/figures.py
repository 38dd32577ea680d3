"""Measure a network on labelled images: accuracy, likelihood, calibration, rejection, confusions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import binomtest

from model.checkpoints.checkpoint import Checkpoint
from model.training.data import LabelledImages
from model.training.evaluation.inference import run_checkpoint
from model.training.evaluation.measures import (
    Floats,
    Labels,
    expected_calibration_error,
    negative_log_likelihood,
    probabilities,
    risk_coverage,
)
from model.training.reports.tables import Table


@dataclass(frozen=True, slots=True)
class Rejection:
    """How many images must be rejected so that at most `error` of the accepted ones are wrong.

    `rejected` is their share: all with a confidence below `threshold`. The paper's measure (section III.C).
    """

    error: float
    rejected: float
    threshold: float


@dataclass(frozen=True, slots=True)
class GroupAccuracy:
    """The accuracy on one group of writers."""

    group: str
    images: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one evaluation; shares are fractions of 1.

    `interval` is Wilson's 95 % interval of the accuracy. `nll` and `ece` are at the network's
    temperature, `nll_raw` and `ece_raw` without it. `confusion[i][j]` counts images of i read as j.
    `first_look` is the accuracy of the first look alone, where there is a second one (`second_look`).
    """

    images: int
    errors: int
    accuracy: float
    interval: tuple[float, float]
    temperature: float
    nll_raw: float
    nll: float
    ece_raw: float
    ece: float
    confusion: tuple[tuple[int, ...], ...]
    rejections: tuple[Rejection, ...]
    groups: tuple[GroupAccuracy, ...]
    first_look: float | None = None

    def main(self) -> dict[str, float]:
        """The figures that a checkpoint's metadata keeps."""
        return {"accuracy": self.accuracy, "nll": self.nll, "ece": self.ece}


def evaluate_checkpoint(
    loaded: Checkpoint, part: LabelledImages, device: torch.device
) -> tuple[Report, NDArray[np.float32]]:
    """Measure a checkpoint as it is served; return its report, and the logits (n,10) behind it."""
    logits = run_checkpoint(loaded, part.images, device).logits
    report = evaluate(logits, part, loaded.metadata.temperature)
    if loaded.metadata.second_look is not None:
        first = run_checkpoint(loaded, part.images, device, second_look=False).logits
        report = replace(report, first_look=float((first.argmax(axis=1) == part.labels).mean()))
    return report, logits


def evaluate(logits: Floats, part: LabelledImages, temperature: float) -> Report:
    """Measure the logits (n,10) of the images of `part`, calibrated by `temperature`."""
    labels = part.labels
    calibrated = probabilities(logits, temperature)
    predicted = logits.argmax(axis=1)
    right = predicted == labels
    n, correct = len(labels), int(right.sum())
    return Report(
        images=n,
        errors=n - correct,
        accuracy=correct / n,
        interval=wilson_interval(correct, n),
        temperature=temperature,
        nll_raw=negative_log_likelihood(logits, labels),
        nll=negative_log_likelihood(logits / temperature, labels),
        ece_raw=expected_calibration_error(probabilities(logits), labels),
        ece=expected_calibration_error(calibrated, labels),
        confusion=tuple(tuple(map(int, row)) for row in confusion_matrix(predicted, labels)),
        rejections=tuple(rejection(calibrated.max(axis=1), right, error) for error in (0.005, 0.001)),
        groups=group_accuracies(right, part),
    )


def figures_table(report: Mapping[str, Any], title: str | None = None) -> Table:
    """The figures of a report, as `asdict` gives it, as text."""
    low, high = report["interval"]
    errors = f"{report['accuracy']:.2%} ({report['errors']} errors), 95 % interval {low:.2%} to {high:.2%}"
    nll = f"{report['nll']:.4f}, without temperature {report['nll_raw']:.4f}"
    rows = [("images", f"{report['images']:,}"), ("accuracy", errors)]
    if report.get("first_look") is not None:
        rows.append(("at the first look", f"{report['first_look']:.2%}"))
    rows += [
        ("temperature, fitted on validation images", f"{report['temperature']:.3f}"),
        ("NLL", nll),
        ("ECE, 15 bins", f"{report['ece']:.2%}, without temperature {report['ece_raw']:.2%}"),
    ]
    for one in report["rejections"]:
        rejected = f"{one['rejected']:.2%} (confidence below {one['threshold']:.4f})"
        rows.append((f"rejected for {one['error']:.1%} error", rejected))
    rows += [(one["group"], f"{one['accuracy']:.2%} of {one['images']:,}") for one in report["groups"]]
    return Table(("", ""), tuple(rows), title)


def confusions_table(report: Report, classes: Sequence[str]) -> Table:
    """How often images of each label were read as each class."""
    rows = zip(classes, report.confusion, strict=True)
    text = tuple((label, *(str(count) if count else "·" for count in row)) for label, row in rows)
    return Table(("label", *classes), text, "read as")


def wilson_interval(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share of `successes` in `n` trials (Wilson 1927)."""
    interval = binomtest(successes, n).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def confusion_matrix(predicted: Labels, labels: Labels, classes: int = 10) -> NDArray[np.int64]:
    """Counts (classes, classes): row = the label, column = what was read."""
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def rejection(confidence: Floats, right: NDArray[np.bool_], error: float) -> Rejection:
    """Reject the fewest images, the least confident first, so that at most `error` of the rest is wrong."""
    curve = risk_coverage(confidence, ~right)
    possible = np.flatnonzero(curve.risk <= error)
    if len(possible) == 0:
        return Rejection(error, 1.0, 1.0)
    best = int(possible[-1])
    return Rejection(error, float(1 - curve.coverage[best]), float(curve.threshold[best]))


def group_accuracies(right: NDArray[np.bool_], part: LabelledImages) -> tuple[GroupAccuracy, ...]:
    """The accuracy of each group of images, in the order of their numbers; empty without groups."""
    if part.groups is None or part.group_names is None:
        return ()
    groups = {group: right[part.groups == group] for group in np.unique(part.groups)}
    return tuple(
        GroupAccuracy(part.group_names[group], len(mine), float(mine.mean()))
        for group, mine in groups.items()
    )
