"""Pictures of a training and of an evaluation, as PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from model.training.data import LabelledImages
from model.training.evaluation.calibration import Floats, Labels, probabilities, reliability
from model.training.evaluation.figures import Report
from model.training.loop.records import Record

mpl.use("agg")
INK, ACCENT, SOFT = "#1f2933", "#c2410c", "#94a3b8"


def curves(records: Sequence[Record], path: Path) -> None:
    """Loss, error in per cent (both logarithmic) and learning rate over the passes."""
    figure = Figure(figsize=(8, 8), layout="constrained")
    loss, error, rate = figure.subplots(3, 1, sharex=True, height_ratios=[3, 3, 1])
    passes = [record.pass_ for record in records]
    loss.plot(passes, [record.loss for record in records], color=SOFT, label="training loss")
    error.plot(passes, [100 * (1 - record.accuracy) for record in records], color=SOFT, label="training")
    for i, name in enumerate(records[0].validation):
        colour = (ACCENT, INK, "#0f766e", "#6d28d9")[i % 4]
        found = [record.validation[name] for record in records]
        loss.plot(passes, [v.nll for v in found], color=colour, label=f"{name}, calibrated NLL")
        error.plot(passes, [100 * (1 - v.accuracy) for v in found], color=colour, label=name)
    loss.set(yscale="log", ylabel="loss")
    error.set(yscale="log", ylabel="error, %")
    rate.plot(passes, [record.learning_rate for record in records], color=INK)
    rate.set(xlabel="pass", ylabel="learning rate")
    for axes in (loss, error):
        axes.legend(frameon=False)
        axes.grid(alpha=0.3, which="both")
    figure.savefig(path, dpi=110)


def confusion(report: Report, classes: Sequence[str], path: Path) -> None:
    """The confusion matrix; the diagonal is left pale, so that the mistakes are seen."""
    counts = np.array(report.confusion)
    mistakes = counts.astype(float)
    np.fill_diagonal(mistakes, 0)
    figure = Figure(figsize=(7, 6.4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.sqrt(mistakes), cmap="Oranges")
    for row, column in np.ndindex(*counts.shape):
        if counts[row, column]:
            dark = mistakes[row, column] > 0.6 * mistakes.max()
            colour = SOFT if row == column else "white" if dark else INK
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, size=9)
    long = max(map(len, classes)) > 2
    axes.set_xticks(range(len(classes)), classes, rotation=60 if long else 0)
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="read as", ylabel="label")
    axes.set_title(f"{report.errors} errors in {report.images:,} images: {report.accuracy:.2%}")
    figure.savefig(path, dpi=110)


def mistakes(
    part: LabelledImages,
    logits: Floats,
    temperature: float,
    classes: Sequence[str],
    path: Path,
    *,
    most: int = 60,
) -> None:
    """A contact sheet of the mistakes, the most confident ones first: label, what was read, how surely."""
    calibrated = probabilities(logits, temperature)
    predicted = logits.argmax(axis=1)
    wrong = np.flatnonzero(predicted != part.labels)
    wrong = wrong[np.argsort(-calibrated[wrong].max(axis=1), kind="stable")][:most]
    columns, cell, line = 10, 36, 16
    rows = max(1, -(-len(wrong) // columns))
    sheet = np.full((rows * (cell + line), columns * cell), 255, np.uint8)
    figure = Figure(figsize=(columns * 1.1, rows * 1.1 * (cell + line) / cell))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    for place, i in enumerate(wrong):
        top, left = place // columns * (cell + line) + line, place % columns * cell + 4
        sheet[top : top + 28, left : left + 28] = 255 - part.images[i]
        said = f"{classes[part.labels[i]]} → {classes[predicted[i]]}\n#{i}, {calibrated[i].max():.0%}"
        axes.text(left + 14, top - 2, said, size=8, color=INK, ha="center", va="bottom")
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=255)
    figure.savefig(path, dpi=110)


def calibration(logits: Floats, labels: Labels, temperature: float, path: Path) -> None:
    """Accuracy by confidence in 15 bins, before and after temperature scaling."""
    figure = Figure(figsize=(6, 5.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=SOFT, linestyle=":")
    for name, t, colour in (
        ("as trained", 1.0, SOFT),
        (f"temperature {temperature:.2f}", temperature, ACCENT),
    ):
        count, mean, accuracy = reliability(probabilities(logits, t), labels)
        some = count > 0
        axes.plot(mean[some], accuracy[some], marker="o", color=colour, label=name)
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)


def rejections(logits: Floats, labels: Labels, temperature: float, path: Path) -> None:
    """The error among the accepted images against the share turned away."""
    calibrated = probabilities(logits, temperature)
    order = np.argsort(-calibrated.max(axis=1), kind="stable")
    wrong = np.cumsum((calibrated.argmax(axis=1) != labels)[order])
    accepted = np.arange(1, len(order) + 1)
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(100 * (1 - accepted / len(order)), 100 * wrong / accepted, color=ACCENT)
    for level in (0.5, 0.1):
        axes.axhline(level, color=SOFT, linestyle=":")
    axes.set(xlabel="rejected, %", ylabel="error of the rest, %", xlim=(0, 10), ylim=(0, None))
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def learning_rates(
    rates: Sequence[float], losses: dict[float, Sequence[float]], chosen: float, path: Path
) -> None:
    """A sweep: the loss over the steps for each rate, and the last loss against the rate."""
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.9, len(rates)))
    for rate, shade in zip(rates, shades, strict=True):
        left.plot(losses[rate], color=shade, label=f"{rate:.1e}", linewidth=1)
    left.set(xlabel="step", ylabel="training loss, smoothed", yscale="log")
    left.legend(frameon=False, title="learning rate", ncols=2, fontsize=8)
    right.plot(rates, [losses[rate][-1] for rate in rates], marker="o", color=INK)
    right.axvline(chosen, color=ACCENT, label=f"chosen: {chosen:.1e}")
    right.set(xlabel="learning rate", ylabel="last loss", xscale="log", yscale="log")
    right.legend(frameon=False)
    figure.savefig(path, dpi=110)
