"""What a run that learned from corrections has changed: before and after, as a table."""

from collections.abc import Mapping

import numpy as np
import torch

from model.checkpoints.checkpoint import Checkpoint
from model.recognition.calibration import calibrated
from model.training.corrections.database import Corrections
from model.training.data import LabelledImages
from model.training.evaluation.inference import run_checkpoint
from model.training.reports.tables import Table

MOST_NAMED = 20
"""How many of the corrections that are still misread are named."""


def compare(
    before: Checkpoint,
    after: Checkpoint,
    corrections: Corrections,
    parts: Mapping[str, LabelledImages],
    device: torch.device,
) -> tuple[Table, str]:
    """Compare two checkpoints on the corrections and on `parts`.

    Returns the figures of both, and one line that names corrections that the second still misreads, at most
    `MOST_NAMED`.
    """
    part, n = corrections.part, len(corrections.part)
    columns = []
    for loaded in (before, after):
        scores = calibrated(*run_checkpoint(loaded, part.images, device), loaded.metadata)
        read, accepted = scores.digits, scores.digit_score >= loaded.metadata.accept
        column = [f"{(read == part.labels).sum()} of {n}", f"{accepted.sum()} of {n}"]
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
