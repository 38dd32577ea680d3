"""How well a checkpoint tells digits from other things, and how far its confidence can be trusted."""

from dataclasses import dataclass

import numpy as np

from model.checkpoints.metadata import Metadata
from model.training.data import LabelledImages
from model.training.evaluation.calibration import Floats, expected_calibration_error, probabilities
from model.training.evaluation.inference import Outputs
from model.training.evaluation.measures import (
    area_under_roc,
    risk_coverage,
    share_accepted,
    threshold_refusing,
)
from model.training.rejection.fitting import digit_scores
from model.training.rejection.kinds import balanced, kinds_of
from model.training.reports.tables import Table

REFUSED = 0.01
"""The share of the digits that may be refused where scores are compared."""
COVERAGES = (1.0, 0.99, 0.98, 0.95, 0.9)


@dataclass(frozen=True, slots=True)
class RejectionReport:
    """The figures of a checkpoint, shares as fractions of 1; each kind of images counts the same.

    `accuracy`, `ece` and `refused` (by the checkpoint's threshold) are of the digits. `auroc` is, by kind of
    other things, how often a digit has the higher digit score. Of all other things `accepted` reach the
    checkpoint's threshold, and `accepted_at_refused` the one that refuses `REFUSED` of the digits.
    `digit_ece` is the calibration error of the digit score, digits and other things being equally likely.
    `risks` are the shares of wrong answers when the `COVERAGES` of the digits are answered, the surest first.
    """

    temperature: float
    accept: float
    digits: int
    accuracy: float
    ece: float
    refused: float
    auroc: dict[str, float]
    accepted: float
    accepted_at_refused: float
    digit_ece: float
    risks: tuple[float, ...]

    def summary(self) -> str:
        """The figures over all digits and all other things, in two sentences."""
        return (
            f"Of {self.digits:,} digits {self.accuracy:.2%} are right (ECE {self.ece:.2%}), and "
            f"{self.refused:.2%} are refused at a digit score below {self.accept:.4g}, whose own ECE at even "
            f"odds is {self.digit_ece:.2%}. Of what is no digit {self.accepted:.2%} is accepted, and "
            f"{self.accepted_at_refused:.2%} where {REFUSED:.0%} of the digits are refused."
        )

    def tables(self) -> tuple[Table, Table]:
        """The AUROC of each kind of other things, and risk against coverage."""
        by_kind = tuple((kind, f"{auroc:.4f}") for kind, auroc in self.auroc.items())
        risks = zip(COVERAGES, self.risks, strict=True)
        by_coverage = tuple((f"{coverage:.0%}", f"{risk:.3%}") for coverage, risk in risks)
        return Table(("no digit", "AUROC"), by_kind), Table(("digits answered", "wrong"), by_coverage)


def measure(metadata: Metadata, gathered: LabelledImages, outputs: Outputs) -> RejectionReport:
    """Measure what a checkpoint gives for gathered images of digits and of other things.

    Raises:
        ValueError: there are no digits, or no other things.
    """
    digits, others = kinds_of(gathered, digits=True), kinds_of(gathered, digits=False)
    if not digits or not others:
        raise ValueError(f"there are no {'other things' if digits else 'digits'} to measure rejection by")
    scores = digit_scores(outputs, metadata)
    (index, weights), (other, other_weights) = balanced(digits), balanced(others)
    labels = gathered.labels[index]
    predicted = probabilities(outputs.logits[index], metadata.temperature)
    wrong = predicted.argmax(axis=1) != labels
    curve = risk_coverage(predicted.max(axis=1), wrong, weights)
    threshold = threshold_refusing(scores[index], weights, REFUSED)
    auroc = {kind: area_under_roc(scores[index], scores[i], weights) for kind, i in others.items()}
    return RejectionReport(
        temperature=metadata.temperature,
        accept=metadata.accept,
        digits=len(index),
        accuracy=float(weights @ ~wrong),
        ece=expected_calibration_error(predicted, labels, weights=weights),
        refused=1 - share_accepted(scores[index], weights, metadata.accept),
        auroc=auroc | {"all": area_under_roc(scores[index], scores[other], weights, other_weights)},
        accepted=share_accepted(scores[other], other_weights, metadata.accept),
        accepted_at_refused=share_accepted(scores[other], other_weights, threshold),
        digit_ece=digit_ece(gathered, scores),
        risks=tuple(map(curve.risk_at, COVERAGES)),
    )


def digit_ece(gathered: LabelledImages, scores: Floats) -> float:
    """The calibration error of digit scores: the gap of mean score and share of digits over 15 bins.

    Digits and other things are equally likely, and on either side each kind counts the same.
    """
    (index, weights), (other, other_weights) = (
        balanced(kinds_of(gathered, digits=digits)) for digits in (True, False)
    )
    score = scores[np.concatenate([index, other])]
    is_digit = (np.arange(len(score)) < len(index)).astype(np.int64)
    both = np.stack([1 - score, score], axis=1)
    return expected_calibration_error(both, is_digit, weights=np.concatenate([weights, other_weights]))
