"""What a run that learned from corrections has changed: before and after, as a table and in a model card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import Metadata
from model.training.corrections.database import Corrections
from model.training.data import LabelledImages
from model.training.evaluation.inference import run_checkpoint
from model.training.loop.settings import TrainingSettings
from model.training.rejection.fitting import digit_scores
from model.training.reports.cards import code, command, introduction, origin
from model.training.reports.tables import Table

MOST_NAMED = 20
"""How many corrections that are still read otherwise are named."""


@dataclass(frozen=True, slots=True)
class Answers:
    """A network's answers: what it `read` (n,) of the corrections, and whether as `digits` (n,) bool.

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

    def table(self) -> Table:
        """What is compared, before, and after."""
        n, both = len(self.corrections.part), (self.before, self.after)
        rows = [
            ("corrections read right", *(f"{self.right(answers)} of {n}" for answers in both)),
            (
                "corrections taken for digits",
                *(f"{np.count_nonzero(answers.digits)} of {n}" for answers in both),
            ),
            *(
                (f"{name} part", *(f"{answers.accuracies[name]:.2%}" for answers in both))
                for name in self.before.accuracies
            ),
        ]
        return Table(("", "before", "after"), tuple(rows))

    def misread(self) -> str:
        """The corrections that are still read otherwise, or some of them, in one line."""
        wrong = np.flatnonzero(self.after.read != self.corrections.part.labels)
        ids, labels, read = self.corrections.ids, self.corrections.part.labels, self.after.read
        named = [f"{ids[i]} ({labels[i]}, read as {read[i]})" for i in wrong[:MOST_NAMED]]
        more = len(wrong) - MOST_NAMED
        return ", ".join(named) + (f" and {more:,} more" if more > 0 else "")

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        figures = {
            name: {
                "right": self.right(answers),
                "digits": int(np.count_nonzero(answers.digits)),
                **answers.accuracies,
            }
            for name, answers in (("before", self.before), ("after", self.after))
        }
        wrong = self.after.read != self.corrections.part.labels
        return {
            "file": self.corrections.path.name,
            "images": len(self.corrections.part),
            "skipped": self.corrections.skipped,
            "replaced": self.corrections.replaced,
            **figures,
            "misread": self.corrections.ids[wrong].tolist(),
        }


def answers(
    loaded: Checkpoint,
    corrections: Corrections,
    parts: dict[str, LabelledImages],
    device: torch.device,
) -> Answers:
    """Ask a checkpoint about the corrections and about `parts`."""
    outputs = run_checkpoint(loaded, corrections.part.images, device)
    digits = digit_scores(outputs, loaded.metadata) >= loaded.metadata.accept
    accuracies = {
        name: float((run_checkpoint(loaded, part.images, device).logits.argmax(axis=1) == part.labels).mean())
        for name, part in parts.items()
    }
    return Answers(outputs.logits.argmax(axis=1), digits, accuracies)


def card(change: Change, start: Metadata, settings: TrainingSettings, metadata: Metadata) -> str:
    """Write the model card of weights that learned from corrections, in Markdown."""
    data, corrections = metadata.training["data"], change.corrections
    left_out = [f"{n:,} skipped: {reason}" for reason, n in corrections.skipped.items()]
    if corrections.replaced:
        left_out.append(f"{corrections.replaced:,} replaced by a later one of the same drawing")
    items = "".join(f"- {line}\n" for line in left_out)
    return f"""\
# {metadata.architecture}, corrected

{introduction(metadata)}

## Where it came from

It started from the weights {metadata.training["init"]} (SHA-256 `{start.digest}`) and learned from \
{len(corrections.part):,} corrections in {corrections.path.name}, normalised as the service does, beside \
{data["name"]} and drawings of the stroke models, on which the starting weights were its teachers. \
Temperature, threshold and the digit score's calibration are those of the start.

{items}
## Measured

{change.table().markdown()}

The corrections counted are those that were learned from.

## Made by

{code(command(settings, verified=data["verified"]))}

{origin(metadata)}"""
