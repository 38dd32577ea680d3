"""Accuracy and rejection by kind: generated pictures through the function that answers users.

Items are drawn without the normaliser's help, and none is dropped because of its result, so that two versions
of the code are measured on the same pictures. A few labels are therefore arguable, such as that of a digit
that is struck out until it is a solid bar; they count against every version alike.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.generator.batches import in_batches
from model.generator.items import Item
from model.generator.kinds import Kind
from model.generator.materials import Materials
from model.generator.numbers.measure import SURE
from model.recognition import Recogniser
from model.training.evaluation.measures import expected_calibration_error


class Outcome(NamedTuple):
    """The answer to one item; `digit` is None where no ink was found."""

    label: int
    digit: int | None = None
    confidence: float = 0.0
    is_digit: bool = False


@dataclass(frozen=True, slots=True)
class KindFigures:
    """How the pictures of one kind are answered: shares of all of them.

    `right`: the digit is right, accepted or not. `accepted` and `rejected`: answered with `is_digit` true or
    false. `no_ink`: an error is the answer, as good as a rejection of what is no digit. `sure_and_wrong`:
    accepted with a confidence of `SURE` or more, and wrong; for what is no digit, any digit is wrong. `ece`:
    the expected calibration error of all answers that have a digit.
    """

    kind: str
    pictures: int
    right: float
    accepted: float
    rejected: float
    no_ink: float
    sure_and_wrong: float
    ece: float


def evaluate_kinds(
    materials: Materials,
    kinds: Sequence[Kind],
    model: str = "lenet5",
    *,
    device: str = "auto",
    per_kind: int = 1000,
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[int], object] = lambda _: None,
) -> dict[str, list[KindFigures]]:
    """Answer `per_kind` pictures of each kind with the shipped preset or checkpoint `model`.

    Returns the figures of each kind, under `digits` or `others`; the last of each list are those of all kinds
    in it. `progress` is called with the number of items done since its last call.
    """
    outcomes: list[list[Outcome]] = [[] for _ in kinds]
    batches = in_batches(
        materials, kinds, [per_kind] * len(kinds), lambda _, items, recogniser: answers(items, recogniser),
        seed=seed, workers=workers, model=model, device=device, progress=progress,
    )  # fmt: skip
    for batch, found in batches:
        outcomes[batch.kind] += found
    report = {}
    for name, digit in (("digits", True), ("others", False)):
        rows = {kind.name: outcomes[n] for n, kind in enumerate(kinds) if kind.digit is digit}
        rows["all"] = [outcome for found in rows.values() for outcome in found]
        report[name] = [figures(kind, found) for kind, found in rows.items() if found]
    return report


def answers(items: Iterable[Item], recogniser: Recogniser) -> list[Outcome]:
    """Send items to the function that answers users."""
    pairs = [(item.label, item.ink()) for item in items]
    found = iter(recogniser.answer([ink for _, ink in pairs if ink is not None]))
    given = [(label, None if ink is None else next(found)) for label, ink in pairs]
    return [Outcome(n, it.digit, it.confidence, it.is_digit) if it else Outcome(n) for n, it in given]


def figures(kind: str, outcomes: Sequence[Outcome]) -> KindFigures:
    """The figures of at least one outcome."""
    n, answered = len(outcomes), [outcome for outcome in outcomes if outcome.digit is not None]
    confidence = np.array([outcome.confidence for outcome in answered])
    wrong = np.array([outcome.digit != outcome.label for outcome in answered], int)
    accepted = np.array([outcome.is_digit for outcome in answered], bool)
    return KindFigures(
        kind,
        pictures=n,
        right=int((1 - wrong).sum()) / n,
        accepted=int(accepted.sum()) / n,
        rejected=int((~accepted).sum()) / n,
        no_ink=1 - len(answered) / n,
        sure_and_wrong=int((accepted & (confidence >= SURE) & (wrong > 0)).sum()) / n,
        ece=expected_calibration_error(confidence[:, None], wrong),
    )
