"""Weights on disk: what is written comes back, and nothing wrong gets in."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import CheckpointError, Metadata
from model.checkpoints.metadata import KEY, read_metadata, shipped
from model.networks.family import build
from model.networks.layers import DigitHead
from model.networks.lenet5_1998 import LeNet5Of1998
from model.networks.presets import PRESETS

NAMES = list(PRESETS)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "lenet5.safetensors"
    checkpoint.save(path, build("lenet5", seed=0), digit_head=DigitHead())
    return path


def rewritten(path: Path, **changes: object) -> Path:
    """The file again, with changed metadata (a value of None removes the entry)."""
    tensors = load_file(path)
    metadata = json.loads(read_metadata(path).to_json()) | changes
    metadata = {name: value for name, value in metadata.items() if value is not None}
    save_file(tensors, path, metadata={KEY: json.dumps(metadata)})
    return path


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_saved_comes_back(name: str, tmp_path: Path) -> None:
    network = build(name, seed=7, form="training").eval()
    metadata = checkpoint.describe(network)
    metadata.temperature, metadata.accept = 1.25, 0.4
    metadata.training, metadata.measured = {"passes": 3}, {"accuracy": 0.99}
    path = tmp_path / "deeper" / "weights.safetensors"
    written = checkpoint.save(path, network, metadata)
    loaded = checkpoint.load(path)
    assert loaded.metadata == written == read_metadata(path)
    assert written.temperature == 1.25
    assert written.training == {"passes": 3}
    assert loaded.digit_head is None
    assert not loaded.network.training
    assert sum(parameter.numel() for parameter in loaded.network.parameters()) == PRESETS[name].parameters
    size = PRESETS[name].input_size
    fields = torch.rand(4, 1, size, size)
    torch.testing.assert_close(loaded.network(fields), network(fields), rtol=1e-4, atol=1e-5)
    assert list(path.parent.iterdir()) == [path]


def test_the_digit_head_comes_back(saved: Path) -> None:
    loaded = checkpoint.load(saved)
    assert loaded.metadata.digit_head == {"features": 84, "hidden": 24}
    assert loaded.digit_head is not None
    assert not loaded.digit_head.training
    torch.manual_seed(0)
    assert loaded.digit_head(torch.rand(3, 84)).shape == (3,)


def test_the_rubbish_penalty_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    checkpoint.save(path, build("lenet5-1998", rubbish=4.5))
    network = checkpoint.load(path).network
    assert isinstance(network, LeNet5Of1998)
    assert network.rubbish == 4.5


def test_the_digest_is_that_of_the_weights(saved: Path, tmp_path: Path) -> None:
    first = read_metadata(saved).digest
    assert len(first) == 64
    loaded = checkpoint.load(saved)
    again = checkpoint.save(tmp_path / "again.safetensors", loaded.network, digit_head=loaded.digit_head)
    assert again.digest == first
    other = checkpoint.save(tmp_path / "other.safetensors", build("lenet5", seed=1))
    assert other.digest != first


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.safetensors") == "there is no such file"


def test_a_name_that_is_no_preset_is_said() -> None:
    expected = r"lenet4\.safetensors: there is no such file; the names are .*lenet5, lenet5-1998,"
    with pytest.raises(CheckpointError, match=expected):
        checkpoint.load("lenet4")
    with pytest.raises(CheckpointError, match=expected):
        read_metadata("lenet4")


def test_a_file_of_another_kind_and_one_that_is_cut_off_are_said(saved: Path) -> None:
    for content in (b"\x80\x02}q\x00.", saved.read_bytes()[:-100]):
        saved.write_bytes(content)
        assert refused(saved).startswith("is no readable safetensors file")


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, "has no metadata of this project"),
        ({KEY: "{"}, "its metadata is no JSON"),
        ({KEY: "[1]"}, "its metadata is no JSON object"),
    ],
)
def test_metadata_that_is_not_ours_is_said(saved: Path, metadata: dict[str, str], reason: str) -> None:
    save_file(load_file(saved), saved, metadata=metadata)
    assert refused(saved).startswith(reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"architecture": "lenet4"}, "no network is called 'lenet4'"),
        ({"architecture": 5}, "its metadata's architecture is 5: Input should be a valid string"),
        ({"architecture": None}, "its metadata's architecture is not there"),
        ({"input_size": 32}, "says input_size 32, but lenet5 takes 28"),
        ({"input_size": 27}, "its metadata's input_size is 27"),
        ({"classes": ["0", "1"]}, "its metadata's classes"),
        ({"temperature": 0}, "its metadata's temperature is 0: Input should be greater than 0"),
        ({"temperature": float("nan")}, "its metadata's temperature is nan"),
        ({"temperature": "1"}, "its metadata's temperature is '1'"),
        ({"accept": 1.5}, "its metadata's accept is 1.5: Input should be less than or equal to 1"),
        ({"rubbish": "j"}, "its metadata's rubbish is 'j': Input should be a valid number"),
        ({"digit_head": {"features": 84}}, "its metadata's digit_head"),
        ({"digit_head": {"features": 84, "hidden": 10**9}}, "its metadata's digit_head"),
        ({"digit_head": {"features": 84, "hidden": 12}}, "digit_head.hidden.weight has the shape (24, 84)"),
        ({"measured": [1]}, "its metadata's measured is [1]: Input should be a valid dictionary"),
    ],
)
def test_metadata_that_cannot_be_is_said(saved: Path, changes: dict[str, object], reason: str) -> None:
    assert refused(rewritten(saved, **changes)).startswith(reason)


def with_tensors(path: Path, **tensors: torch.Tensor | None) -> Path:
    metadata = read_metadata(path).to_json()
    changed = {**load_file(path), **{name.replace("__", "."): value for name, value in tensors.items()}}
    save_file({name: t for name, t in changed.items() if t is not None}, path, metadata={KEY: metadata})
    return path


@pytest.mark.parametrize(
    ("name", "tensor", "reason"),
    [
        ("C1__weight", None, "lacks the weights C1.weight"),
        (
            "C1__weight",
            torch.zeros(6, 1, 3, 3),
            "C1.weight has the shape (6, 1, 3, 3), where (6, 1, 5, 5) is",
        ),
        ("F6__bias", torch.zeros(84, dtype=torch.float16), "F6.bias is torch.float16, where torch.float32"),
        ("F7__bias", torch.zeros(10), "has weights that the network has not: F7.bias"),
        ("F6__bias", torch.full((84,), torch.nan), "F6.bias has values that are not finite"),
        ("digit_head__score__bias", torch.tensor([torch.inf]), "digit_head.score.bias has values that are"),
        ("F6__bias", torch.ones(84), "its weights are not those that its digest was made of"),
    ],
)
def test_weights_that_do_not_fit_are_said(
    saved: Path, name: str, tensor: torch.Tensor | None, reason: str
) -> None:
    assert refused(with_tensors(saved, **{name: tensor})).startswith(reason)


def test_weights_that_are_not_finite_are_not_written(tmp_path: Path) -> None:
    network = build("lenet5")
    with torch.no_grad():
        next(network.parameters())[0] = torch.nan
    with pytest.raises(CheckpointError, match="not finite"):
        checkpoint.save(tmp_path / "w.safetensors", network)
    assert list(tmp_path.iterdir()) == []


def test_metadata_of_another_network_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="lenet5-relu is not a description of lenet5"):
        checkpoint.save(
            tmp_path / "w.safetensors", build("lenet5"), checkpoint.describe(build("lenet5-relu"))
        )


def test_later_entries_of_the_metadata_are_passed_over() -> None:
    text = json.loads(checkpoint.describe(build("lenet5")).to_json()) | {"from_the_future": 1}
    assert Metadata.from_header({KEY: json.dumps(text)}, "f").architecture == "lenet5"


def test_what_is_shipped_can_be_loaded_and_the_default_is_listed_first() -> None:
    listed = shipped()
    assert next(iter(listed)) == "lenet5"
    assert listed == {name: checkpoint.load(name).metadata for name in PRESETS}


def test_a_folder_of_a_preset_s_name_does_not_hide_the_preset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lenet5").mkdir()
    monkeypatch.chdir(tmp_path)
    assert checkpoint.load("lenet5").metadata.architecture == "lenet5"
