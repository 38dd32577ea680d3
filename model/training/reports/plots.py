"""Pictures of a training and of an evaluation, as PNG files."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.training.data import LabelledImages
from model.training.evaluation import measures
from model.training.evaluation.figures import Report
from model.training.evaluation.measures import Floats, Labels
from model.training.loop.records import Record

mpl.use("agg")
INK, ACCENT, SOFT = "#1f2933", "#c2410c", "#94a3b8"


def draw_learning_curves(records: Sequence[Record], path: Path) -> None:
    """Draw loss, error in per cent (both logarithmic) and learning rate over the passes."""
    figure = Figure(figsize=(8, 8), layout="constrained")
    loss, error, rate = figure.subplots(3, 1, sharex=True, height_ratios=[3, 3, 1])
    passes = [record.pass_ for record in records]
    loss.plot(passes, [record.loss for record in records], color=SOFT, label="training loss")
    errors = {"training": [100 * (1 - record.accuracy) for record in records]}
    error.plot(passes, errors["training"], color=SOFT, label="training")
    for i, name in enumerate(records[0].validation):
        colour = (ACCENT, INK, "#0f766e", "#6d28d9")[i % 4]
        found = [record.validation[name] for record in records]
        errors[name] = [100 * (1 - v.accuracy) for v in found]
        loss.plot(passes, [v.nll for v in found], color=colour, label=f"{name}, calibrated NLL")
        error.plot(passes, errors[name], color=colour, label=name)
    loss.set(ylabel="loss")
    error.set(ylabel="error, %")
    _logarithmic(
        loss, (v for r in records for v in (r.loss, *(found.nll for found in r.validation.values())))
    )
    _logarithmic(error, (value for values in errors.values() for value in values))
    rate.plot(passes, [record.learning_rate for record in records], color=INK)
    rate.set(xlabel="pass", ylabel="learning rate")
    for axes in (loss, error):
        axes.legend(frameon=False)
        axes.grid(alpha=0.3, which="both")
    figure.savefig(path, dpi=110)


def draw_confusions(report: Report, classes: Sequence[str], path: Path) -> None:
    """Draw the confusion matrix; the diagonal is pale, so that the mistakes stand out."""
    counts = np.array(report.confusion)
    mistakes = counts.astype(float)
    np.fill_diagonal(mistakes, 0)
    figure = Figure(figsize=(7, 6.4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.sqrt(mistakes), cmap="Oranges", vmin=0, vmax=max(1.0, float(np.sqrt(mistakes.max()))))
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


def draw_mistakes(
    part: LabelledImages,
    logits: Floats,
    temperature: float,
    classes: Sequence[str],
    path: Path,
    *,
    most: int = 60,
) -> None:
    """Draw a contact sheet of the mistakes, the most confident first: label, reading, confidence."""
    calibrated = measures.probabilities(logits, temperature)
    predicted = logits.argmax(axis=1)
    wrong = np.flatnonzero(predicted != part.labels)
    wrong = wrong[np.argsort(-calibrated[wrong].max(axis=1), kind="stable")][:most]
    columns, cell, line = 10, 36, 16
    rows = max(1, -(-len(wrong) // columns))
    sheet = np.full((rows * (cell + line), columns * cell), 255, np.uint8)
    figure = Figure(figsize=(columns * 1.1, rows * 1.1 * (cell + line) / cell))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    if len(wrong) == 0:
        axes.text(columns * cell / 2, (cell + line) / 2, "no mistakes", color=INK, ha="center", va="center")
    for place, i in enumerate(wrong):
        top, left = place // columns * (cell + line) + line, place % columns * cell + 4
        sheet[top : top + 28, left : left + 28] = 255 - part.images[i]
        caption = f"{classes[part.labels[i]]} → {classes[predicted[i]]}\n#{i}, {calibrated[i].max():.0%}"
        axes.text(left + 14, top - 2, caption, size=8, color=INK, ha="center", va="bottom")
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=255)
    figure.savefig(path, dpi=110)


def draw_reliability(logits: Floats, labels: Labels, temperature: float, path: Path) -> None:
    """Draw accuracy by confidence, before and after temperature scaling, and how often each bin occurs."""
    figure = Figure(figsize=(6, 7), layout="constrained")
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], color=SOFT, linestyle=":")
    for t, colour in ((1.0, SOFT), (temperature, ACCENT)):
        predicted = measures.probabilities(logits, t)
        count, mean, accuracy = measures.reliability(predicted, labels)
        error = measures.expected_calibration_error(predicted, labels)
        some = count > 0
        label = f"temperature {t:.2f}: ECE {100 * error:.2f} %"
        axes.plot(mean[some], accuracy[some], marker="o", color=colour, label=label)
    bins = measures.BINS
    below.bar((np.arange(bins) + 0.5) / bins, 100 * count / count.sum(), width=0.9 / bins, color=SOFT)
    axes.set(ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(frameon=False)
    below.set(xlabel="confidence", ylabel="answers, %", yscale="log")
    figure.savefig(path, dpi=110)


def draw_sweep(losses: Mapping[float, Sequence[float]], chosen: float, path: Path) -> None:
    """Draw a sweep: the loss over the steps for each rate, and the last loss against the rate."""
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.9, len(losses)))
    for (rate, values), shade in zip(losses.items(), shades, strict=True):
        left.plot(values, color=shade, label=f"{rate:.1e}", linewidth=1)
    left.set(xlabel="step", ylabel="training loss, smoothed", yscale="log")
    left.legend(frameon=False, title="learning rate", ncols=2, fontsize=8)
    right.plot(list(losses), [values[-1] for values in losses.values()], marker="o", color=INK)
    right.axvline(chosen, color=ACCENT, label=f"chosen: {chosen:.1e}")
    right.set(xlabel="learning rate", ylabel="last loss", xscale="log", yscale="log")
    right.legend(frameon=False)
    figure.savefig(path, dpi=110)


def _logarithmic(axes: Axes, values: Iterable[float]) -> None:
    """Make the scale logarithmic, if every value can be drawn on one."""
    if min(values) > 0:
        axes.set_yscale("log")
