"""Model cards: what shipped weights are, how they were made, and what they are worth, from their runs."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from model.checkpoints import checkpoint
from model.checkpoints.metadata import Metadata
from model.training.loop.run import BEST
from model.training.loop.settings import Settings
from model.training.loop.teachers import Teacher
from model.training.reports.commands import command, origin, short_teacher

NOTES: dict[str, str] = {
    "lenet5-mnist": (
        "Trained with batch normalisation after each pooling, C5 and F6, which is folded into the weights "
        "before they are saved: 61,706 parameters, and no normalisation left at inference."
    ),
    "lenet5-1998": (
        "The paper's network and its loss with the rubbish class (equation 9); not its optimiser: AdamW in "
        "batches and averaged weights, instead of stochastic diagonal Levenberg-Marquardt pattern by "
        "pattern. 55,000 images were learned from, where the paper used all 60,000."
    ),
}


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A finished run's folder: its settings, its checkpoint's metadata, and its figures."""

    folder: Path
    settings: Settings
    metadata: Metadata
    report: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> FinishedRun:
        """Read it; `ValueError` if it is none, or has no figures on a test part."""
        for name, there in (("settings.json", "no run"), ("report.json", "a run that is not finished yet")):
            if not (folder / name).is_file():
                raise ValueError(f"{folder}: {there}, as it has no {name}")
        try:
            settings = Settings.from_json(json.loads((folder / "settings.json").read_text()))
            report = json.loads((folder / "report.json").read_text())
        except (OSError, ValueError, TypeError) as error:
            raise ValueError(f"{folder}: not the folder of a finished run: {error}") from None
        if "test" not in report:
            raise ValueError(f"{folder}: the run has not been measured on a test part")
        return cls(folder, settings, checkpoint.load(folder / BEST).metadata, report)

    @property
    def accuracy(self) -> float:
        """On the test part, a fraction of 1."""
        return float(self.report["test"]["accuracy"])


def ship(runs: Sequence[FinishedRun], others: Sequence[FinishedRun], to: Path) -> Path:
    """Put the best of `runs`, by its validation part, into the folder `to`, with a model card.

    The runs differ in their seeds alone. `others` are further runs of the preset that the card reports.
    Returns the checkpoint's path; `ValueError` if the runs do not belong together, or one is there twice.
    """
    told: dict[tuple[Settings, str], Path] = {}
    for run in (*runs, *others):
        made_of = (run.settings, str(run.metadata.training["data"]))
        if made_of in told:
            raise ValueError(f"{told[made_of]} and {run.folder} are the same run: settings, seed and data")
        told[made_of] = run.folder
    if len({replace(run.settings, seed=0) for run in runs}) != 1:
        raise ValueError("the runs differ in more than their seeds")
    best = min(runs, key=lambda run: run.report["validation"]["nll"])
    seeds = [run.accuracy for run in sorted(runs, key=lambda run: run.settings.seed)]
    training = best.metadata.training | {"teachers": list(map(short_teacher, best.settings.teachers))}
    metadata = replace(best.metadata, training=training, measured=best.metadata.measured | {"seeds": seeds})
    loaded = checkpoint.load(best.folder / BEST)
    path = to / f"{best.settings.preset}.safetensors"
    metadata = checkpoint.save(path, loaded.network, metadata, loaded.digit_head)
    path.with_suffix(".md").write_text(card(best, runs, others, metadata))
    return path


def card(
    best: FinishedRun, runs: Sequence[FinishedRun], others: Sequence[FinishedRun], metadata: Metadata
) -> str:
    """The model card, in Markdown."""
    test = best.report["test"]
    low, high = test["interval"]
    first = test.get("first_look")
    data = metadata.training["data"]
    lines = [
        f"# {metadata.architecture}",
        "",
        f"{metadata.description}. {metadata.parameters:,} parameters, {metadata.connections:,} connections, "
        f"input {metadata.input_size}x{metadata.input_size}.",
        "",
    ]
    if metadata.architecture in NOTES:
        lines += [NOTES[metadata.architecture], ""]
    lines += [
        "## Measured",
        "",
        f"The shipped weights are of seed {best.settings.seed}, chosen by the validation part. On the "
        f"{test['images']:,} test images of {data['name']}, which the run saw once, at its end:",
        "",
        "| | |",
        "| --- | --- |",
        f"| accuracy | {test['accuracy']:.2%} ({test['errors']} errors) |",
        f"| its 95 % interval (Wilson) | {low:.2%} to {high:.2%} |",
        *([] if first is None else [f"| accuracy of the first look alone | {first:.2%} |"]),
        f"| negative log-likelihood | {test['nll']:.4f} (without temperature {test['nll_raw']:.4f}) |",
        f"| ECE, 15 bins | {test['ece']:.2%} (without temperature {test['ece_raw']:.2%}) |",
        *(f"| to be rejected for {r['error']:.1%} error | {r['rejected']:.2%} |" for r in test["rejections"]),
        f"| temperature, fitted on the validation part | {test['temperature']:.3f} |",
        "",
        "`python -m model evaluate " + metadata.architecture + "` prints these figures again.",
        "",
        "## Every seed",
        "",
        *seed_table(runs),
        "",
        "## Made by",
        "",
        "```sh",
        *commands(best),
        "```",
        "",
        f"Another `--seed` gives another of the seeds above. {split_of(best)}The pass with the least "
        f"negative log-likelihood on the validation part was kept ({metadata.training['kept_at_pass']} of "
        f"{best.settings.passes}). torch {metadata.training['torch']}, {metadata.training['device']}.",
        "",
    ]
    for settings, group in grouped(others).items():
        lines += [
            f"## Also trained: {title(settings)}",
            "",
            *seed_table(group),
            "",
            "```sh",
            *commands(group[0]),
            "```",
            "",
        ]
        if not group[0].metadata.training["data"]["verified"]:
            lines += [
                "The files of this data set did not have the published checksums: they hold its images in "
                "another split into training and test part, so these figures compare only roughly.",
                "",
            ]
    return "\n".join([*lines, *origin(metadata)]) + "\n"


def seed_table(runs: Sequence[FinishedRun]) -> list[str]:
    """Each seed's figures, and the mean and the sample standard deviation of their accuracy."""
    lines = [
        "| seed | validation | test | errors | ECE | rejected for 0.1 % error |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for run in sorted(runs, key=lambda run: run.settings.seed):
        test = run.report["test"]
        lines.append(
            f"| {run.settings.seed} | {run.report['validation']['accuracy']:.2%} | {test['accuracy']:.2%} "
            f"| {test['errors']} | {test['ece']:.2%} | {test['rejections'][-1]['rejected']:.2%} |"
        )
    found = [run.accuracy for run in runs]
    spread = f" ± {100 * statistics.stdev(found):.3f} points" if len(found) > 1 else ""
    mean_ece = statistics.mean(run.report["test"]["ece"] for run in runs)
    first = [run.report["test"].get("first_look") for run in runs]
    alone = "" if None in first else f", of the first looks alone {statistics.mean(first):.3%}"
    return [*lines, "", f"Mean {statistics.mean(found):.3%}{spread}{alone}; mean ECE {mean_ece:.2%}."]


def grouped(runs: Sequence[FinishedRun]) -> dict[Settings, list[FinishedRun]]:
    """The runs by their settings, seeds apart."""
    groups: dict[Settings, list[FinishedRun]] = {}
    for run in runs:
        groups.setdefault(replace(run.settings, seed=0), []).append(run)
    return groups


def title(settings: Settings) -> str:
    """A few words for a group of runs."""
    distortions = "without distortions" if settings.distort == "none" else f"{settings.distort} distortions"
    return f"{settings.preset} on {settings.data_set}, {distortions}"


def split_of(run: FinishedRun) -> str:
    """How the training set was split."""
    n = run.report["validation"]["images"]
    return f"{n:,} images of the training set, the same for every seed, were kept to choose by. "


def commands(run: FinishedRun) -> list[str]:
    """The commands that make a run, in their order: its teachers, the runs it goes on from, itself.

    Those of which the folders are there; the settings of each name the ones before it.
    """
    before = {
        folder: f"{command(settings, verified=verified)} --run runs/{folder.name}"
        for folder, settings, verified in ancestors(run.settings)
    }
    return [*before.values(), command(run.settings, verified=run.metadata.training["data"]["verified"])]


def ancestors(settings: Settings) -> Iterator[tuple[Path, Settings, bool]]:
    """Folder, settings and whether the data was verified of every run that another one of these needs.

    Each comes after all that it needs itself; one that several need comes as often.
    """
    paths = [*(Teacher.asked(teacher).path for teacher in settings.teachers), settings.init]
    for path in map(Path, filter(None, paths)):
        made = path.with_name("settings.json")
        # A shipped preset goes by its name alone, and has no run.
        if path.is_file() and made.is_file():
            earlier = Settings.from_json(json.loads(made.read_text()))
            yield from ancestors(earlier)
            data = checkpoint.load(path).metadata.training["data"]
            yield path.parent, earlier, bool(data["verified"])
