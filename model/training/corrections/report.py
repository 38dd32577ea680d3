"""What a run that learned from corrections has changed: before and after, as a table and in a model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.table import Table

from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import Metadata
from model.recognition.recogniser import digit_logit, score_of
from model.training.corrections.database import Corrections
from model.training.data import LabelledImages
from model.training.evaluation.inference import run_as_served
from model.training.loop.settings import Settings
from model.training.reports.commands import command, origin

MOST_NAMED = 20
"""How many corrections that are still read otherwise are named."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a network says: of the corrections `read` (n,) and whether they are `digits` (n,) bool.

    `accuracies` are those on parts of the data set, by name.
    """

    read: NDArray[np.int64]
    digits: NDArray[np.bool_]
    accuracies: dict[str, float]


@dataclass(frozen=True, slots=True)
class Change:
    """The answers of the weights before and after they learned from `corrections`."""

    corrections: Corrections
    before: Answers
    after: Answers

    def right(self, answers: Answers) -> int:
        """How many corrections are read right."""
        return int(np.count_nonzero(answers.read == self.corrections.part.labels))

    def rows(self) -> list[tuple[str, str, str]]:
        """What is compared, before, and after."""
        n = len(self.corrections.part)
        rows = [
            ("corrections read right", *(f"{self.right(a)} of {n}" for a in (self.before, self.after))),
            (
                "corrections taken for digits",
                *(f"{np.count_nonzero(a.digits)} of {n}" for a in (self.before, self.after)),
            ),
        ]
        for name, accuracy in self.before.accuracies.items():
            rows.append((f"{name} part", f"{accuracy:.2%}", f"{self.after.accuracies[name]:.2%}"))
        return [(name, before, after) for name, before, after in rows]

    def table(self) -> Table:
        """The rows, for a terminal."""
        table = Table("", "before", "after")
        for row in self.rows():
            table.add_row(*row)
        return table

    def misread(self) -> list[str]:
        """The corrections that are still read otherwise: their numbers in the file, and what is read."""
        wrong = np.flatnonzero(self.after.read != self.corrections.part.labels)
        ids, labels, read = self.corrections.ids, self.corrections.part.labels, self.after.read
        return [f"{ids[i]} ({labels[i]}, read as {read[i]})" for i in wrong]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "file": self.corrections.path.name,
            "images": len(self.corrections.part),
            "skipped": self.corrections.skipped,
            "replaced": self.corrections.replaced,
            **{
                name: {
                    "right": self.right(answers),
                    "digits": int(np.count_nonzero(answers.digits)),
                    **answers.accuracies,
                }
                for name, answers in (("before", self.before), ("after", self.after))
            },
            "misread": [
                int(i) for i in self.corrections.ids[self.after.read != self.corrections.part.labels]
            ],
        }


def answers(
    loaded: Checkpoint, corrections: Corrections, parts: dict[str, LabelledImages], device: torch.device
) -> Answers:
    """What a checkpoint says of the corrections and of `parts`."""
    logits, scores = run_as_served(loaded, corrections.part.images, device)
    score = score_of(digit_logit(logits, scores, loaded.metadata), loaded.metadata)
    accuracies = {
        name: float((run_as_served(loaded, part.images, device)[0].argmax(axis=1) == part.labels).mean())
        for name, part in parts.items()
    }
    return Answers(logits.argmax(axis=1), score >= loaded.metadata.accept, accuracies)


def card(change: Change, start: Metadata, settings: Settings, metadata: Metadata) -> str:
    """The model card of weights that learned from corrections, in Markdown."""
    data = metadata.training["data"]
    corrections = change.corrections
    lines = [
        f"# {metadata.architecture}, corrected",
        "",
        f"{metadata.description}. {metadata.parameters:,} parameters, {metadata.connections:,} connections, "
        f"input {metadata.input_size}x{metadata.input_size}.",
        "",
        "## Where it came from",
        "",
        f"It started from the weights {metadata.training['init']} (SHA-256 `{start.digest}`) and learned "
        f"from {len(corrections.part):,} corrections in {corrections.path.name}, normalised as the service "
        f"does, beside {data['name']} and drawings of the stroke models, on which the starting weights were "
        "its teachers. Temperature, threshold and the digit score's calibration are those of the start.",
        "",
        *(f"- {n:,} skipped: {reason}" for reason, n in corrections.skipped.items()),
        *(
            [f"- {corrections.replaced:,} replaced by a later one of the same drawing"]
            if corrections.replaced
            else []
        ),
        "",
        "## Measured",
        "",
        "| | before | after |",
        "| --- | --- | --- |",
        *(f"| {name} | {before} | {after} |" for name, before, after in change.rows()),
        "",
        "The corrections counted are those that were learned from.",
        "",
        "## Made by",
        "",
        "```sh",
        command(settings, verified=data["verified"]),
        "```",
        "",
        *origin(metadata),
    ]
    return "\n".join(lines) + "\n"


def named(misread: Sequence[str]) -> str:
    """Some of what is still misread, in one line."""
    more = len(misread) - MOST_NAMED
    return ", ".join(misread[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
