"""What a checkpoint's convolutions look for: their kernels, the maps they join, and the target codes."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.checkpoints.metadata import opened
from model.networks.lecun1998 import C3_TABLE, codes


def kernels(path: Path) -> dict[str, Any]:
    """Read the kernels of a .safetensors checkpoint as plain values for JSON.

    `C1` and `C3`: `shape` (maps, sources, 5, 5) and `values`, flat and rounded to 4 digits; `C3` also has
    `connections`, for each of its maps the maps of S2 that it sees. lenet5-1998 has `F6targets` too:
    ten codes of 84 values, +1 or -1 (section II.B of the paper).

    Raises:
        CheckpointError: the file cannot be read.
    """
    with opened(path) as file:
        tensors = {name: file.get_tensor(name) for name in file.offset_keys()}
    if "C3.weight" in tensors:
        c3 = tensors["C3.weight"]
        connections = [list(range(c3.shape[1]))] * len(c3)
    else:
        c3 = np.zeros((16, 6, 5, 5), np.float32)
        connections = [list(row) for row in C3_TABLE]
        links = [(target, source) for target, row in enumerate(C3_TABLE) for source in row]
        c3[tuple(np.transpose(links))] = tensors["C3.kernels"]
    found: dict[str, Any] = {
        "C1": _flat(tensors["C1.weight"]),
        "C3": {**_flat(c3), "connections": connections},
    }
    if "output.weight" not in tensors:  # the codes of an output layer that does not learn
        found["F6targets"] = codes()
    return found


def _flat(values: NDArray[np.float32]) -> dict[str, Any]:
    rounded = np.round(values.astype(np.float64), 4)
    return {"shape": list(values.shape), "values": rounded.ravel().tolist()}
