"""ONNX files: complete, equal to torch, and refused when they are not what they were."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from model.checkpoints.export import TOLERANCE, export
from model.checkpoints.metadata import CHECKPOINTS, KEY, CheckpointError
from model.engines.onnx_engine import PROBE, OnnxEngine
from model.networks.presets import LAYERS, PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_a_shipped_model_is_valid_small_and_complete(name: str) -> None:
    path = CHECKPOINTS / f"{name}.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert path.stat().st_size < 300_000
    outputs = [output.name for output in model.graph.output]
    assert outputs == [*LAYERS, *(["digit"] if name == "lenet5" else [])]
    assert {entry.key for entry in model.metadata_props} == {KEY, PROBE}
    assert b".py" not in path.read_bytes()  # nothing of the machine that wrote it


def test_an_export_says_how_far_the_engines_differ_and_is_not_written_where_it_is_far(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = onnx.load(exported.with_suffix(".onnx"))
    monkeypatch.setattr("model.checkpoints.export.to_onnx", lambda loaded: model)
    path, difference = export(exported, tmp_path / "deep" / "er.onnx")
    assert path == tmp_path / "deep" / "er.onnx"
    assert 0 <= difference <= TOLERANCE
    assert [file.name for file in path.parent.iterdir()] == ["er.onnx"]
    path.unlink()
    path.parent.rmdir()
    monkeypatch.setattr("model.checkpoints.export.TOLERANCE", -1.0)
    with pytest.raises(CheckpointError, match="ONNX Runtime differs from torch by"):
        export(exported, tmp_path / "w.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [np.nan, 7.0])
def test_changed_weights_are_noticed(value: float, exported: Path, tmp_path: Path) -> None:
    model = onnx.load(exported.with_suffix(".onnx"))
    for entry in model.graph.initializer:
        if entry.name.endswith("F6.bias"):
            entry.CopyFrom(numpy_helper.from_array(np.full(84, value, np.float32), entry.name))
    path = tmp_path / "w.onnx"
    onnx.save(model, path)
    with pytest.raises(CheckpointError, match="does not give the answer that it gave") as caught:
        OnnxEngine(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_missing_outputs_inputs_and_metadata_are_noticed(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.onnx"
    model = onnx.load(exported.with_suffix(".onnx"))
    del model.graph.output[-2:]
    onnx.save(model, path)
    with pytest.raises(CheckpointError, match="has no output digit, output"):
        OnnxEngine(path)
    large, other = onnx.load(CHECKPOINTS / "lenet5-1998.onnx"), onnx.load(exported.with_suffix(".onnx"))
    del other.metadata_props[:]
    other.metadata_props.extend(large.metadata_props)
    onnx.save(other, path)
    with pytest.raises(CheckpointError, match="does not take uint8 fields of 32x32"):
        OnnxEngine(path)
    del other.metadata_props[:]
    onnx.save(other, path)
    with pytest.raises(CheckpointError, match="has no metadata of this project"):
        OnnxEngine(path)


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x08"])
def test_a_file_of_another_kind_is_one_clear_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "w.onnx"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="is no ONNX model") as caught:
        OnnxEngine(path)
    assert "\n" not in str(caught.value)
