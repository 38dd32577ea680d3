"""The models that can be asked for: found, loaded, and described."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.errors import Refusal
from app.metrics import MODEL_INFO
from app.schemas import Calibration, KernelSet, ModelCard
from app.settings import Settings
from model.checkpoints.kernels import kernels
from model.checkpoints.metadata import CHECKPOINTS, PICKLED
from model.ink import FIELD_SIDE
from model.reading import symbols
from model.recognition import Recogniser

SUFFIXES = (".safetensors", ".onnx")

log = logging.getLogger("digits.models")


class ModelsError(Exception):
    """The models cannot be served; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class Model:
    """A recogniser under the name by which it is asked for."""

    name: str
    recogniser: Recogniser
    path: Path

    def kernels(self) -> KernelSet:
        """The kernels of its convolutions; `CheckpointError` if its .safetensors file cannot be read."""
        return KernelSet(**kernels(self.path.with_suffix(".safetensors")))

    def card(self) -> ModelCard:
        """What `GET /models` says of it."""
        metadata = self.recogniser.metadata
        measured = metadata.measured
        return ModelCard(
            name=self.name,
            pooling=metadata.preset.pooling,
            accuracy=measured.get("accuracy"),
            calibration=Calibration(temperature=metadata.temperature, ece=measured.get("ece")),
            **asdict(metadata),  # the card ignores the other entries
        )


@dataclass(frozen=True, slots=True)
class Models:
    """The models that are served; replaced as a whole when new checkpoints are swapped in."""

    default: Model
    by_name: dict[str, Model]

    def get(self, name: str | None) -> Model:
        """The model asked for, or the default one; `Refusal` where there is no such model."""
        model = self.default if name is None else self.by_name.get(name)
        if model is None:
            raise Refusal("unknown-model", f"There is no such model; there are {', '.join(self.by_name)}.")
        return model

    def warm_up(self) -> None:
        """Let each model score a field, as a first request does; `ModelsError` if that fails."""
        symbols.shipped()  # reading numbers needs these beside the models
        for model in self.by_name.values():
            scores = model.recogniser.score(np.zeros((1, FIELD_SIDE, FIELD_SIDE), dtype=np.uint8))
            if scores.probabilities.shape != (1, 10) or abs(float(scores.probabilities.sum()) - 1) > 1e-3:
                raise ModelsError(f"{model.name}: its warm-up answer is not ten probabilities")


def load(settings: Settings) -> Models:
    """Load the models that the settings name, or all there are when they name none.

    `ModelsError` if a file cannot be served, or the device asked for is not there.
    """
    folder = settings.checkpoints or CHECKPOINTS
    found = sorted({path.stem for suffix in SUFFIXES for path in folder.glob(f"*{suffix}")})
    paths: dict[str, Path] = {}
    for name in (settings.model, *(settings.models or found)):
        is_file = Path(name).suffix in (*SUFFIXES, *PICKLED)  # the latter are refused, with the reason
        path = Path(name) if is_file else _in_folder(folder, name)
        paths.setdefault(path.stem, path)
    by_name: dict[str, Model] = {}
    for name, path in paths.items():
        try:
            recogniser = Recogniser.load(path, settings.device, settings.engine)
        except ValueError as error:  # CheckpointError, DeviceError and EngineError: each one line
            raise ModelsError(str(error)) from error
        by_name[name] = Model(name, recogniser, path)
    return Models(next(iter(by_name.values())), by_name)


def _in_folder(folder: Path, name: str) -> Path:
    weights, exported = (folder / f"{name}{suffix}" for suffix in SUFFIXES)
    return exported if exported.exists() and not weights.exists() else weights


def publish(models: Models, previous: Models | None = None) -> None:
    """Name `models`, and no longer the `previous` ones, in the metrics and the log."""
    for served, value in ((previous, 0), (models, 1)):
        for model in served.by_name.values() if served else ():
            engine, metadata = model.recogniser.engine, model.recogniser.metadata
            size, digest = str(metadata.input_size), metadata.digest[:12]
            MODEL_INFO.labels(model.name, size, digest, engine.name, engine.device).set(value)
    engine = models.default.recogniser.engine
    log.info("serving %s on %s (%s)", ", ".join(models.by_name), engine.device, engine.name)
