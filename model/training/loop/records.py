"""What is known after each pass of a run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import torch

from model.networks.base import Network
from model.networks.layers import DigitHead
from model.training.data import NO_DIGIT, LabelledImages
from model.training.evaluation.inference import run_network
from model.training.evaluation.measures import area_under_roc, fit_temperature, negative_log_likelihood


@dataclass(frozen=True, slots=True)
class Validation:
    """How the averaged weights do on one part that is watched.

    `accuracy` and `nll` are over its digits, `nll` at `temperature`, the one that fits them best.
    `digit_auc`, with a digit head: how often it scores a digit above another thing (the area under the ROC
    curve); None without a head, or if the part has digits alone.
    """

    accuracy: float
    nll: float
    temperature: float
    digit_auc: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a run's log. `pass_` counts from 1; `loss` and `accuracy` are of the training images."""

    pass_: int
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    validation: dict[str, Validation] = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The record that `asdict` gave."""
        validation = {name: Validation(**found) for name, found in values["validation"].items()}
        return cls(**{**values, "validation": validation})

    def __str__(self) -> str:
        """One line for people."""
        parts = [f"pass {self.pass_:3d}  loss {self.loss:.4f}  training {self.accuracy:7.3%}"]
        for name, found in self.validation.items():
            auc = "" if found.digit_auc is None else f" AUC {found.digit_auc:.4f}"
            parts.append(f"{name} {found.accuracy:7.3%} NLL {found.nll:z.4f}{auc}")
        return "  ".join([*parts, f"{self.seconds:.1f} s"])


def validate(
    network: Network, head: DigitHead | None, part: LabelledImages, device: torch.device
) -> Validation:
    """Measure a network in evaluation mode, and its digit head, on a part, by the first look alone."""
    logits, scores = run_network(network, part.images, device, head)
    digits = part.labels != NO_DIGIT
    logits, labels = logits[digits], part.labels[digits]
    temperature = fit_temperature(logits, labels)
    return Validation(
        accuracy=float((logits.argmax(axis=1) == labels).mean()),
        nll=negative_log_likelihood(logits / temperature, labels),
        temperature=temperature,
        digit_auc=None if scores is None or digits.all() else area_under_roc(scores[digits], scores[~digits]),
    )


def best(records: Sequence[Record]) -> int:
    """The index of the pass to keep: the one with the least mean calibrated NLL over the parts.

    Likelihood tells passes apart even where they make the same few mistakes.
    """
    sums = [sum(v.nll for v in record.validation.values()) for record in records]
    return sums.index(min(sums))
