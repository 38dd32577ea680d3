"""Which engine is opened, what is said where it cannot be, and what is not imported."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.checkpoints import checkpoint
from model.checkpoints.metadata import CheckpointError
from model.engines import EngineError, open_engine
from model.engines.device import DeviceError
from tests.support import ROOT


def test_errors_are_one_clear_line(exported: Path, tmp_path: Path) -> None:
    for arguments, error, reason in (
        ({"engine": "tensorrt"}, EngineError, "no engine is called 'tensorrt'; say auto, torch, onnx"),
        ({"device": "gpu"}, DeviceError, "no device is called 'gpu'"),
        ({"device": "cuda:0", "engine": "onnx"}, DeviceError, "the onnx engine computes on the CPU"),
    ):
        with pytest.raises(error, match=reason):
            open_engine(exported, **arguments)
    with pytest.raises(EngineError, match="the torch engine takes"):
        open_engine(exported.with_suffix(".onnx"), engine="torch")
    for missing in (tmp_path / "a.safetensors", tmp_path / "a.onnx"):
        with pytest.raises(CheckpointError, match="there is no such file"):
            open_engine(missing)
    (tmp_path / "w.pt").write_bytes(b"PK")
    for pickled in (tmp_path / "w.pt", "none.pth"):
        with pytest.raises(CheckpointError, match=r"is no checkpoint; `python -m model convert"):
            open_engine(pickled)


def test_starting_and_answering_on_onnx_does_not_import_torch(exported: Path) -> None:
    program = """
import sys
import numpy as np
from model.checkpoints.metadata import shipped
from model.recognition import Recogniser
shipped()
recogniser = Recogniser.load(sys.argv[1], device="cpu")
recogniser.score(np.zeros((2, 28, 28), np.uint8))
recogniser.layers(np.zeros((28, 28), np.uint8))
print(recogniser.engine.name, "torch" in sys.modules, "onnx" in sys.modules)
"""
    found = subprocess.run(
        [sys.executable, "-c", program, exported], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["onnx", "False", "False"]


def without(packages: str, checkpoint: Path, engine: str) -> str:
    """What opening says where some packages are not installed."""
    program = f"""
import sys
sys.modules.update(dict.fromkeys({packages.split()!r}))
from model.engines import open_engine
try:
    print(open_engine(sys.argv[1], engine=sys.argv[2]).name)
except ValueError as error:
    print(error)
"""
    found = subprocess.run(
        [sys.executable, "-c", program, checkpoint, engine], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


@pytest.mark.slow
def test_an_engine_that_is_not_installed_is_done_without_or_named(exported: Path, tmp_path: Path) -> None:
    assert without("torch", exported, "auto") == "onnx"
    missing = "needs torch, which is not installed: pip install 'digits[torch]'"
    assert without("torch", exported, "torch") == f"{exported} {missing}"
    assert without("onnxruntime", exported, "auto") == "torch"
    assert without("onnxruntime", exported, "onnx").startswith("the onnx engine needs ONNX Runtime: pip")
    alone = tmp_path / "alone.safetensors"
    alone.write_bytes(exported.read_bytes())
    other = "or [onnx] and alone.onnx beside it (`python -m model export` writes it)"
    assert without("torch", alone, "auto") == f"{alone} {missing}, {other}"


def test_an_onnx_file_beside_the_weights_is_taken_while_it_is_current(
    exported: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "model.engines")
    path = tmp_path / "w.safetensors"
    path.write_bytes(exported.read_bytes())
    assert open_engine(path, "cpu").name == "torch"
    assert f"torch computes w; `python -m model export {path}` makes it faster on a CPU" in caplog.text
    path.with_suffix(".onnx").write_bytes(exported.with_suffix(".onnx").read_bytes())
    assert open_engine(path, "cpu").name == "onnx"
    loaded = checkpoint.load(path)
    loaded.metadata.temperature = 2.0
    checkpoint.save(path, loaded.network, loaded.metadata, loaded.digit_head)
    with pytest.raises(CheckpointError, match=r"was not made from w\.safetensors as it is now"):
        open_engine(path, "cpu", "onnx")
    assert open_engine(path, "cpu").name == "torch"
    assert "torch computes instead" in caplog.text


def test_an_onnx_file_needs_no_weights_beside_it(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "alone.onnx"
    path.write_bytes(exported.with_suffix(".onnx").read_bytes())
    engine = open_engine(path, "cpu")
    assert engine.name == "onnx"
    assert engine.metadata.architecture == "lenet5"


def test_onnx_runtime_notes_nothing_and_calls_nobody(tmp_path: Path) -> None:
    """By default it writes a device id and a database of events, to be sent, into the home folder."""
    program = "from model.recognition import Recogniser; Recogniser.load('lenet5', 'cpu', 'onnx')"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
