"""The faster engine on a CPU: ONNX Runtime, without torch."""

import json
from pathlib import Path
from threading import Lock

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model.checkpoints.metadata import CheckpointError, Metadata
from model.engines import Floats

PROBE = "probe"
"""The entry of the model's metadata that holds the logits of `probe_field`, as the exporter computed them."""

LAYERS = ("input", "C1", "S2", "C3", "S4", "C5", "F6", "output")

CORNERS = "C1 corners"
"""What a model has instead of C1 where S2 takes the largest of four: see `export.corners`."""


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
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
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
        there = {entry.name for entry in self._session.get_outputs()}
        self._layers = [CORNERS if name == "C1" and CORNERS in there else name for name in LAYERS]
        self._lone: _Lone | None = None
        self._check(path, header)
        self._lone = _Lone(self._session, self.metadata)

    def run(self, fields: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """Fields (n, S, S), 0 to 255 -> logits (n, 10), and the digit head's (n,) if there is one."""
        if len(fields) == 1 and self._lone is not None and self._lone.free.acquire(blocking=False):
            try:
                return self._lone.run(fields)
            finally:
                self._lone.free.release()
        outputs = self._session.run(self._outputs, {"fields": fields})
        return outputs[0], outputs[1] if len(outputs) > 1 else None

    def layers(self, fields: NDArray[np.uint8]) -> dict[str, Floats]:
        """Every layer's activations for fields (n, S, S), by textbook name."""
        layers = dict(zip(LAYERS, self._session.run(self._layers, {"fields": fields}), strict=True))
        if CORNERS in self._layers:
            layers["C1"] = in_place(layers["C1"])
        return layers

    def _check(self, path: Path, header: dict[str, str]) -> None:
        """Compare names and shapes with the metadata, and the probe's answer with the stored one."""
        size = self.metadata.input_size
        inputs = [(entry.name, entry.shape[1:], entry.type) for entry in self._session.get_inputs()]
        if inputs != [("fields", [size, size], "tensor(uint8)")]:
            raise CheckpointError(path, f"does not take uint8 fields of {size}x{size}")
        missing = {*self._layers, *self._outputs} - {entry.name for entry in self._session.get_outputs()}
        if missing:
            raise CheckpointError(path, f"has no output {', '.join(sorted(missing))}")
        logits, _ = self.run(probe_field(size)[None])
        try:
            stored = np.array(json.loads(header.get(PROBE, "")), dtype=np.float32)
        except (ValueError, TypeError) as error:
            raise CheckpointError(path, "its metadata has no answer to compare with") from error
        if stored.shape != (10,) or not np.allclose(logits[0], stored, rtol=1e-3, atol=1e-3):
            raise CheckpointError(path, "does not give the answer that it gave when it was written")


class _Lone:
    """A place for a single field and its outputs, made known once: it takes a sixth of a run."""

    def __init__(self, session: onnxruntime.InferenceSession, metadata: Metadata) -> None:
        size = metadata.input_size
        self.free = Lock()
        """To be held while it runs: a second thread is not to write into the place of the first."""
        self._session = session
        self._field = np.zeros((1, size, size), np.uint8)
        self._logits = np.zeros((1, 10), np.float32)
        self._digit = None if metadata.digit_head is None else np.zeros(1, np.float32)
        self._binding = session.io_binding()
        self._binding.bind_input("fields", "cpu", 0, np.uint8, self._field.shape, self._field.ctypes.data)
        for name, array in (("output", self._logits), ("digit", self._digit)):
            if array is not None:
                self._binding.bind_output(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)

    def run(self, field: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """What the engine gives for one field (1, S, S)."""
        self._field[...] = field
        self._session.run_with_iobinding(self._binding)
        return self._logits.copy(), None if self._digit is None else self._digit.copy()


def in_place(corners: Floats) -> Floats:
    """C1 (n, m, 2h, 2w) from its `CORNERS` (n, 4m, h, w)."""
    n, maps, height, width = corners.shape
    parts = corners.reshape(n, maps // 4, 2, 2, height, width)  # map, down, across, row, column
    return parts.transpose(0, 1, 4, 2, 5, 3).reshape(n, maps // 4, 2 * height, 2 * width)


def probe_field(size: int) -> NDArray[np.uint8]:
    """A fixed field (size, size) of every grey: its logits tell whether a file is as it was written."""
    pixels = np.arange(size * size, dtype=np.int64)
    return (pixels * pixels * 37 % 256).astype(np.uint8).reshape(size, size)
