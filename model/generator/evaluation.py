"""Accuracy and rejection by kind: generated pictures through the function that answers users.

Items are drawn without the normaliser's help, and none is dropped for what became of it: two versions of the
code are measured with the same pictures. A few labels are therefore arguable, a digit that is struck out
until it is a solid bar, say; they count against every version alike.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image

from model.generator.batches import Batch, in_batches
from model.generator.items import Item, Part
from model.generator.kinds import Kind
from model.generator.materials import Materials
from model.ink import NoInk, NormalisedInk, normalise_image, normalise_strokes
from model.recognition import Recogniser
from model.training.evaluation.measures import expected_calibration_error

SURE = 0.95
"""From this confidence on an answer is called sure."""


class Outcome(NamedTuple):
    """What was answered to one item; `digit` is None where no ink was found."""

    label: int
    digit: int | None = None
    confidence: float = 0.0
    is_digit: bool = False

    @property
    def sure(self) -> bool:
        """Whether it is accepted with a confidence of `SURE` or more."""
        return self.is_digit and self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class KindFigures:
    """How the pictures of one kind are answered: shares of all of them.

    `right`: the digit is right, accepted or not. `accepted` and `rejected`: answered with `is_digit` true or
    false. `no_ink`: an error is the answer, as good as a rejection of what is no digit. `sure_and_wrong`:
    accepted with a confidence of `SURE` or more, and wrong, as any digit is where there is none. `ece`: the
    expected calibration error of all answers that have a digit.
    """

    kind: str
    pictures: int
    right: float
    accepted: float
    rejected: float
    no_ink: float
    sure_and_wrong: float
    ece: float


@dataclass(frozen=True, slots=True)
class KindsReport:
    """The figures of each kind, and last of all kinds together."""

    model: str
    part: Part
    seed: int
    digits: tuple[KindFigures, ...]
    others: tuple[KindFigures, ...]


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
) -> KindsReport:
    """Answer `per_kind` pictures of each kind with the shipped preset or checkpoint `model`.

    `progress` is called with the number of items that are done since its last call.
    """
    outcomes: list[list[Outcome]] = [[] for _ in kinds]

    def answered(batch: Batch, items: Iterable[Item], recogniser: Recogniser) -> tuple[int, list[Outcome]]:
        return batch.kind, answers(items, recogniser)

    batches = in_batches(
        materials, kinds, [per_kind] * len(kinds), answered,
        seed=seed, workers=workers, model=model, device=device, progress=progress,
    )  # fmt: skip
    for kind, found in batches:
        outcomes[kind] += found
    digits, others = (
        [(kind.name, found) for kind, found in zip(kinds, outcomes, strict=True) if kind.digit is digit]
        for digit in (True, False)
    )
    return KindsReport(model, materials.part, seed, _with_total(digits), _with_total(others))


def _with_total(rows: list[tuple[str, list[Outcome]]]) -> tuple[KindFigures, ...]:
    total = [("all", [outcome for _, found in rows for outcome in found])] if rows else []
    return tuple(figures(name, found) for name, found in [*rows, *total])


def answers(items: Iterable[Item], recogniser: Recogniser) -> list[Outcome]:
    """Send items to the function that answers users: strokes as they are, pixels as a PNG file."""
    pairs = [(item.label, _ink(item)) for item in items]
    found = iter(recogniser.answer([ink for _, ink in pairs if ink is not None]))
    answered = ((label, None if ink is None else next(found)) for label, ink in pairs)
    return [
        Outcome(label, it.digit, it.confidence, it.is_digit) if it else Outcome(label)
        for label, it in answered
    ]


def _ink(item: Item) -> NormalisedInk | None:
    """The item's ink; None if none was found."""
    try:
        if item.strokes is not None:
            return normalise_strokes([stroke.tolist() for stroke in item.strokes])
        return normalise_image(png(item))
    except NoInk:
        return None


def png(item: Item) -> bytes:
    """An item's pixels as a PNG file."""
    file = BytesIO()
    Image.fromarray(np.asarray(item.pixels)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def figures(kind: str, outcomes: Sequence[Outcome]) -> KindFigures:
    """The figures of at least one outcome."""
    n, answered = len(outcomes), [outcome for outcome in outcomes if outcome.digit is not None]
    confidence = np.array([outcome.confidence for outcome in answered])[:, None]
    wrong = np.array([outcome.digit != outcome.label for outcome in answered], int)
    accepted = sum(outcome.is_digit for outcome in answered)
    return KindFigures(
        kind,
        pictures=n,
        right=(len(answered) - int(wrong.sum())) / n,
        accepted=accepted / n,
        rejected=(len(answered) - accepted) / n,
        no_ink=1 - len(answered) / n,
        sure_and_wrong=sum(outcome.sure and outcome.digit != outcome.label for outcome in answered) / n,
        ece=expected_calibration_error(confidence, wrong),
    )
