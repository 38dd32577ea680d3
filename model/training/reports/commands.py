"""What every model card says of how weights were made: the command, the data, the digest."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

from model.checkpoints.metadata import Metadata
from model.training.loop.settings import CORRECTING, Settings
from model.training.loop.teachers import Teacher

OPTIONS = {
    "learning_rate": "lr",
    "teachers": "teacher",
}
"""The command line's names of the settings that it calls otherwise."""


def command(settings: Settings, *, verified: bool = True) -> str:
    """The command that makes a run of these settings, all options that are not their defaults named.

    `verified`: whether the data's files had their published checksums.
    """
    defaults = {field.name: field.default for field in fields(Settings)}
    if settings.corrections:
        defaults |= CORRECTING
    # What a run that starts from a checkpoint takes from there if it is not named.
    named = {"passes"} | ({"digit_weight", "digit_teacher_weight"} if settings.init else set())
    words = ["python -m model train --preset", settings.preset, "--data DIR"]
    for name, value in settings.to_json().items():
        if name == "preset" or (value == defaults[name] and name not in named):
            continue
        if name == "corrections_weight" and not settings.corrections:
            continue
        option = "--" + OPTIONS.get(name, name).replace("_", "-")
        if isinstance(value, bool):
            words.append(option)
        elif isinstance(value, tuple | list):
            shortened = short_teacher if name == "teachers" else short
            words += [f"{option} {shortened(str(one))}" for one in value]
        elif name == "init":
            words.append(f"{option} {short(str(value))}")
        elif name == "corrections":
            words.append(f"{option} {Path(str(value)).name}")
        else:
            words.append(f"{option} {value}")
    return " ".join(words if verified else [*words, "--unverified"])


def short(path: str) -> str:
    """A run's file without the machine's folders: runs/NAME/FILE; a plain name as it is."""
    parts = Path(path).parts[-2:]
    return str(Path("runs", *parts)) if len(parts) > 1 else path


def short_teacher(asked: str) -> str:
    """The same for a teacher, with the source that it teaches."""
    teacher = Teacher.asked(asked)
    return str(replace(teacher, path=short(teacher.path)))


def origin(metadata: Metadata) -> list[str]:
    """The last sections of a model card: the data, and the weights' digest."""
    data = metadata.training["data"]
    return [
        "## Data",
        "",
        f"{data['name']}: {data['licence']}. "
        + ("Every file had its published checksum." if data["verified"] else "The files were not verified."),
        "",
        "## Digest of the weights",
        "",
        f"SHA-256 `{metadata.digest}`",
    ]
