"""The reference engine: torch, on any device."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.checkpoints import checkpoint
from model.engines import Floats
from model.engines.device import choose_device


class TorchEngine:
    """A checkpoint in torch; how many threads compute is the caller's choice (`torch.set_num_threads`)."""

    name = "torch"

    def __init__(self, path: Path | str, device: str = "auto") -> None:
        self._device = choose_device(device)
        loaded = checkpoint.load(path)
        self.device = str(self._device)
        self.metadata = loaded.metadata
        self._network = loaded.network.to(self._device).requires_grad_(False)
        self._head = None if loaded.digit_head is None else loaded.digit_head.to(self._device)

    def run(self, fields: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """Fields (n, S, S), 0 to 255 -> logits (n, 10), and the digit head's (n,) if there is one."""
        with torch.inference_mode():
            logits, features = self._network.features(self._tensor(fields))
            digit = None if self._head is None else self._head(features)
        return logits.cpu().numpy(), None if digit is None else digit.cpu().numpy()

    def layers(self, fields: NDArray[np.uint8]) -> dict[str, Floats]:
        """Every layer's activations for fields (n, S, S), by textbook name."""
        with torch.inference_mode():
            layers = self._network.layers(self._tensor(fields))
        return {name: activations.cpu().numpy() for name, activations in layers.items()}

    def _tensor(self, fields: NDArray[np.uint8]) -> Tensor:
        # torch wants writable arrays, and the pixels of a decoded file are read-only: those are copied.
        batch = torch.from_numpy(np.require(fields, requirements=["C", "W"]))
        batch = batch.pin_memory() if self._device.type == "cuda" else batch
        return batch.to(self._device, non_blocking=True).unsqueeze(1).float() / 255
