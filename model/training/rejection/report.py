"""How well a checkpoint tells digits from other things, and how far its confidence can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from model.checkpoints.checkpoint import Checkpoint
from model.training.data import LabelledImages
from model.training.evaluation.calibration import Floats, expected_calibration_error, probabilities
from model.training.evaluation.inference import Outputs, run_checkpoint
from model.training.evaluation.measures import (
    Roc,
    area_under_roc,
    risk_coverage,
    roc,
    share_accepted,
    threshold_refusing,
)
from model.training.rejection.fitting import digit_scores
from model.training.rejection.kinds import balanced, kinds_of
from model.training.reports.tables import Table

REFUSED = 0.01
"""The share of the digits that may be refused where kinds of other things are compared."""
COVERAGES = (1.0, 0.99, 0.98, 0.95, 0.9)


@dataclass(frozen=True, slots=True)
class OtherFigures:
    """Other things of one kind, or of all, against all digits: shares are fractions of 1.

    `accepted_at_refused` is the share accepted at the threshold that refuses `REFUSED` of the digits,
    `accepted` the share accepted at the checkpoint's own.
    """

    name: str
    images: int
    auroc: float
    accepted_at_refused: float
    accepted: float


@dataclass(frozen=True, slots=True)
class Risk:
    """The share of wrong answers when `coverage` of the digits are answered, the surest first."""

    coverage: float
    by_confidence: float
    by_digit_score: float


@dataclass(frozen=True, slots=True)
class RejectionReport:
    """The figures of a checkpoint; each kind counts the same wherever several are taken together.

    `accuracy`, `ece` and `refused` are of the digits, shares as fractions of 1. The last of `others` is all
    of them. `digit_ece` is the digit score's own calibration error where digits and other things are equally
    likely. The AURC is the area under risk against coverage.
    """

    temperature: float
    accept: float
    digits: int
    accuracy: float
    ece: float
    refused: float
    digit_ece: float
    others: tuple[OtherFigures, ...]
    risks: tuple[Risk, ...]
    aurc_by_confidence: float
    aurc_by_digit_score: float

    def summary(self) -> str:
        """The figures over all digits and all other things, in two sentences."""
        every = self.others[-1]
        return (
            f"Of {self.digits:,} digits {self.accuracy:.2%} are right (ECE {self.ece:.2%}), and "
            f"{self.refused:.2%} are refused at a digit score below {self.accept:.4g}, whose own ECE at even "
            f"odds is {self.digit_ece:.2%}. Of what is no digit {every.accepted:.2%} is accepted, and "
            f"{every.accepted_at_refused:.2%} where {REFUSED:.0%} of the digits are refused "
            f"(AUROC {every.auroc:.4f})."
        )

    def by_kind(self) -> Table:
        """The figures of each kind of other things."""
        header = ("no digit", "images", "AUROC", f"accepted at {REFUSED:.0%} refused", "accepted")
        rows = tuple(
            (
                row.name,
                f"{row.images:,}",
                f"{row.auroc:.4f}",
                f"{row.accepted_at_refused:.2%}",
                f"{row.accepted:.2%}",
            )
            for row in self.others
        )
        return Table(header, rows)

    def by_coverage(self) -> Table:
        """Risk against coverage."""
        rows = [(f"{risk.coverage:.0%}", risk.by_confidence, risk.by_digit_score) for risk in self.risks]
        rows.append(("AURC", self.aurc_by_confidence, self.aurc_by_digit_score))
        header = ("digits answered", "wrong, by confidence", "wrong, by digit score")
        return Table(header, tuple((name, f"{first:.3%}", f"{second:.3%}") for name, first, second in rows))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a checkpoint gives for images of several kinds, and the digit scores (n,) that follow."""

    gathered: LabelledImages
    outputs: Outputs
    scores: NDArray[np.float64]

    def curves(self) -> dict[str, Roc]:
        """The ROC of the digit score for each kind of other things, against all digits."""
        index, weights = balanced(kinds_of(self.gathered, digits=True))
        return {
            kind: roc(self.scores[index], self.scores[other], weights, np.ones(len(other)))
            for kind, other in kinds_of(self.gathered, digits=False).items()
        }


def measure(
    loaded: Checkpoint, gathered: LabelledImages, device: torch.device
) -> tuple[RejectionReport, Evidence]:
    """Measure a checkpoint on gathered images of digits and of other things.

    Raises:
        ValueError: there are no digits, or no other things.
    """
    digits, others = kinds_of(gathered, digits=True), kinds_of(gathered, digits=False)
    if not digits or not others:
        raise ValueError(f"there are no {'other things' if digits else 'digits'} to measure rejection by")
    metadata = loaded.metadata
    outputs = run_checkpoint(loaded, gathered.images, device)
    scores = digit_scores(outputs, metadata)
    index, weights = balanced(digits)
    labels = gathered.labels[index]
    predicted = probabilities(outputs.logits[index], metadata.temperature)
    wrong = predicted.argmax(axis=1) != labels
    by_confidence = risk_coverage(predicted.max(axis=1), wrong, weights)
    by_score = risk_coverage(scores[index], wrong, weights)
    report = RejectionReport(
        temperature=metadata.temperature,
        accept=metadata.accept,
        digits=len(index),
        accuracy=float(weights @ ~wrong),
        ece=expected_calibration_error(predicted, labels, weights=weights),
        refused=1 - share_accepted(scores[index], weights, metadata.accept),
        digit_ece=digit_ece(gathered, scores),
        others=figures_of_others(gathered, scores, metadata.accept),
        risks=tuple(
            Risk(coverage, by_confidence.risk_at(coverage), by_score.risk_at(coverage))
            for coverage in COVERAGES
        ),
        aurc_by_confidence=by_confidence.area(),
        aurc_by_digit_score=by_score.area(),
    )
    return report, Evidence(gathered, outputs, scores)


def figures_of_others(gathered: LabelledImages, scores: Floats, accept: float) -> tuple[OtherFigures, ...]:
    """How each kind of other things, and all, are told from the digits by their scores (n,)."""
    index, weights = balanced(kinds_of(gathered, digits=True))
    threshold = threshold_refusing(scores[index], weights, REFUSED)
    kinds = kinds_of(gathered, digits=False)
    found = []
    for name, members in [*((name, {name: kinds[name]}) for name in kinds), ("all", kinds)]:
        other, each = balanced(members)
        auroc = area_under_roc(scores[index], scores[other], weights, each)
        shares = (share_accepted(scores[other], each, limit) for limit in (threshold, accept))
        found.append(OtherFigures(name, len(other), auroc, *shares))
    return tuple(found)


def digit_ece(gathered: LabelledImages, scores: Floats) -> float:
    """The calibration error of digit scores: the gap of mean score and share of digits over 15 bins.

    Digits and other things are equally likely, and on either side each kind counts the same.
    """
    index, weights = balanced(kinds_of(gathered, digits=True))
    other, other_weights = balanced(kinds_of(gathered, digits=False))
    score = scores[np.concatenate([index, other])]
    is_digit = (np.arange(len(score)) < len(index)).astype(np.int64)
    both = np.stack([1 - score, score], axis=1)
    return expected_calibration_error(both, is_digit, weights=np.concatenate([weights, other_weights]))
