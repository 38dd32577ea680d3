"""What computes a network's outputs: torch, the reference on any device, or ONNX Runtime, faster on a CPU.

Neither is imported before an engine of its kind is opened.
"""

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.checkpoints.metadata import CheckpointError, Metadata, locate, read_metadata
from model.engines.device import DeviceError, accelerator_in_sight, choose_device, parse_device

__all__ = ["Engine", "EngineError", "device", "onnx_engine", "open_engine", "torch_engine"]

ENGINES = ("auto", "torch", "onnx")

Floats = NDArray[np.float32]

log = logging.getLogger(__name__)


class EngineError(ValueError):
    """The engine asked for does not exist, is not installed or does not read the file; one clear line."""


class Engine(Protocol):
    """A network with its weights on a device; for one thread at a time."""

    name: str
    device: str
    metadata: Metadata

    def run(self, fields: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """Fields (n, S, S), 0 to 255, n >= 1 -> logits (n, 10), and the digit head's (n,) if there is one."""
        ...

    def layers(self, fields: NDArray[np.uint8]) -> dict[str, Floats]:
        """Every layer's activations for fields (n, S, S), by textbook name, the batch first."""
        ...


def open_engine(checkpoint: Path | str, device: str = "auto", engine: str = "auto") -> Engine:
    """Open the engine for a checkpoint: a .safetensors or .onnx file, or the name of a shipped preset.

    `auto` takes ONNX Runtime on a CPU if it is installed and the checkpoint's .onnx file lies beside it, made
    from the same weights; otherwise torch.

    Raises:
        EngineError: the engine is not one of `ENGINES`, is not installed or does not read such a file.
        DeviceError: there is no such device, or the engine does not compute on it.
        CheckpointError: the file cannot be used.
    """
    device = parse_device(device)
    if engine not in ENGINES:
        raise EngineError(f"no engine is called {engine!r}; say {', '.join(ENGINES)}")
    path = locate(checkpoint)
    if path.suffix == ".onnx":
        if engine == "torch":
            raise EngineError(f"{path}: the torch engine takes a .safetensors file")
        engine = "onnx"
    if engine == "onnx":
        if device not in ("auto", "cpu"):
            raise DeviceError(f"{device} was asked for, but the onnx engine computes on the CPU")
        return _open_onnx(path)
    on_cpu, has_torch = engine == "auto" and _on_cpu(device), find_spec("torch") is not None
    if on_cpu and find_spec("onnxruntime") is not None and path.with_suffix(".onnx").exists():
        try:
            return _open_onnx(path)
        except CheckpointError as error:
            if not has_torch:
                raise
            log.warning("%s; torch computes instead", error)
    elif on_cpu and path.exists() and has_torch:
        log.info("torch computes %s; `python -m model export %s` makes it faster on a CPU", path.stem, path)
    if not has_torch:
        other = f", or [onnx] and {path.stem}.onnx beside it (`python -m model export` writes it)"
        missing = f"{path} needs torch, which is not installed: pip install 'digits[torch]'"
        raise EngineError(missing + (other if on_cpu else ""))
    from model.engines.torch_engine import TorchEngine

    return TorchEngine(path, device)


def _open_onnx(path: Path) -> Engine:
    if find_spec("onnxruntime") is None:
        raise EngineError("the onnx engine needs ONNX Runtime: pip install 'digits[onnx]'")
    from model.engines.onnx_engine import OnnxEngine

    path, weights = path.with_suffix(".onnx"), path.with_suffix(".safetensors")
    engine = OnnxEngine(path)
    if weights.exists() and read_metadata(weights) != engine.metadata:
        raise CheckpointError(path, f"was not made from {weights.name} as it is now: export it again")
    return engine


def _on_cpu(device: str) -> bool:
    """Whether the device is the CPU, asking torch only where there may be another."""
    if device == "auto" and accelerator_in_sight() and find_spec("torch") is not None:
        return choose_device(device).type == "cpu"
    return device in ("auto", "cpu")
