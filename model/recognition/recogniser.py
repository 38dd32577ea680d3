"""From ink to an answer: both candidates, the second look, calibration and the decision, on any engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.checkpoints.metadata import Metadata, locate
from model.engines import Engine, open_engine
from model.ink import DEFAULT_LIMITS, FIELD_SIDE, InkError, Limits, NormalisedInk, normalise_images
from model.recognition.calibration import Scores, calibrated
from model.recognition.candidates import candidates, choose
from model.recognition.decision import Reason, decide
from model.recognition.second_look import Floats, look_again

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
    """The ink that was answered: of a doubtful picture, the candidate that was chosen."""


class Recogniser:
    """A trained network with its calibration and its threshold; for one thread at a time."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name
        self.metadata: Metadata = engine.metadata
        self.input_size = self.metadata.input_size
        self.accept = self.metadata.accept

    @classmethod
    def load(cls, path_or_preset: Path | str, device: str = "auto", engine: str = "auto") -> "Recogniser":
        """Load a checkpoint (.safetensors, .onnx) or a shipped preset, `lenet5` for instance.

        Raises:
            CheckpointError, DeviceError, EngineError: each with one clear line; see `model.engines`.
        """
        return cls(open_engine(path_or_preset, device, engine), locate(path_or_preset).stem)

    def recognise(
        self, images: Sequence[bytes], *, limits: Limits = DEFAULT_LIMITS, accept: float | None = None
    ) -> list[Answer | InkError]:
        """Answer image files, in their order; an error stands in the place of one that has no answer."""
        inks = normalise_images(images, limits=limits)
        answers = iter(self.answer([ink for ink in inks if isinstance(ink, NormalisedInk)], accept))
        return [ink if isinstance(ink, InkError) else next(answers) for ink in inks]

    def answer(self, inks: Sequence[NormalisedInk], accept: float | None = None) -> list[Answer]:
        """Answer n pictures or drawings: the one way from ink to an answer.

        Args:
            inks: What the normaliser gave, the other candidates of doubtful pictures included.
            accept: The least score of a digit, 0 to 1; the checkpoint's own when None.
        """
        if not inks:
            return []
        accept = self.accept if accept is None else accept
        shown = candidates(inks)
        scores = self.score(np.stack([ink.field for ink in shown]))
        rows, digit_scores = scores.probabilities.tolist(), scores.digit_score.tolist()
        return [
            _answer(shown[place], rows[place], digit_scores[place], accept)
            for place in choose(shown, scores.digit_score)
        ]

    def score(self, fields: NDArray[np.uint8]) -> Scores:
        """Score fields (n, 28, 28), 0 background to 255 ink, in their order.

        Unsure fields get a second look, if the checkpoint asks for it.

        Raises:
            ValueError: the fields are not uint8 of that shape.
        """
        fields = self.network_input(fields)
        logits, digit = self._run(fields)
        if self.metadata.second_look is not None:
            logits, digit = look_again(fields, logits, digit, self._run, self.metadata.second_look)
        return calibrated(logits, digit, self.metadata)

    def layers(self, field: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Every layer's activations for one field (28, 28): maps (maps, h, w) or units (units,), by name.

        Raises:
            ValueError: the field is not uint8 of that shape.
        """
        layers = self.engine.layers(self.network_input(field[None]))
        return {name: values[0] for name, values in layers.items()}

    def network_input(self, fields: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Fields (n, 28, 28) with the border of background that a 32x32 network has: (n, S, S).

        Raises:
            ValueError: the fields are not uint8 of that shape.
        """
        if fields.dtype != np.uint8 or fields.ndim != 3 or fields.shape[1:] != (FIELD_SIDE, FIELD_SIDE):
            raise ValueError(f"fields are uint8 (n, 28, 28), not {fields.dtype} {fields.shape}")
        border = (self.input_size - FIELD_SIDE) // 2
        return np.pad(fields, ((0, 0), (border, border), (border, border))) if border else fields

    def _run(self, fields: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """The engine's outputs for any number of fields (n, S, S), some at a time."""
        parts = [self.engine.run(fields[start : start + CHUNK]) for start in range(0, len(fields), CHUNK)]
        if len(parts) == 1:
            return parts[0]
        logits = np.concatenate([np.zeros((0, 10), np.float32), *(part[0] for part in parts)])
        heads = [part[1] for part in parts if part[1] is not None]
        return logits, np.concatenate(heads) if heads else None


def _answer(ink: NormalisedInk, probabilities: list[float], digit_score: float, accept: float) -> Answer:
    digit, is_digit, reason, between = decide(probabilities, digit_score, pieces=ink.pieces, accept=accept)
    confidence = probabilities[digit]
    return Answer(digit, confidence, probabilities, is_digit, digit_score, reason, between, ink)
