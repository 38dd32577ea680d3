"""Model cards: what trained weights are, how they were made, and what they are worth, from their runs."""

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from model.checkpoints import checkpoint
from model.checkpoints.metadata import Metadata
from model.training.evaluation.figures import figures_table
from model.training.loop.run import BEST, REPORT, SETTINGS
from model.training.loop.settings import TrainingSettings, defaults, options
from model.training.loop.teachers import Teacher
from model.training.reports.tables import Table


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A finished run's folder: its settings, its checkpoint's metadata, and its figures."""

    folder: Path
    settings: TrainingSettings
    metadata: Metadata
    report: dict[str, Any]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load a folder; `ValueError` if it is no finished run, or has no figures on a test part."""
        for name, reason in ((SETTINGS, "no run"), (REPORT, "a run that is not finished yet")):
            if not (folder / name).is_file():
                raise ValueError(f"{folder}: {reason}, as it has no {name}")
        try:
            settings = TrainingSettings.load(folder / SETTINGS)
            report = json.loads((folder / REPORT).read_text())
        except (OSError, ValueError, TypeError) as error:
            raise ValueError(f"{folder}: not the folder of a finished run: {error}") from None
        if "test" not in report:
            raise ValueError(f"{folder}: the run has not been measured on a test part")
        return cls(folder, settings, checkpoint.load(folder / BEST).metadata, report)

    @property
    def accuracy(self) -> float:
        """The accuracy on the test part, a fraction of 1."""
        return float(self.report["test"]["accuracy"])

    @property
    def verified(self) -> bool:
        """Whether the data's files had their published checksums."""
        return bool(self.metadata.training["data"]["verified"])


def ship(runs: Sequence[FinishedRun], to: Path) -> Path:
    """Put the best of `runs`, by its validation part, into the folder `to`, with a model card.

    The runs differ in their seeds alone. Returns the checkpoint's path; `ValueError` if they do not belong
    together, or two have the same seed.
    """
    if len({replace(run.settings, seed=0) for run in runs}) != 1:
        raise ValueError("the runs differ in more than their seeds")
    if len({run.settings.seed for run in runs}) < len(runs):
        raise ValueError("two of the runs have the same seed")
    best = min(runs, key=lambda run: run.report["validation"]["nll"])
    seeds = [run.accuracy for run in sorted(runs, key=lambda run: run.settings.seed)]
    metadata = replace(best.metadata, measured=best.metadata.measured | {"seeds": seeds})
    loaded = checkpoint.load(best.folder / BEST)
    path = to / f"{best.settings.preset}.safetensors"
    metadata = checkpoint.save(path, loaded.network, metadata, loaded.digit_head)
    path.with_suffix(".md").write_text(card(best, runs, metadata))
    return path


def card(best: FinishedRun, runs: Sequence[FinishedRun], metadata: Metadata) -> str:
    """Write the model card, in Markdown."""
    training, test = metadata.training, best.report["test"]
    data = training["data"]
    checked = "Every file had its published checksum." if data["verified"] else "The files were not verified."
    return f"""\
# {metadata.architecture}

{metadata.description}. {metadata.parameters:,} parameters, {metadata.connections:,} connections, \
input {metadata.input_size}x{metadata.input_size}.

## Measured

The shipped weights are of seed {best.settings.seed}, chosen by the validation part. On the \
{test["images"]:,} test images of {data["name"]}, which the run saw once, at its end:

{figures_table(test).markdown()}

`python -m model evaluate {metadata.architecture}` prints these figures again.

## Every seed

{seed_table(runs)}

## Made by

{commands(best)}

Another `--seed` gives another of the seeds above. {best.report["validation"]["images"]:,} images of the \
training set, the same for every seed, were kept to choose by. The pass with the least negative \
log-likelihood on the validation part was kept ({training["kept_at_pass"]} of {best.settings.passes}). torch \
{training["torch"]}, {training["device"]}.

## Data

{data["name"]}: {data["licence"]}. {checked}

## Digest of the weights

SHA-256 `{metadata.digest}`
"""


def seed_table(runs: Sequence[FinishedRun]) -> str:
    """Each seed's figures, and the mean and the sample standard deviation of their accuracy, in Markdown."""
    rows = []
    for run in sorted(runs, key=lambda run: run.settings.seed):
        test = run.report["test"]
        shares = (run.report["validation"]["accuracy"], test["accuracy"])
        more = (test["ece"], test["rejections"][-1]["rejected"])
        rows.append(
            (str(run.settings.seed), *map("{:.2%}".format, shares), str(test["errors"]),
             *map("{:.2%}".format, more))
        )  # fmt: skip
    header = ("seed", "validation", "test", "errors", "ECE", "rejected for 0.1 % error")
    found = [run.accuracy for run in runs]
    spread = f" ± {100 * statistics.stdev(found):.3f} points" if len(found) > 1 else ""
    mean_ece = statistics.mean(run.report["test"]["ece"] for run in runs)
    first = [run.report["test"].get("first_look") for run in runs]
    alone = "" if None in first else f", of the first looks alone {statistics.mean(first):.3%}"
    mean = f"Mean {statistics.mean(found):.3%}{spread}{alone}; mean ECE {mean_ece:.2%}."
    return f"{Table(header, tuple(rows)).markdown()}\n\n{mean}"


def commands(run: FinishedRun) -> str:
    """The commands that make a run: its teachers, what it starts from, and itself, in Markdown.

    Runs whose folder is gone are left out; the settings of each name the ones before it.
    """
    before = {
        folder: f"{command(settings, verified=verified)} --run runs/{folder.name}"
        for folder, settings, verified in ancestors(run.settings)
    }
    return "\n".join(["```sh", *before.values(), command(run.settings, verified=run.verified), "```"])


def command(settings: TrainingSettings, *, verified: bool = True) -> str:
    """The command that makes a run of these settings, with all options that differ from the defaults.

    `verified`: whether the data's files had their published checksums.
    """
    plain = defaults(corrections=bool(settings.corrections))
    # A run that starts from a checkpoint takes these from there if they are not named.
    always = {"passes"} | ({"digit_weight", "digit_teacher_weight"} if settings.init else set())
    words = ["python -m model train --preset", settings.preset, "--data DIR"]
    names = {name: option.name or name for name, (_, option) in options().items()}
    for name, value in asdict(settings.without_folders()).items():
        if name == "preset" or (value == plain[name] and name not in always):
            continue
        option = f"--{names[name].replace('_', '-')}"
        if isinstance(value, bool):
            words.append(option)
        else:
            words += [f"{option} {one}" for one in (value if isinstance(value, tuple) else (value,))]
    return " ".join(words if verified else [*words, "--unverified"])


def ancestors(settings: TrainingSettings) -> Iterator[tuple[Path, TrainingSettings, bool]]:
    """Every run that these settings need: its folder, its settings, and whether the data was verified.

    Each comes after all runs that it needs itself; one that several need is repeated.
    """
    paths = [*(Teacher.parse(teacher).path for teacher in settings.teachers), settings.init]
    for path in map(Path, filter(None, paths)):
        made = path.with_name(SETTINGS)
        # A shipped preset goes by its name alone, and has no run.
        if path.is_file() and made.is_file():
            earlier = TrainingSettings.load(made)
            yield from ancestors(earlier)
            yield path.parent, earlier, bool(checkpoint.load(path).metadata.training["data"]["verified"])
