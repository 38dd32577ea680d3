"""The faster engine on a CPU: ONNX Runtime, without torch."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model.checkpoints.metadata import CheckpointError, Metadata
from model.engines import Floats
from model.networks.presets import LAYERS

PROBE = "probe"
"""The entry of the model's metadata that holds the logits of `probe_field`, as the exporter computed them."""


class OnnxEngine:
    """A network that `model.checkpoints.export` wrote, on one thread of the CPU."""

    name = "onnx"
    device = "cpu"

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise CheckpointError(path, "there is no such file; `python -m model export` writes it")
        options = onnxruntime.SessionOptions()
        # One thread: a network of 61,706 weights gains nothing from more, and the cores are the server's.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's own classes share no base but this
            raise CheckpointError(path, f"is no ONNX model ({str(error).splitlines()[0]})") from error
        header = self._session.get_modelmeta().custom_metadata_map
        self.metadata = Metadata.from_header(header, path)
        self._outputs = ["output"] if self.metadata.digit_head is None else ["output", "digit"]
        self._check(path, header)

    def run(self, fields: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """Fields (n, S, S), 0 to 255 -> logits (n, 10), and the digit head's (n,) if there is one."""
        outputs = self._session.run(self._outputs, {"fields": fields})
        return outputs[0], outputs[1] if len(outputs) > 1 else None

    def layers(self, fields: NDArray[np.uint8]) -> dict[str, Floats]:
        """Every layer's activations for fields (n, S, S), by textbook name."""
        return dict(zip(LAYERS, self._session.run(LAYERS, {"fields": fields}), strict=True))

    def _check(self, path: Path, header: dict[str, str]) -> None:
        """Compare names and shapes with the metadata, and the probe's answer with the stored one."""
        size = self.metadata.input_size
        inputs = [(entry.name, entry.shape[1:], entry.type) for entry in self._session.get_inputs()]
        if inputs != [("fields", [size, size], "tensor(uint8)")]:
            raise CheckpointError(path, f"does not take uint8 fields of {size}x{size}")
        missing = {*LAYERS, *self._outputs} - {entry.name for entry in self._session.get_outputs()}
        if missing:
            raise CheckpointError(path, f"has no output {', '.join(sorted(missing))}: export it again")
        logits, _ = self.run(probe_field(size)[None])
        stored = np.array(json.loads(header.get(PROBE, "null")), dtype=np.float32)
        if stored.shape != (10,) or not np.allclose(logits[0], stored, rtol=1e-3, atol=1e-3):
            raise CheckpointError(path, "does not give the answer that it gave when it was written")


def probe_field(size: int) -> NDArray[np.uint8]:
    """A fixed field (size, size) of many greys; its logits show whether a file is as it was written."""
    pixels = np.arange(size * size, dtype=np.int64)
    return (pixels * pixels * 37 % 256).astype(np.uint8).reshape(size, size)
