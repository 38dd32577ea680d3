"""How well a network tells digits from what is none: every score, every kind, at several thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model.checkpoints.checkpoint import Checkpoint
from model.training.data import NO_DIGIT, LabelledImages
from model.training.evaluation.calibration import probabilities
from model.training.rejection.calibration import DigitFigures, digit_ece, figures_of_digits, sets_of
from model.training.rejection.material import balanced, kinds_of
from model.training.rejection.measures import (
    Curve,
    accepted,
    area_under_risk,
    area_under_roc,
    risk_at,
    risk_coverage,
    threshold_refusing,
)
from model.training.rejection.scores import (
    BackgroundUnit,
    ClassDistances,
    Responses,
    Scores,
    energy,
    highest_probability,
    respond,
    rubbish_odds,
    served_score,
)

REFUSED = 0.01
"""The share of the digits that may be turned away."""
COVERAGES = (1.0, 0.99, 0.98, 0.95, 0.9)


@dataclass(frozen=True, slots=True)
class Told:
    """How one kind of other things, or several, is told from all digits, shares as fractions of 1.

    `accepted` is the share accepted where 1 % of the digits are turned away.
    """

    name: str
    images: int
    auroc: float
    accepted: float


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """One score: `parameters` is how many numbers it needs beside the network's, `told` has ALL last."""

    name: str
    source: str
    parameters: int
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Risk:
    """The share of wrong answers when `coverage` of the digits are answered, the surest first."""

    coverage: float
    by_confidence: float
    by_digit_score: float


@dataclass(frozen=True, slots=True)
class RejectionReport:
    """All figures of a checkpoint; each kind counts the same wherever several are taken together.

    `served` is the digit score as the service gives it; `false_accepts` is, by kind of other things, the
    share whose score reaches `accept`. `digit_ece` is the digit score's own calibration error at even odds.
    """

    temperature: float
    accept: float
    digits: tuple[DigitFigures, ...]
    served: ScoreReport
    false_accepts: dict[str, float]
    digit_ece: float
    compared: tuple[ScoreReport, ...]
    risks: tuple[Risk, ...]
    aurc_by_confidence: float
    aurc_by_digit_score: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the figures and the pictures are made of: a gathered part and what the network gives for it.

    `scores` are those that are compared, by their name.
    """

    part: LabelledImages
    responses: Responses
    served: Scores
    scores: dict[str, Scores]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A score to be compared: its name, where it is from, what it costs, its values."""

    name: str
    source: str
    parameters: int
    values: Scores


def candidates(
    loaded: Checkpoint,
    responses: Responses,
    *,
    training: tuple[LabelledImages, Responses] | None = None,
    rubbish: tuple[Checkpoint, Responses] | None = None,
) -> list[Candidate]:
    """Every score that can be had: those to be fitted need `training`, the rubbish class `rubbish`.

    Args:
        loaded: the checkpoint.
        responses: what it gives for the fields to be scored.
        training: fields to fit by, and what it gives for them.
        rubbish: lenet5-1998, and what it gives for the fields to be scored.
    """
    found = [
        Candidate(
            "highest probability",
            "Hendrycks & Gimpel 2017",
            0,
            highest_probability(responses.logits, loaded.metadata.temperature),
        ),
        Candidate("energy", "Liu et al. 2020", 0, energy(responses.logits)),
    ]
    if training is not None:
        part, given = training
        digit = part.labels != NO_DIGIT
        if digit.any():
            distances = ClassDistances.fit(given.features[digit], part.labels[digit])
            values = distances.score(responses.features)
            found.append(Candidate("distance in F6", "Lee et al. 2018", distances.numbers, values))
        if digit.any() and not digit.all():
            unit = BackgroundUnit.fit(given, part.labels)
            found.append(
                Candidate(
                    "background class", "an eleventh logit over F6", unit.parameters, unit.odds(responses)
                )
            )
    if rubbish is not None and rubbish[0].metadata.rubbish is not None:
        beside = 0 if rubbish[0].metadata.digest == loaded.metadata.digest else rubbish[0].metadata.parameters
        odds = rubbish_odds(rubbish[1].logits, rubbish[0].metadata.rubbish)
        found.append(Candidate("1998 rubbish class", "LeCun et al. 1998, eq. 9", beside, odds))
    if responses.head is not None and loaded.digit_head is not None:
        count = sum(parameter.numel() for parameter in loaded.digit_head.parameters())
        found.append(Candidate("digit head", "two layers over F6", count, responses.head.astype(np.float64)))
    return found


def told(part: LabelledImages, score: Scores) -> tuple[Told, ...]:
    """How each kind of other things, each group, and all are told from the digits of a gathered part."""
    index, weights = balanced(kinds_of(part, digits=True))
    digits = score[index]
    threshold = threshold_refusing(digits, weights, REFUSED)
    return tuple(
        Told(
            name,
            len(other),
            area_under_roc(digits, weights, score[other], other_weights),
            accepted(score[other], other_weights, threshold),
        )
        for name, other, other_weights in sets_of(kinds_of(part, digits=False))
    )


def risk_curves(
    part: LabelledImages, responses: Responses, temperature: float, served: Scores
) -> tuple[Curve, Curve]:
    """Risk against coverage over the digits: by the calibrated confidence, and by the digit score."""
    index, weights = balanced(kinds_of(part, digits=True))
    predicted = probabilities(responses.logits[index], temperature)
    wrong = predicted.argmax(axis=1) != part.labels[index]
    return (
        risk_coverage(predicted.max(axis=1), wrong, weights),
        risk_coverage(served[index], wrong, weights),
    )


def measure(
    loaded: Checkpoint,
    part: LabelledImages,
    device: torch.device,
    *,
    training: LabelledImages | None = None,
    rubbish: Checkpoint | None = None,
) -> tuple[RejectionReport, Evidence]:
    """Measure a checkpoint on a gathered part that has digits and other things.

    `training` is what the scores that need it are fitted to; `rubbish` is lenet5-1998.

    Raises:
        ValueError: if the part lacks digits, or other things.
    """
    digits, others = kinds_of(part, digits=True), kinds_of(part, digits=False)
    if not digits or not others:
        raise ValueError(f"there are no {'other things' if digits else 'digits'} to measure rejection by")
    responses = respond(loaded, part.images, device)
    if loaded.metadata.rubbish is not None:
        rubbish = loaded
    found = candidates(
        loaded,
        responses,
        training=None if training is None else (training, respond(loaded, training.images, device)),
        rubbish=None if rubbish is None else (rubbish, respond(rubbish, part.images, device)),
    )
    metadata = loaded.metadata
    served = served_score(responses, metadata)
    by_confidence, by_score = risk_curves(part, responses, metadata.temperature, served)
    report = RejectionReport(
        temperature=metadata.temperature,
        accept=metadata.accept,
        digits=tuple(figures_of_digits(part, responses, metadata)),
        served=ScoreReport("digit score", "as served", 0, told(part, served)),
        false_accepts={
            name: accepted(served[index], weights, metadata.accept)
            for name, index, weights in sets_of(others)
        },
        digit_ece=even_ece(served, digits, others),
        compared=tuple(
            ScoreReport(one.name, one.source, one.parameters, told(part, one.values)) for one in found
        ),
        risks=tuple(
            Risk(coverage, risk_at(by_confidence, coverage), risk_at(by_score, coverage))
            for coverage in COVERAGES
        ),
        aurc_by_confidence=area_under_risk(by_confidence),
        aurc_by_digit_score=area_under_risk(by_score),
    )
    return report, Evidence(part, responses, served, {one.name: one.values for one in found})


def even_ece(
    score: Scores, digits: Mapping[str, NDArray[np.int64]], others: Mapping[str, NDArray[np.int64]]
) -> float:
    """The digit score's calibration error where digits and other things are equally likely."""
    index, weights = balanced(digits)
    other, other_weights = balanced(others)
    is_digit = np.arange(len(index) + len(other)) < len(index)
    return digit_ece(
        score[np.concatenate([index, other])], is_digit, np.concatenate([weights, other_weights])
    )
