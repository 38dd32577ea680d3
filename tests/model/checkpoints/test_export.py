"""ONNX files: complete, equal to torch, and refused when they are not what they were."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from model.checkpoints import checkpoint
from model.checkpoints.export import TOLERANCE, corners, export
from model.checkpoints.metadata import KEY, CheckpointError
from model.engines import open_engine
from model.engines.onnx_engine import PROBE, OnnxEngine, in_place
from model.networks.family import PRESETS, build


@pytest.mark.parametrize("name", list(PRESETS))
def test_the_model_is_valid_small_and_complete(name: str, exported: dict[str, Path]) -> None:
    path = exported[name].with_suffix(".onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert path.stat().st_size < 300_000
    outputs = [output.name for output in model.graph.output]
    digit = ["digit"] if name == "lenet5" else []
    c1 = "C1 corners" if PRESETS[name].pooling == "max" else "C1"
    assert outputs == ["input", c1, "S2", "C3", "S4", "C5", "F6", "output", *digit]
    assert {entry.key for entry in model.metadata_props} == {KEY, PROBE}
    weights = sum(
        numpy_helper.to_array(entry).size
        for entry in model.graph.initializer
        if entry.name.split(".")[0] in ("C1", "S2", "C3", "S4", "C5", "F6")
        or (entry.name.startswith("output.") and name != "lenet5-1998")
    )
    # A partial C3 is written among zeros: 36 links more, of 25 weights each.
    unlinked = 900 if PRESETS[name].c3 == "partial" else 0
    # Four kernels of 6x6 for each of C1's of 5x5.
    further = 4 * (6 * 36 + 6) - (6 * 25 + 6) if PRESETS[name].pooling == "max" else 0
    assert weights == PRESETS[name].parameters + unlinked + further


@pytest.mark.parametrize("padding", [0, 2])
def test_corners_are_the_convolution_in_place(padding: int) -> None:
    torch.manual_seed(0)
    weight, bias, fields = torch.randn(6, 3, 5, 5), torch.randn(6), torch.randn(4, 3, 28, 28)
    plain = torch.nn.functional.conv2d(fields, weight, bias, padding=padding)
    found = torch.nn.functional.conv2d(fields, *corners(weight, bias), stride=2, padding=padding)
    np.testing.assert_allclose(in_place(found.numpy()), plain.numpy(), atol=1e-4)


def test_the_batch_may_be_of_any_size(exported: dict[str, Path]) -> None:
    engine = OnnxEngine(exported["lenet5"].with_suffix(".onnx"))
    for count in (1, 2, 300):
        logits, digit = engine.run(np.zeros((count, 28, 28), np.uint8))
        assert logits.shape == (count, 10)
        assert digit is not None
        assert digit.shape == (count,)


def test_export_says_how_far_the_engines_differ(exported: dict[str, Path], tmp_path: Path) -> None:
    path, difference = export(exported["lenet5-tanh"], tmp_path / "deep" / "er.onnx")
    assert path == tmp_path / "deep" / "er.onnx"
    assert 0 <= difference <= TOLERANCE
    assert [file.name for file in path.parent.iterdir()] == ["er.onnx"]


def test_an_export_that_differs_is_not_written(
    exported: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.checkpoints.export.TOLERANCE", -1.0)
    with pytest.raises(CheckpointError, match="ONNX Runtime differs from torch by"):
        export(exported["lenet5"], tmp_path / "w.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [np.nan, 7.0])
def test_changed_weights_are_noticed(value: float, exported: dict[str, Path], tmp_path: Path) -> None:
    model = onnx.load(exported["lenet5"].with_suffix(".onnx"))
    for entry in model.graph.initializer:
        if entry.name == "F6.bias":
            entry.CopyFrom(numpy_helper.from_array(np.full(84, value, np.float32), "F6.bias"))
    path = tmp_path / "w.onnx"
    onnx.save(model, path)
    with pytest.raises(CheckpointError, match="does not give the answer that it gave") as caught:
        OnnxEngine(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_missing_outputs_inputs_and_metadata_are_noticed(exported: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "w.onnx"
    model = onnx.load(exported["lenet5"].with_suffix(".onnx"))
    del model.graph.output[-2:]
    onnx.save(model, path)
    with pytest.raises(CheckpointError, match="has no output digit, output"):
        OnnxEngine(path)
    model = onnx.load(exported["lenet5-1998"].with_suffix(".onnx"))
    other = onnx.load(exported["lenet5"].with_suffix(".onnx"))
    del other.metadata_props[:]
    other.metadata_props.extend(model.metadata_props)
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


def test_a_stale_file_is_refused_when_asked_for_and_passed_over_otherwise(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "w.safetensors"
    checkpoint.save(path, build("lenet5-relu", seed=0))
    export(path)
    assert open_engine(path, "cpu").name == "onnx"
    checkpoint.save(path, build("lenet5-relu", seed=1))
    with pytest.raises(CheckpointError, match=r"was not made from w\.safetensors as it is now"):
        open_engine(path, "cpu", "onnx")
    assert open_engine(path, "cpu").name == "torch"
    assert "torch computes instead" in caplog.text
    path.with_suffix(".onnx").unlink()
    assert open_engine(path, "cpu").name == "torch"


def test_an_onnx_file_needs_no_weights_beside_it(exported: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "alone.onnx"
    path.write_bytes(exported["lenet5"].with_suffix(".onnx").read_bytes())
    engine = open_engine(path, "cpu")
    assert engine.name == "onnx"
    assert engine.metadata.architecture == "lenet5"
