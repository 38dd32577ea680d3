"""What a run that learned from corrections has changed: before and after, as a table and in a model card."""

from collections.abc import Mapping

import numpy as np
import torch

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


def compare(
    before: Checkpoint,
    after: Checkpoint,
    corrections: Corrections,
    parts: Mapping[str, LabelledImages],
    device: torch.device,
) -> tuple[Table, str]:
    """Compare two checkpoints on the corrections and on `parts`.

    Returns the figures of both, and in one line the corrections (or some) that the second still reads
    otherwise.
    """
    part, n = corrections.part, len(corrections.part)
    columns = []
    for loaded in (before, after):
        outputs = run_checkpoint(loaded, part.images, device)
        read = outputs.logits.argmax(axis=1)
        digits = digit_scores(outputs, loaded.metadata) >= loaded.metadata.accept
        column = [f"{(read == part.labels).sum()} of {n}", f"{digits.sum()} of {n}"]
        for other in parts.values():
            right = run_checkpoint(loaded, other.images, device).logits.argmax(axis=1) == other.labels
            column.append(f"{right.mean():.2%}")
        columns.append(column)
    names = ["corrections read right", "corrections taken for digits", *(f"{name} part" for name in parts)]
    table = Table(("", "before", "after"), tuple(zip(names, *columns, strict=True)))
    wrong = np.flatnonzero(read != part.labels)
    named = [f"{corrections.ids[i]} ({part.labels[i]}, read as {read[i]})" for i in wrong[:MOST_NAMED]]
    more = f" and {len(wrong) - MOST_NAMED:,} more" if len(wrong) > MOST_NAMED else ""
    return table, ", ".join(named) + more


def card(
    table: Table, corrections: Corrections, start: Metadata, settings: TrainingSettings, metadata: Metadata
) -> str:
    """Write the model card of weights that learned from corrections, in Markdown."""
    data = metadata.training["data"]
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

{table.markdown()}

The corrections counted are those that were learned from.

## Made by

{code(command(settings, verified=data["verified"]))}

{origin(metadata)}"""
