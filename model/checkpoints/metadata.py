"""The metadata of trained weights: JSON in the header of their file, read without torch."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass
from safetensors import SafetensorError, safe_open

from model.networks.presets import Preset, preset_named

CHECKPOINTS = Path(__file__).parents[1] / "weights"
"""The folder of the trained weights that come with the project."""

KEY = "digits"
"""The entry of a safetensors header, or of an ONNX model's metadata, that holds the JSON."""

PICKLED = (".pt", ".pth", ".pkl", ".bin", ".ckpt")
"""Endings of the names of files that only `model.checkpoints.convert` reads."""

Number = Annotated[float, Field(allow_inf_nan=False)]
Above0 = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Units = Annotated[int, Field(gt=0, le=4096)]


class CheckpointError(ValueError):
    """Weights that cannot be used; the message is one line that names the file and the reason."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


@dataclass(slots=True, config=ConfigDict(strict=True))
class Metadata:
    """What a checkpoint says about itself.

    `temperature` divides the logits before the softmax. The digit score is the sigmoid of `digit_scale` times
    the log-odds of a digit plus `digit_offset`, so that 0.5 means even odds; `accept` is the least score of a
    digit. A field whose highest probability is below `second_look` is looked at again, unless that is None.
    `rubbish` is j of lenet5-1998. `digit_head` has the sizes of the head, if there is one. `training` holds
    the exact settings, `measured` the figures found with these weights (accuracy and ece as fractions).
    `digest` is the SHA-256 of the weights and is written by `checkpoint.save`.
    """

    architecture: str
    input_size: Literal[28, 32]
    parameters: int
    connections: int
    description: str = ""
    classes: Annotated[list[str], Field(min_length=10, max_length=10)] = Field(
        default_factory=lambda: list("0123456789")
    )
    temperature: Above0 = 1.0
    accept: Share = 0.5
    digit_scale: Above0 = 1.0
    digit_offset: Number = 0.0
    second_look: Annotated[float, Field(gt=0, le=1)] | None = None
    rubbish: Number | None = None
    digit_head: dict[Literal["features", "hidden"], Units] | None = Field(default=None, min_length=2)
    training: dict[str, Any] = Field(default_factory=dict)
    measured: dict[str, Any] = Field(default_factory=dict)
    digest: str = ""

    def to_json(self) -> str:
        """The metadata as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def checked(cls, values: Mapping[str, Any], path: Path | str) -> "Metadata":
        """Make metadata from plain values, ignoring unknown entries.

        Raises:
            CheckpointError: a value is missing or impossible.
        """
        try:
            metadata = cls(**values)
            preset = metadata.preset
        except ValidationError as error:
            flaw = error.errors(include_url=False)[0]
            name, wrong = ".".join(map(str, flaw["loc"])), flaw["input"]
            found = "is not there" if flaw["type"] == "missing" else f"is {wrong!r}: {flaw['msg']}"
            raise CheckpointError(path, f"its metadata's {name} {found}") from error
        except KeyError as error:
            raise CheckpointError(path, str(error.args[0])) from error
        if metadata.input_size != preset.input_size:
            says = f"says input_size {metadata.input_size}, but {preset.name} takes {preset.input_size}"
            raise CheckpointError(path, says)
        return metadata

    @classmethod
    def from_header(cls, header: Mapping[str, str] | None, path: Path | str) -> "Metadata":
        """Read the metadata from a file's string-to-string header.

        Raises:
            CheckpointError: the entry is missing, is no JSON of this form, or holds impossible values.
        """
        if header is None or KEY not in header:
            raise CheckpointError(path, "has no metadata of this project; was it made by this command line?")
        try:
            values = json.loads(header[KEY])
        except ValueError as error:
            raise CheckpointError(path, f"its metadata is no JSON ({error})") from error
        if not isinstance(values, dict):
            raise CheckpointError(path, "its metadata is no JSON object")
        return cls.checked(values, path)

    @property
    def preset(self) -> Preset:
        """The preset of the architecture's name; `KeyError` if there is none."""
        return preset_named(self.architecture)


def locate(path: Path | str, suffix: str = ".safetensors") -> Path:
    """Find the file that a path or the name of a shipped preset means.

    Raises:
        CheckpointError: its name is that of a pickled file.
    """
    path = Path(path)
    if path.suffix in PICKLED:
        raise CheckpointError(path, "is no checkpoint; `python -m model convert` makes one of its weights")
    if path.suffix or path.is_file() or path.parent != Path():
        return path
    return CHECKPOINTS / f"{path}{suffix}"


@contextmanager
def opened(path: Path, framework: Literal["numpy", "pt"] = "numpy") -> Iterator[Any]:
    """Open a safetensors file for reading.

    Raises:
        CheckpointError: there is no such file, or it is of another kind.
    """
    try:
        with safe_open(path, framework=framework) as file:
            yield file
    except FileNotFoundError as error:
        reason = "there is no such file"
        if path.parent == CHECKPOINTS:
            names = sorted(file.stem for file in CHECKPOINTS.glob(f"*{path.suffix}"))
            reason += f"; the names are {', '.join(names)}"
        raise CheckpointError(path, reason) from error
    except (OSError, SafetensorError) as error:
        raise CheckpointError(path, f"is no readable safetensors file ({error})") from error


def read_metadata(path: Path | str) -> Metadata:
    """Read the metadata of a checkpoint, without its weights and without torch.

    Raises:
        CheckpointError: there is no such file, or it is no checkpoint.
    """
    path = locate(path)
    with opened(path) as file:
        return Metadata.from_header(file.metadata(), path)


def shipped() -> dict[str, Metadata]:
    """Read the metadata of the project's own checkpoints, by name, the default `lenet5` first."""
    paths = sorted(CHECKPOINTS.glob("*.safetensors"), key=lambda path: (path.stem != "lenet5", path.stem))
    return {path.stem: read_metadata(path) for path in paths}
