"""Weights of torch.save as checkpoints: by name, by order, and never by running what is in a file."""

import pickle
from pathlib import Path

import pytest
import torch
from torch import nn

from model.checkpoints import checkpoint
from model.checkpoints.convert import convert
from model.checkpoints.metadata import CheckpointError
from model.networks.family import build
from model.networks.presets import PRESETS


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
@pytest.mark.parametrize("name", list(PRESETS))
def test_a_network_s_own_weights(name: str, suffix: str, tmp_path: Path) -> None:
    network = build(name, seed=3).eval()
    torch.save(network.state_dict(), tmp_path / f"w{suffix}")
    metadata, names = convert(tmp_path / f"w{suffix}", name, tmp_path / "w.safetensors")
    assert metadata.architecture == name
    assert metadata.training == {"converted_from": f"w{suffix}"}
    assert all(ours == theirs for ours, theirs in names.items())
    size = network.preset.input_size
    fields = torch.rand(2, 1, size, size)
    assert torch.equal(checkpoint.load(tmp_path / "w.safetensors").network(fields), network(fields))


def test_the_form_that_is_trained_is_folded(tmp_path: Path) -> None:
    network = build("lenet5", seed=3, form="training").train()
    network(torch.rand(32, 1, 28, 28))
    torch.save({"epoch": 3, "state_dict": network.eval().state_dict()}, tmp_path / "w.pt")
    convert(tmp_path / "w.pt", "lenet5", tmp_path / "w.safetensors")
    fields = torch.rand(2, 1, 28, 28)
    found = checkpoint.load(tmp_path / "w.safetensors").network(fields)
    torch.testing.assert_close(found, network(fields), rtol=1e-4, atol=1e-5)


def usual(first: int = 6) -> nn.Module:
    """LeNet-5 as most tutorials write it, for 28x28 fields."""
    return nn.ModuleDict(
        {
            "conv1": nn.Conv2d(1, first, 5, padding=2),
            "conv2": nn.Conv2d(first, 16, 5),
            "fc1": nn.Linear(400, 120),
            "fc2": nn.Linear(120, 84),
            "fc3": nn.Linear(84, 10),
        }
    )


def test_the_usual_names_are_taken_in_order(tmp_path: Path) -> None:
    module = usual()
    torch.save(module.state_dict(), tmp_path / "w.pt")
    _, names = convert(tmp_path / "w.pt", "lenet5-relu", tmp_path / "w.safetensors")
    assert list(names.values())[:3] == ["conv1.weight", "conv1.bias", "conv2.weight"]
    assert names["C5.weight"] == "fc1.weight"
    loaded = checkpoint.load(tmp_path / "w.safetensors").network
    fields = torch.rand(3, 1, 28, 28)
    assert isinstance(module, nn.ModuleDict)
    x = torch.max_pool2d(module["conv1"](fields), 2).relu()
    x = torch.max_pool2d(module["conv2"](x), 2).relu().flatten(1)
    x = module["fc3"](module["fc2"](module["fc1"](x).relu()).relu())
    torch.testing.assert_close(loaded(fields), x, rtol=1e-4, atol=1e-5)


def refused(path: Path, preset: str = "lenet5-relu") -> str:
    target = path.parent / "out.safetensors"
    with pytest.raises(CheckpointError) as caught:
        convert(path, preset, target)
    assert not target.exists()
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_weights_that_do_not_fit_are_said(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    torch.save(usual(first=8).state_dict(), path)
    assert refused(path) == (
        "conv1.weight has the shape (8, 1, 5, 5), where C1.weight of lenet5-relu has (6, 1, 5, 5)"
    )
    torch.save(usual().state_dict(), path)
    assert refused(path, "lenet5-1998") == "has 10 tensors, where lenet5-1998 has 12"
    values = build("lenet5-relu").state_dict()
    torch.save(values | {"C1.weight": torch.zeros(6, 1, 3, 3)}, path)
    assert refused(path) == "C1.weight has the shape (6, 1, 3, 3), where (6, 1, 5, 5) is right"
    torch.save(values | {"C1.weight": torch.full((6, 1, 5, 5), torch.nan)}, path)
    with pytest.raises(CheckpointError, match=r"C1\.weight has values that are not finite"):
        convert(path, "lenet5-relu", tmp_path / "out.safetensors")


class Harmful:
    """What a hostile file may hold: reading it with pickle would call what it names."""

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (Path("never-made"),)


def test_code_in_a_file_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "w.pt"
    torch.save({"C1.weight": Harmful()}, path)
    assert refused(path).startswith("holds more than weights, which could run code when read")
    path.write_bytes(pickle.dumps(Harmful()))
    assert refused(path)
    assert not (tmp_path / "never-made").exists()
    torch.save(nn.Linear(2, 2), path)
    assert refused(path).startswith("holds more than weights")


def test_other_files_are_said(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    assert refused(path) == "there is no such file"
    path.write_bytes(b"")
    assert refused(path).startswith("is no readable file of torch.save")
    path.write_bytes(b"PK\x03\x04 broken")
    assert refused(path).startswith("is no readable file of torch.save")
    torch.save([1, 2], path)
    assert refused(path) == "holds no state dict"
    torch.save({"epoch": 3}, path)
    assert refused(path) == "holds no state dict: 'epoch' is a int"
