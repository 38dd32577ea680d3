"""How well a checkpoint tells digits from other things, and the section of a model card that says so."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.checkpoints.metadata import Metadata
from model.recognition.calibration import calibrated
from model.training.data import LabelledImages
from model.training.evaluation.inference import Outputs
from model.training.evaluation.measures import (
    Floats,
    area_under_roc,
    expected_calibration_error,
    share_accepted,
    threshold_refusing,
)
from model.training.rejection.fitting import balanced, kinds_of
from model.training.reports.tables import Table

REFUSED = 0.01
"""The share of the digits that may be refused where scores are compared."""


@dataclass(frozen=True, slots=True)
class RejectionReport:
    """The figures of a checkpoint, shares as fractions of 1; each kind of images counts the same.

    `accuracy`, `ece` and `refused` (by the checkpoint's threshold) are of the digits. By kind of other
    things, the last of them "all": `auroc` is how often a digit has the higher digit score, and
    `accepted_at_refused` the share accepted by the threshold that refuses `REFUSED` of the digits. `accepted`
    is the share of all accepted by the checkpoint's own threshold.
    `digit_ece` is the calibration error of the digit score, digits and other things being equally likely.
    """

    temperature: float
    accept: float
    digits: int
    accuracy: float
    ece: float
    refused: float
    auroc: dict[str, float]
    accepted_at_refused: dict[str, float]
    accepted: float
    digit_ece: float

    def summary(self) -> str:
        """The figures over all digits and all other things, in two sentences."""
        return (
            f"Of {self.digits:,} digits {self.accuracy:.2%} are right (ECE {self.ece:.2%}), and "
            f"{self.refused:.2%} are refused at a digit score below {self.accept:.4g}, whose own ECE at even "
            f"odds is {self.digit_ece:.2%}. Of what is no digit {self.accepted:.2%} is accepted, and "
            f"{self.accepted_at_refused['all']:.2%} where {REFUSED:.0%} of the digits are refused."
        )

    def table(self) -> Table:
        """The AUROC of each kind of other things, and the share that is accepted."""
        accepted = self.accepted_at_refused
        by_kind = tuple((kind, f"{auroc:.4f}", f"{accepted[kind]:.2%}") for kind, auroc in self.auroc.items())
        header = ("no digit", "AUROC", f"accepted where {REFUSED:.0%} of the digits are refused")
        return Table(header, by_kind)


def measure(metadata: Metadata, gathered: LabelledImages, outputs: Outputs) -> RejectionReport:
    """Measure what a checkpoint gives for gathered images of digits and of other things.

    Raises:
        ValueError: there are no digits, or no other things.
    """
    digits, others = kinds_of(gathered, digits=True), kinds_of(gathered, digits=False)
    if not digits or not others:
        raise ValueError(f"there are no {'other things' if digits else 'digits'} to measure rejection by")
    found = calibrated(*outputs, metadata)
    scores = found.digit_score
    index, weights = balanced(digits)
    labels = gathered.labels[index]
    predicted = found.probabilities[index]
    threshold = threshold_refusing(scores[index], weights, REFUSED)
    auroc, accepted = {}, {}
    for kind, members in [*((kind, {kind: others[kind]}) for kind in others), ("all", others)]:
        other, each = balanced(members)
        auroc[kind] = area_under_roc(scores[index], scores[other], weights, each)
        accepted[kind] = share_accepted(scores[other], each, threshold)
    return RejectionReport(
        temperature=metadata.temperature,
        accept=metadata.accept,
        digits=len(index),
        accuracy=float(weights @ (found.digits[index] == labels)),
        ece=expected_calibration_error(predicted, labels, weights=weights),
        refused=1 - share_accepted(scores[index], weights, metadata.accept),
        auroc=auroc,
        accepted_at_refused=accepted,
        accepted=share_accepted(scores[other], each, metadata.accept),
        digit_ece=digit_ece(gathered, scores),
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


HEADING = "## Calibration, and what is no digit"

MEASURED_ON_TEST = (
    "Temperature, digit score and threshold were fitted on the validation part; the figures below are those "
    "of the generated test part, whose writers, cheques and fonts chose nothing, and of MNIST's test images."
)
MEASURED_ON_VALIDATION = (
    "The figures below are those of the files that temperature, digit score and threshold were fitted on, "
    "and of MNIST's test images."
)


def section(report: RejectionReport, picture: Path, measured_on: str) -> str:
    """Write the section, its heading first.

    `picture` is shown by its name, as a file beside the card; `measured_on` says what the figures were
    measured on.
    """
    return f"""\
{HEADING}

Temperature {report.temperature:.3f}; accepted from a digit score of {report.accept:.4g} on. {measured_on} \
Each kind counts the same. `python -m model calibrate` prints them.

{report.summary()}

{report.table().markdown()}

![Accuracy by confidence]({picture.name})

Look-alikes pass, as they must: a letter O is a 0, an l or I is a 1, S and Z may be a 5 and a 2.
"""


def with_section(card: str, text: str) -> str:
    """Put the section into a card in place of an older one, or before the digest, or at its end."""
    kept, inside = [], False
    for line in card.splitlines():
        if line.startswith("## "):
            inside = line == HEADING
        if not inside:
            kept.append(line)
    place = next((n for n, line in enumerate(kept) if line.startswith("## Digest")), len(kept))
    before = "\n".join(kept[:place]).rstrip()
    return "\n".join([before, "", text.rstrip(), "", *kept[place:]]).rstrip() + "\n"
