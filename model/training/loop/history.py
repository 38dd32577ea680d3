"""A run's history: small checkpoints saved along the way, closer together at the beginning."""

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save

from model.training.data import LabelledImages
from model.training.loop.records import validate
from model.training.loop.trainer import Trainer

INDEX = "index.json"


def moments(count: int, steps: int) -> list[int]:
    """At most `count` of a run's `steps`: 0, 1 and (from 3 on) the last one, at growing distances."""
    return sorted({0, *(round(steps ** (i / max(count - 2, 1))) for i in range(count - 1))} if count else ())


class History:
    """Writes a run's history into a folder: `NN.safetensors` in half precision, and an index of them.

    The index is a list with, for each file, `step`, the `images` learned from so far, and `accuracy` and
    `loss` (the calibrated negative log-likelihood) on the validation part.
    """

    def __init__(self, folder: Path, count: int, trainer: Trainer, validation: LabelledImages) -> None:
        self._folder, self._trainer, self._validation = folder, trainer, validation
        self._moments = moments(count, trainer.steps)

    def note(self) -> None:
        """Write a checkpoint if one is due at this step, replacing one that was written before."""
        step = self._trainer.step
        if step not in self._moments:
            return
        number = self._moments.index(step)
        index = self._folder / INDEX
        entries: list[dict[str, Any]] = json.loads(index.read_text()) if number else []
        network = self._trainer.averaged().network
        found = validate(network, None, self._validation, self._trainer.device)
        tensors = {name: tensor.half().cpu() for name, tensor in network.fold().state_dict().items()}
        entry: dict[str, Any] = {"step": step, "images": step * self._trainer.settings.batch}
        entry |= {"accuracy": found.accuracy, "loss": round(found.nll, 5)}
        self._folder.mkdir(exist_ok=True)
        (self._folder / f"{number:02}.safetensors").write_bytes(save(tensors))
        index.write_text(json.dumps([*entries[:number], entry], indent=1) + "\n")
