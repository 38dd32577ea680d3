"""What is known of trained weights, kept in the same file as the weights: as JSON, without torch."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from pathlib import Path
from typing import Any

CHECKPOINTS = Path(__file__).with_name("checkpoints")
"""Where the trained weights that come with the project lie."""

KEY = "digits"
"""The entry of a safetensors header, or of an ONNX model's metadata, under which the JSON stands."""


class CheckpointError(ValueError):
    """Weights that cannot be used; the message is one line that names the file and the reason."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


@dataclass(slots=True)
class Metadata:
    """What a checkpoint says of itself.

    `temperature` divides the logits before the softmax, `accept` is the least digit score of what counts as a
    digit, `rubbish` is j of lenet5-1998. `training` holds the exact settings, `measured` the figures found
    with these weights (accuracy and ece as fractions), `digit_head` the sizes of the head, where there is one.
    `digest` is the SHA-256 of the weights and is written by `checkpoint.save`.
    """

    architecture: str
    input_size: int
    parameters: int
    connections: int
    description: str = ""
    classes: list[str] = field(default_factory=lambda: list("0123456789"))
    temperature: float = 1.0
    accept: float = 0.5
    rubbish: float | None = None
    digit_head: dict[str, int] | None = None
    training: dict[str, Any] = field(default_factory=dict)
    measured: dict[str, Any] = field(default_factory=dict)
    digest: str = ""

    def to_json(self) -> str:
        """The metadata as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_header(cls, header: Mapping[str, str] | None, path: Path | str) -> "Metadata":
        """Read the metadata from a file's string-to-string header.

        Raises:
            CheckpointError: if the entry is missing, is no JSON of this form, or holds impossible values.
        """
        if header is None or KEY not in header:
            raise CheckpointError(path, "has no metadata of this project; was it made by this command line?")
        try:
            values = json.loads(header[KEY])
        except ValueError as error:
            raise CheckpointError(path, f"its metadata is no JSON ({error})") from error
        if not isinstance(values, dict):
            raise CheckpointError(path, "its metadata is no JSON object")
        known = {entry.name for entry in fields(cls)}
        try:
            metadata = cls(**{name: value for name, value in values.items() if name in known})
        except TypeError as error:
            raise CheckpointError(path, "its metadata lacks architecture, input_size or counts") from error
        reason = metadata.flaw()
        if reason:
            raise CheckpointError(path, reason)
        return metadata

    def flaw(self) -> str | None:
        """What is wrong with the values, or None."""
        for name in ("architecture", "description", "digest"):
            if not isinstance(getattr(self, name), str):
                return f"its metadata's {name} is no text"
        if self.input_size not in (28, 32):
            return f"its metadata's input_size is {self.input_size!r}, neither 28 nor 32"
        if not isinstance(self.classes, list) or len(self.classes) != 10:
            return "its metadata does not name ten classes"
        if not _is_number(self.temperature) or self.temperature <= 0:
            return f"its metadata's temperature is {self.temperature!r}, which is not above 0"
        if not _is_number(self.accept) or not 0 <= self.accept <= 1:
            return f"its metadata's accept is {self.accept!r}, which is not within 0 and 1"
        if self.rubbish is not None and not _is_number(self.rubbish):
            return f"its metadata's rubbish is {self.rubbish!r}, which is no number"
        if self.digit_head is not None and not (
            isinstance(self.digit_head, dict)
            and all(
                isinstance(self.digit_head.get(size), int) and self.digit_head[size] > 0
                for size in ("features", "hidden")
            )
        ):
            return "its metadata's digit_head lacks features or hidden"
        for name in ("training", "measured"):
            if not isinstance(getattr(self, name), dict):
                return f"its metadata's {name} is no object"
        return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
