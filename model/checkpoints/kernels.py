"""What the convolutions of a checkpoint look for: its kernels, which maps they join, and the target codes."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from model.checkpoints.metadata import CheckpointError
from model.networks.lecun1998 import C3_TABLE, codes

MAPS = 16
"""Maps of C3."""
SOURCES = 6
"""Maps of S2, of which each map of C3 sees some."""


def kernels(path: Path) -> dict[str, Any]:
    """The kernels in a .safetensors checkpoint, as JSON takes them.

    `C1` and `C3`: `shape` (maps, sources, 5, 5) and `values`, flat and rounded to 4 digits; `C3` also has
    `connections`, for each of its maps the maps of S2 that it sees. lenet5-1998 has `F6targets` too:
    ten codes of 84 values, +1 or -1 (section II.B of the paper).

    Raises:
        CheckpointError: if the file cannot be read.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (OSError, SafetensorError) as error:
        raise CheckpointError(path, f"is no readable safetensors file ({error})") from error
    if "C3.weight" in tensors:
        everything = [list(range(SOURCES))] * MAPS
        return {
            "C1": _flat(tensors["C1.weight"]),
            "C3": {**_flat(tensors["C3.weight"]), "connections": everything},
        }
    dense = np.zeros((MAPS, SOURCES, 5, 5), np.float32)
    links = [(target, source) for target, row in enumerate(C3_TABLE) for source in row]
    for (target, source), kernel in zip(links, tensors["C3.kernels"], strict=True):
        dense[target, source] = kernel
    told: dict[str, Any] = {
        "C1": _flat(tensors["C1.weight"]),
        "C3": {**_flat(dense), "connections": [list(row) for row in C3_TABLE]},
    }
    if "output.weight" not in tensors:  # the codes of an output layer that does not learn
        told["F6targets"] = codes()
    return told


def _flat(values: NDArray[np.float32]) -> dict[str, Any]:
    return {
        "shape": list(values.shape),
        "values": np.round(values.astype(np.float64), 4).ravel().tolist(),
    }
