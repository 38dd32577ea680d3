"""From normalised fields to calibrated probabilities and a digit score, whatever engine computes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.checkpoints.metadata import Metadata, locate
from model.engines import Engine, open_engine
from model.recognition.second_look import look_again

CHUNK = 256
"""How many fields go through the network at once: more are no faster, and their feature maps take memory."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """The answers for n fields.

    `probabilities` (n, 10): calibrated, each row's sum 1. `digit_score` (n,): 0 to 1, how much the field
    looks like one legible digit.
    """

    probabilities: NDArray[np.float32]
    digit_score: NDArray[np.float32]

    @property
    def digits(self) -> NDArray[np.int64]:
        """The most probable digit of each field, (n,)."""
        digits: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return digits

    @property
    def confidences(self) -> NDArray[np.float32]:
        """The probability of that digit, (n,)."""
        confidences: NDArray[np.float32] = self.probabilities.max(axis=1, initial=0)
        return confidences

    @classmethod
    def joined(cls, parts: Sequence["Recognition"]) -> "Recognition":
        """The answers of at least one part, one behind the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            np.concatenate([part.probabilities for part in parts]),
            np.concatenate([part.digit_score for part in parts]),
        )

    def part(self, start: int, end: int) -> "Recognition":
        """The answers for the fields from `start` on that come before `end`."""
        return Recognition(self.probabilities[start:end], self.digit_score[start:end])


class Recogniser:
    """A trained network, its temperature, and its judgement of what is a digit; for one thread at a time.

    The digit score is that of `digit_logit`, calibrated by `score_of`; `accept` is the least of a digit.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name
        self.metadata: Metadata = engine.metadata
        self.input_size = self.metadata.input_size
        self.accept = self.metadata.accept

    @classmethod
    def load(cls, path_or_preset: Path | str, device: str = "auto", engine: str = "auto") -> "Recogniser":
        """The recogniser of a checkpoint (.safetensors, .onnx) or of a shipped preset, `lenet5` say.

        Raises:
            CheckpointError, DeviceError, EngineError: each with one clear line; see `model.engines`.
        """
        return cls(open_engine(path_or_preset, device, engine), locate(path_or_preset).stem)

    def recognise(self, fields: NDArray[np.uint8]) -> Recognition:
        """Fields (n, S, S), S = `input_size`, 0 background to 255 ink -> the answers, in the same order.

        What the first look leaves unsure is looked at again, where the checkpoint wants it.

        Raises:
            ValueError: if the fields are not uint8 of that shape.
        """
        self._check(fields)
        if len(fields) <= CHUNK:
            return self._recognise(fields)
        starts = range(0, len(fields), CHUNK)
        return Recognition.joined([self._recognise(fields[start : start + CHUNK]) for start in starts])

    def layers(self, field: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Every layer's activations for one field (S, S): maps (maps, h, w) or units (units,), by name.

        Raises:
            ValueError: if the field is not uint8 of that shape.
        """
        self._check(field[None])
        return {name: values[0] for name, values in self.engine.layers(field[None]).items()}

    def is_digit(self, score: float, accept: float | None = None) -> bool:
        """Whether a digit score is that of a digit, by the checkpoint's threshold or another in [0, 1]."""
        return bool(score >= (self.accept if accept is None else accept))

    def _recognise(self, fields: NDArray[np.uint8]) -> Recognition:
        if not len(fields):
            return Recognition(np.zeros((0, 10), np.float32), np.zeros(0, np.float32))
        logits, digit = self.engine.run(fields)
        if len(fields) == 1 and digit is not None:
            found = lone_answer(logits[0].tolist(), digit.item(), self.metadata)
            if found is not None:
                return found
        if self.metadata.second_look is not None:
            logits, digit = look_again(fields, logits, digit, self.engine.run, self.metadata.second_look)
        wide = logits.astype(np.float64)
        probabilities = _softmax(wide / self.metadata.temperature)
        score = score_of(digit_logit(wide, digit, self.metadata), self.metadata)
        return Recognition(probabilities.astype(np.float32), score.astype(np.float32))

    def _check(self, fields: NDArray[np.uint8]) -> None:
        size = self.input_size
        if fields.dtype != np.uint8 or fields.ndim != 3 or fields.shape[1:] != (size, size):
            raise ValueError(
                f"{self.name} takes uint8 fields (n, {size}, {size}), not {fields.dtype} {fields.shape}"
            )


def lone_answer(logits: list[float], digit: float, metadata: Metadata) -> Recognition | None:
    """What is made of the outputs for a single field; None where it is to be looked at again.

    Step by step the same as for many: numpy takes longer to be called than to reckon with ten numbers.
    """
    highest = max(logits)
    certain = metadata.second_look
    if certain is not None and sum([exp(logit - highest) for logit in logits]) * certain > 1.0:
        return None
    shares = [exp((logit - highest) / metadata.temperature) for logit in logits]
    total = sum(shares)
    odds = min(max(-metadata.digit_scale * digit - metadata.digit_offset, -500.0), 500.0)
    return Recognition(
        np.array([[share / total for share in shares]], np.float32),
        np.array([1.0 / (1.0 + exp(odds))], np.float32),
    )


def digit_logit(
    logits: NDArray[np.floating], digit: NDArray[np.floating] | None, metadata: Metadata
) -> NDArray[np.float64]:
    """How much each field looks like one legible digit, as log-odds (n,) before they are calibrated.

    The digit head's logits `digit` (n,) where the checkpoint has one; for lenet5-1998 the odds of all that is
    not its rubbish class; for the rest those of the highest probability. `logits` are the network's (n, 10).
    """
    if digit is not None:
        return digit.astype(np.float64)
    wide = logits.astype(np.float64)
    if metadata.rubbish is not None:
        return _log_sum_exp(wide) + metadata.rubbish
    ordered = np.sort(wide / metadata.temperature, axis=1)
    odds: NDArray[np.float64] = ordered[:, -1] - _log_sum_exp(ordered[:, :-1])
    return odds


def score_of(logit: NDArray[np.float64], metadata: Metadata) -> NDArray[np.float64]:
    """The digit score, 0 to 1, of log-odds (n,): their sigmoid by the checkpoint's calibration."""
    odds = logit * -metadata.digit_scale
    odds -= metadata.digit_offset
    np.minimum(np.maximum(odds, -500.0, out=odds), 500.0, out=odds)
    score: NDArray[np.float64] = 1.0 / (1.0 + np.exp(odds, out=odds))
    return score


def _log_sum_exp(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of the sum of each row's exponentials."""
    highest = logits.max(axis=1)
    total: NDArray[np.float64] = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    return total


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The softmax of each row."""
    shares: NDArray[np.float64] = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    np.exp(shares, out=shares)
    shares /= np.add.reduce(shares, axis=1, keepdims=True)
    return shares
