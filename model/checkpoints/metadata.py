"""What is known of trained weights, kept in the same file as the weights: as JSON, without torch."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from model.networks.presets import Preset, preset_named

CHECKPOINTS = Path(__file__).parents[1] / "weights"
"""Where the trained weights that come with the project lie."""

KEY = "digits"
"""The entry of a safetensors header, or of an ONNX model's metadata, under which the JSON stands."""


PICKLED = (".pt", ".pth", ".pkl", ".bin", ".ckpt")
"""How the names of files end that only `model.checkpoints.convert` reads."""


class CheckpointError(ValueError):
    """Weights that cannot be used; the message is one line that names the file and the reason."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


@dataclass(slots=True)
class Metadata:
    """What a checkpoint says of itself.

    `temperature` divides the logits before the softmax. The digit score is the sigmoid of `digit_scale` times
    the log-odds of a digit plus `digit_offset`, so that 0.5 means even odds; `accept` is the least score of
    what counts as a digit. A field whose highest probability is below `second_look` is looked at again,
    unless that is None: see `second_look`. `rubbish` is j of lenet5-1998. `training` holds the exact
    settings, `measured` the figures found with these weights (accuracy and ece as fractions), `digit_head`
    the sizes of the head, if there is one. `digest` is the SHA-256 of the weights and is written by
    `checkpoint.save`.
    """

    architecture: str
    input_size: int
    parameters: int
    connections: int
    description: str = ""
    classes: list[str] = field(default_factory=lambda: list("0123456789"))
    temperature: float = 1.0
    accept: float = 0.5
    digit_scale: float = 1.0
    digit_offset: float = 0.0
    second_look: float | None = None
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
        try:
            preset = metadata.preset
        except KeyError as error:
            raise CheckpointError(path, str(error.args[0])) from error
        if metadata.input_size != preset.input_size:
            told = f"says input_size {metadata.input_size}, but {preset.name} takes {preset.input_size}"
            raise CheckpointError(path, told)
        return metadata

    @property
    def preset(self) -> Preset:
        """What the network is; `KeyError` if there is none of the architecture's name."""
        return preset_named(self.architecture)

    def flaw(self) -> str | None:
        """What is wrong with the values, or None."""
        head = self.digit_head
        rules = (
            (isinstance(self.architecture, str), "architecture", "no text"),
            (isinstance(self.description, str), "description", "no text"),
            (isinstance(self.digest, str), "digest", "no text"),
            (self.input_size in (28, 32), "input_size", "neither 28 nor 32"),
            (isinstance(self.classes, list) and len(self.classes) == 10, "classes", "not a list of ten"),
            (_is_number(self.temperature) and self.temperature > 0, "temperature", "not above 0"),
            (_is_number(self.accept) and 0 <= self.accept <= 1, "accept", "not within 0 and 1"),
            (_is_number(self.digit_scale) and self.digit_scale > 0, "digit_scale", "not above 0"),
            (_is_number(self.digit_offset), "digit_offset", "no number"),
            (
                self.second_look is None or (_is_number(self.second_look) and 0 < self.second_look <= 1),
                "second_look",
                "not within 0 and 1",
            ),
            (self.rubbish is None or _is_number(self.rubbish), "rubbish", "no number"),
            (isinstance(self.training, dict), "training", "no object"),
            (isinstance(self.measured, dict), "measured", "no object"),
            (
                head is None
                or (
                    isinstance(head, dict)
                    and set(head) == {"features", "hidden"}
                    and all(isinstance(units, int) and 0 < units <= 4096 for units in head.values())
                ),
                "digit_head",
                "not its two sizes",
            ),
        )
        for holds, name, reason in rules:
            if not holds:
                return f"its metadata's {name} is {getattr(self, name)!r}, {reason}"
        return None


def locate(path: Path | str, suffix: str = ".safetensors") -> Path:
    """The file that a path, or the name of a shipped preset, means.

    Raises:
        CheckpointError: if its name is that of a pickled file.
    """
    path = Path(path)
    if path.suffix in PICKLED:
        raise CheckpointError(path, "is no checkpoint; `python -m model convert` makes one of its weights")
    if path.suffix or path.is_file() or path.parent != Path():
        return path
    return CHECKPOINTS / f"{path}{suffix}"


def missing(path: Path) -> CheckpointError:
    """What to say of a checkpoint that is not there: of a name, which names there are."""
    if path.parent != CHECKPOINTS:
        return CheckpointError(path, "there is no such file")
    names = sorted(file.stem for file in CHECKPOINTS.glob(f"*{path.suffix}"))
    return CheckpointError(path, f"there is no such file; the names are {', '.join(names)}")


def read_metadata(path: Path | str) -> Metadata:
    """The metadata of a checkpoint, without its weights and without torch.

    Raises:
        CheckpointError: if there is no such file, or it is no checkpoint.
    """
    path = locate(path)
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata()
    except FileNotFoundError as error:
        raise missing(path) from error
    except (OSError, SafetensorError) as error:
        raise CheckpointError(path, f"is no readable safetensors file ({error})") from error
    return Metadata.from_header(header, path)


def shipped() -> dict[str, Metadata]:
    """The checkpoints that come with the project, by name, the default `lenet5` first."""
    paths = sorted(CHECKPOINTS.glob("*.safetensors"), key=lambda path: (path.stem != "lenet5", path.stem))
    return {path.stem: read_metadata(path) for path in paths}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
