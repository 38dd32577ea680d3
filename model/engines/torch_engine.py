"""The reference engine: torch, on any device."""

from pathlib import Path
from threading import Lock
from typing import Protocol, cast

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
        chosen = choose_device(device)
        loaded = checkpoint.load(path)
        self.device = str(chosen)
        self.metadata = loaded.metadata
        self._device = chosen
        self._network = loaded.network.to(chosen).requires_grad_(False)
        self._head = loaded.digit_head.to(chosen).requires_grad_(False) if loaded.digit_head else None

    def run(self, fields: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """Fields (n, S, S), 0 to 255 -> logits (n, 10), and the digit head's (n,) if there is one."""
        with torch.inference_mode(), _WITHOUT_ONEDNN:
            logits, features = self._network.features(self._tensor(fields))
            digit = None if self._head is None else self._head(features)
        return _array(logits), None if digit is None else _array(digit)

    def layers(self, fields: NDArray[np.uint8]) -> dict[str, Floats]:
        """Every layer's activations for fields (n, S, S), by textbook name."""
        with torch.inference_mode():
            layers = self._network.layers(self._tensor(fields))
        return {name: _array(activations) for name, activations in layers.items()}

    def _tensor(self, fields: NDArray[np.uint8]) -> Tensor:
        # torch wants to be allowed to write, and pixels of a decoded file are read-only: those are copied.
        writable = np.require(fields, requirements=["C", "W"])
        tensor = torch.from_numpy(writable).to(self._device)
        return tensor.unsqueeze(1).float() * (1 / 255)


class _Switch(Protocol):
    """What oneDNN is switched off by; torch types it as the descriptor behind it."""

    enabled: bool


class _WithoutOnednn:
    """For layers as small as these oneDNN's preparations cost more than its kernels save, at any n.

    The switch is the process's: of several threads the first one turns it off, and the last one back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._before = True

    def __enter__(self) -> None:
        onednn = cast(_Switch, torch.backends.mkldnn)
        with self._lock:
            if not self._inside:
                self._before = onednn.enabled
                onednn.enabled = False
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                cast(_Switch, torch.backends.mkldnn).enabled = self._before


_WITHOUT_ONEDNN = _WithoutOnednn()


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.cpu().numpy()
    return array
