"""From ink to an answer: the choice among proposals, the second look, calibration and the decision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from model.checkpoints.metadata import Metadata, locate
from model.engines import Engine, open_engine
from model.ink import DEFAULT_LIMITS, FIELD_SIDE, InkError, Limits, NormalisedInk, normalise_images
from model.recognition.calibration import Scores, calibrated, calibrated_odds, digit_logit, softmax
from model.recognition.choice import choice_for
from model.recognition.decision import Reason, decide
from model.recognition.second_look import Floats, doubt, look_again

OVERLAP = 0.3
"""The boxes of two digits overlap by at most this share of the smaller one, across or down."""
CLEAR, CERTAIN = 1.0, 0.95
"""A first proposal leaves no doubt if its log-odds and its digit's probability are at least these."""
CHUNK = 256
"""How many fields go through the network at once: more are no faster, and their feature maps take memory."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one picture or drawing."""

    digit: int
    """The most probable digit, even where `is_digit` is false."""
    confidence: float
    """Its probability."""
    probabilities: list[float]
    """Of the ten digits, calibrated; their sum is 1."""
    is_digit: bool
    digit_score: float
    """0 to 1: how much it looks like one legible digit."""
    reason: Reason | None
    """Why it is no digit, or not surely one."""
    between: tuple[int, int] | None
    """The two digits that it may be, in rising order, where the reason is "unsure between two"."""
    ink: NormalisedInk
    """The proposal that was chosen, whose field the network saw."""

    def members(self) -> dict[str, Any]:
        """The members of the answer in JSON; `between` only if there is one."""
        names = ("digit", "confidence", "probabilities", "is_digit", "digit_score", "reason")
        members = {name: getattr(self, name) for name in names}
        return members if self.between is None else {**members, "between": list(self.between)}


class Looks(NamedTuple):
    """What one look at n proposals gave."""

    logits: NDArray[Any]
    """The network's logits (n, 10), in single precision."""
    digit: NDArray[Any]
    """The digit head's logits (n,), in single precision; NaN if the network has none."""
    probabilities: NDArray[Any]
    """(n, 10), calibrated; these and the log-odds are in double precision."""
    alone: NDArray[Any]
    """(n,), the log-odds of a digit by the field alone, calibrated."""
    odds: NDArray[Any]
    """(n,), the log-odds of a digit by the field and the proposal's features."""

    def doubtful(self) -> list[int]:
        """The rows of pictures whose other proposals must be looked at too."""
        unsure = self.probabilities.max(axis=1) < CERTAIN
        places: list[int] = np.flatnonzero(unsure | (self.odds < CLEAR)).tolist()
        return places

    def take(self, rows: list[int]) -> "Looks":
        """What the look gave for some of the proposals."""
        return Looks(*(column[rows] for column in self))


class Recogniser:
    """A trained network with its calibration and its threshold; for one thread at a time."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.engine = engine
        self.name = path.stem
        self.choice = choice_for(path)
        self.metadata: Metadata = engine.metadata
        self.input_size = self.metadata.input_size
        self.accept = self.metadata.accept

    @classmethod
    def load(cls, path_or_preset: Path | str, device: str = "auto", engine: str = "auto") -> "Recogniser":
        """Load a checkpoint (.safetensors, .onnx) or a shipped preset, `lenet5` for instance.

        Raises:
            CheckpointError, DeviceError, EngineError: each with one clear line; see `model.engines`.
        """
        return cls(open_engine(path_or_preset, device, engine), locate(path_or_preset))

    def recognise(
        self, images: Sequence[bytes], *, limits: Limits = DEFAULT_LIMITS, accept: float | None = None
    ) -> list[Answer | InkError]:
        """Answer image files, in their order; an error stands in the place of one that has no answer."""
        inks = normalise_images(images, limits=limits)
        answers = iter(self.answer([ink for ink in inks if isinstance(ink, NormalisedInk)], accept))
        return [ink if isinstance(ink, InkError) else next(answers) for ink in inks]

    def answer(self, inks: Sequence[NormalisedInk], accept: float | None = None) -> list[Answer]:
        """Answer n pictures or drawings: the one way from ink to an answer.

        Where the first proposal for a picture leaves a doubt, the others are looked at as well.

        Args:
            inks: What the normaliser gave: the first proposal for each.
            accept: The least score of a digit, 0 to 1; the checkpoint's own when None.
        """
        if not inks:
            return []
        accept = self.accept if accept is None else accept
        shown, looks = list(inks), self.look(inks)
        rows = [[row] for row in range(len(inks))]  # those of each picture's proposals
        for place in () if all(ink.is_plain for ink in inks) else looks.doubtful():
            further = inks[place].further()
            rows[place] += range(len(shown), len(shown) + len(further))
            shown += further
        if len(shown) > len(inks):
            both = zip(looks, self.look(shown[len(inks) :]), strict=True)
            looks = Looks(*map(np.concatenate, both))
            chosen = [max(own, key=looks.odds.__getitem__) for own in rows]
            final = self._look_again([shown[row] for row in chosen], looks.take(chosen))
        else:  # the usual case
            chosen, final = list(range(len(inks))), self._look_again(inks, looks)
        columns = zip(chosen, rows, final.probabilities.tolist(), expit(final.odds).tolist(), strict=True)
        answers = []
        for row, own, probabilities, score in columns:
            alike = [shown[other] for other in own if looks.alone[other] > 0] if len(own) > 1 else []
            several = shown[row].pieces > 1 or _several(alike)
            answers.append(_answer(shown[row], probabilities, score, accept, several=several))
        return answers

    def look(self, inks: Sequence[NormalisedInk]) -> Looks:
        """Look at n proposals once: run the network on their fields, and weigh their features."""
        fields = np.stack([ink.field for ink in inks]) if len(inks) > 1 else inks[0].field[None]
        return self._looks(inks, *self._run(self.network_input(fields)))

    def _looks(self, inks: Sequence[NormalisedInk], logits: Floats, digit: Floats | None) -> Looks:
        probabilities = softmax(logits.astype(np.float64) / self.metadata.temperature)
        alone = calibrated_odds(digit_logit(logits, digit, self.metadata), self.metadata)
        plain, features = all(ink.is_plain for ink in inks), [ink.features for ink in inks]
        # Where the ink is plain to see, the network alone decides.
        odds = alone.copy() if plain else self.choice.log_odds(np.stack(features), alone, probabilities)
        if digit is None:
            digit = np.full(len(logits), np.nan, np.float32)
        return Looks(logits, digit, probabilities, alone, odds)

    def _look_again(self, inks: Sequence[NormalisedInk], looks: Looks) -> Looks:
        """Look at unsure proposals again, and replace what the first look gave, if the checkpoint says so."""
        certain = self.metadata.second_look or 0.0
        unsure = np.flatnonzero(doubt(looks.logits, certain)).tolist()
        if unsure:
            some, first = [inks[place] for place in unsure], looks.take(unsure)
            fields = self.network_input(np.stack([ink.field for ink in some]))
            digit = None if np.isnan(first.digit[0]) else first.digit
            again = self._looks(some, *look_again(fields, first.logits, digit, self._run, certain))
            for column, seen in zip(looks, again, strict=True):
                column[unsure] = seen
        return looks

    def score(self, fields: NDArray[np.uint8], *, again: bool = True) -> Scores:
        """Score fields (n, 28, 28), 0 background to 255 ink, in their order.

        Unsure fields get a second look, if the checkpoint asks for it and `again` is true.

        Raises:
            ValueError: the fields are not uint8 of that shape.
        """
        fields = self.network_input(fields)
        certain = (self.metadata.second_look or 0.0) if again else 0.0
        logits, digit = look_again(fields, *self._run(fields), self._run, certain)
        return calibrated(logits, digit, self.metadata)

    def layers(self, field: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Every layer's activations for one field (28, 28): maps (maps, h, w) or units (units,), by name.

        Raises:
            ValueError: the field is not uint8 of that shape.
        """
        layers = self.engine.layers(self.network_input(field[None]))
        return {name: values[0] for name, values in layers.items()}

    def network_input(self, fields: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pad fields (n, 28, 28) to the network's input size S (28 or 32) with background: (n, S, S).

        Raises:
            ValueError: the fields are not uint8 of that shape.
        """
        if fields.dtype != np.uint8 or fields.ndim != 3 or fields.shape[1:] != (FIELD_SIDE, FIELD_SIDE):
            raise ValueError(f"fields are uint8 (n, 28, 28), not {fields.dtype} {fields.shape}")
        border = (self.input_size - FIELD_SIDE) // 2
        return np.pad(fields, ((0, 0), (border, border), (border, border))) if border else fields

    def _run(self, fields: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """The engine's outputs for any number of fields (n, S, S), `CHUNK` at a time.

        When a device runs out of memory, half as many are tried.
        """
        parts: list[tuple[Floats, Floats | None]] = []
        start, most = 0, CHUNK
        while start < len(fields):
            try:
                parts.append(self.engine.run(fields[start : start + most]))
            except RuntimeError as error:  # the only class that the errors of torch and ONNX Runtime share
                if "out of memory" not in str(error).lower() or most == 1:
                    raise
                most //= 2
                continue
            start += most
        if len(parts) == 1:
            return parts[0]
        logits = np.concatenate([np.zeros((0, 10), np.float32), *(part[0] for part in parts)])
        heads = [part[1] for part in parts if part[1] is not None]
        return logits, np.concatenate(heads) if heads else None


def _several(inks: Sequence[NormalisedInk]) -> bool:
    """Whether any two of these proposals, which all look like digits, are apart and of similar height.

    Digits that lean towards each other have boxes that overlap a little.
    """
    return any(
        0.5 < one[3] / other[3] < 2.0
        and any(
            min(one[n] + one[n + 2], other[n] + other[n + 2]) - max(one[n], other[n])
            <= OVERLAP * min(one[n + 2], other[n + 2])
            for n in (0, 1)
        )
        for one, other in combinations([ink.box for ink in inks], 2)
    )


def _answer(
    ink: NormalisedInk, probabilities: list[float], digit_score: float, accept: float, *, several: bool
) -> Answer:
    # The inside of a row of digits may show one of them alone, as the inside of a frame does.
    plain = ink.is_plain or ink.way.endswith("inside")
    digit, is_digit, reason, between = decide(
        probabilities, digit_score, several=several, plain=plain, accept=accept
    )
    if not ink.is_plain:
        ink = replace(ink, further=list)  # so that the answer does not keep the picture
    return Answer(digit, probabilities[digit], probabilities, is_digit, digit_score, reason, between, ink)
