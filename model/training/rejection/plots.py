"""Pictures of how digits are told from what is none, as PNG files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model.checkpoints.metadata import Metadata
from model.training.evaluation.calibration import expected_calibration_error, probabilities, reliability
from model.training.rejection.calibration import BINS
from model.training.rejection.material import Weights, balanced, grouped, kinds_of
from model.training.rejection.measures import Curve, roc
from model.training.rejection.report import REFUSED, Evidence, risk_curves
from model.training.reports.plots import ACCENT, INK, SOFT

Set = tuple[NDArray[np.int64], Weights]


def draw_all(evidence: Evidence, metadata: Metadata, folder: Path) -> list[Path]:
    """Draw every picture into the folder, which is made if need be; give their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {
        name: folder / f"{name}.png"
        for name in ("roc-by-group", "roc-by-score", "risk-coverage", "reliability", "digit-scores")
    }
    roc_by_group(evidence, paths["roc-by-group"])
    roc_by_score(evidence, paths["roc-by-score"])
    risks(evidence, metadata, paths["risk-coverage"])
    reliability_of_digits(evidence, metadata, paths["reliability"])
    histograms(evidence, metadata, paths["digit-scores"])
    return list(paths.values())


def sides(evidence: Evidence) -> tuple[Set, dict[str, Set]]:
    """All digits, and each group of other things: their images and weights."""
    others = kinds_of(evidence.part, digits=False)
    groups = {
        group: balanced({name: others[name] for name in names}) for group, names in grouped(others).items()
    }
    return balanced(kinds_of(evidence.part, digits=True)), groups


def roc_by_group(evidence: Evidence, path: Path) -> None:
    """The ROC of the served digit score, a curve for each group of other things."""
    (index, weights), groups = sides(evidence)
    curves = {
        group: roc(evidence.served[index], weights, evidence.served[other], other_weights)
        for group, (other, other_weights) in groups.items()
    }
    _roc(curves, "the digit score, by what is shown to it", path)


def roc_by_score(evidence: Evidence, path: Path) -> None:
    """The ROC of every score that is compared, all kinds of other things together."""
    index, weights = balanced(kinds_of(evidence.part, digits=True))
    other, other_weights = balanced(kinds_of(evidence.part, digits=False))
    curves = {
        name: roc(score[index], weights, score[other], other_weights)
        for name, score in evidence.scores.items()
    }
    _roc(curves, "every score, all that is no digit together", path)


def risks(evidence: Evidence, metadata: Metadata, path: Path) -> None:
    """Wrong answers among those given, against the share of digits answered."""
    curves = risk_curves(evidence.part, evidence.responses, metadata.temperature, evidence.served)
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    axes = figure.subplots()
    for (coverage, risk), name, colour in zip(
        curves, ("by confidence", "by digit score"), (ACCENT, INK), strict=True
    ):
        axes.plot(100 * coverage, 100 * risk, color=colour, label=name)
    axes.set(xlabel="digits answered, %", ylabel="wrong answers among them, %", xlim=(60, 100.3))
    axes.set_ylim(0, None)
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def reliability_of_digits(evidence: Evidence, metadata: Metadata, path: Path) -> None:
    """Accuracy by confidence over all kinds of digits together, and how often each confidence is given."""
    index, weights = balanced(kinds_of(evidence.part, digits=True))
    logits, labels = evidence.responses.logits[index], evidence.part.labels[index]
    figure = Figure(figsize=(6, 7), layout="constrained")
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], color=SOFT, linestyle=":")
    for name, temperature, colour in (
        ("temperature 1", 1.0, SOFT),
        (f"temperature {metadata.temperature:.2f}", metadata.temperature, ACCENT),
    ):
        predicted = probabilities(logits, temperature)
        count, mean, accuracy = reliability(predicted, labels, BINS, weights)
        error = expected_calibration_error(predicted, labels, BINS, weights)
        some = count > 0
        axes.plot(
            mean[some], accuracy[some], marker="o", color=colour, label=f"{name}: ECE {100 * error:.2f} %"
        )
    places = (np.arange(BINS) + 0.5) / BINS
    below.bar(places, 100 * count, width=0.9 / BINS, color=SOFT)
    axes.set(ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title(f"{len(index):,} digits of {len(kinds_of(evidence.part, digits=True))} kinds")
    axes.legend(frameon=False)
    below.set(xlabel="confidence", ylabel="answers, %", yscale="log")
    figure.savefig(path, dpi=110)


def histograms(evidence: Evidence, metadata: Metadata, path: Path) -> None:
    """The served digit score of the digits and of each group of other things, and the threshold."""
    (index, weights), groups = sides(evidence)
    rows: list[tuple[str, Set, str]] = [("digits", (index, weights), ACCENT)]
    rows += [(group, chosen, INK) for group, chosen in groups.items()]
    figure = Figure(figsize=(7, 1.1 * len(rows) + 0.6), layout="constrained")
    panels = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, (chosen, each), colour) in zip(panels, rows, strict=True):
        count, edges = np.histogram(evidence.served[chosen], bins=50, range=(0, 1), weights=100 * each)
        axes.stairs(count, edges, fill=True, color=colour)
        axes.axvline(metadata.accept, color=ACCENT, linestyle="--", linewidth=1)
        axes.set(yscale="log", ylim=(0.05, 100), xlim=(0, 1))
        axes.text(0.5, 0.82, name, transform=axes.transAxes, ha="center", va="top", size=9)
        axes.tick_params(labelsize=8)
    panels[-1].set_xlabel(f"digit score; accepted from {metadata.accept:.3g} on")
    figure.supylabel("share of the images, %", size=9)
    figure.savefig(path, dpi=110)


def _roc(curves: Mapping[str, Curve], title: str, path: Path) -> None:
    """Digits accepted against other things accepted: the whole, and the corner that matters."""
    figure = Figure(figsize=(11, 5.2), layout="constrained")
    whole, corner = figure.subplots(1, 2)
    shades = mpl.colormaps["turbo"](np.linspace(0.05, 0.95, max(len(curves), 2)))
    for (name, (others, digits)), shade in zip(curves.items(), shades, strict=False):
        _staircase(whole, others, digits, name, shade)
        _staircase(corner, others, digits, name, shade)
    whole.set(xlim=(0, 1), ylim=(0, 1.005))
    corner.set(xscale="log", xlim=(1e-3, 1), ylim=(0.9, 1.001))
    corner.axhline(1 - REFUSED, color=SOFT, linestyle=":")
    corner.axvline(0.1, color=SOFT, linestyle=":")
    for axes in (whole, corner):
        axes.set(xlabel="accepted of what is no digit", ylabel="accepted of the digits")
        axes.grid(alpha=0.3)
    whole.legend(frameon=False, loc="lower right")
    figure.suptitle(title)
    figure.savefig(path, dpi=110)


def _staircase(
    axes: Axes,
    others: NDArray[np.float64],
    digits: NDArray[np.float64],
    name: str,
    shade: NDArray[np.float64],
) -> None:
    axes.plot(np.append(others, 1), np.append(digits, 1), color=tuple(shade), label=name, linewidth=1.4)
