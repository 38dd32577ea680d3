import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from model.training.data import NO_DIGIT, DataSet
from model.training.data.sources import Mixture, Source
from model.training.loop.history import History, moments
from model.training.loop.settings import TrainingSettings
from model.training.loop.trainer import InterruptedRunError, Phase, Trainer

CPU = torch.device("cpu")


def trainer(small: DataSet, seed: int = 5) -> Trainer:
    """Two passes of 10 steps with distortions, then one with others, on 640 images."""
    settings = TrainingSettings("lenet5-mnist", seed=seed, batch=64, learning_rate=3e-3)
    source = Source("digits", small.train.images[None, :640], small.train.labels[:640])
    mixture = Mixture([source], settings.batch, settings.seed)
    phases = [Phase(2, mixture, "full"), Phase(1, mixture, "mild")]
    return Trainer(settings, phases, {"watched": small.test.take(np.arange(100))}, CPU)


def weights(made: Trainer) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in made.averaged().state_dict().items()}


@pytest.fixture(scope="module")
def uninterrupted(small: DataSet) -> Trainer:
    made = trainer(small)
    made.run()
    return made


def test_a_run_learns(uninterrupted: Trainer) -> None:
    first, last = uninterrupted.records[0], uninterrupted.records[-1]
    assert len(uninterrupted.records) == 3
    assert last.loss < first.loss
    assert last.validation["watched"].accuracy > 0.6
    assert last.learning_rate < 0.01 * 3e-3


@pytest.mark.parametrize("step", [1, 10, 17, 29])
def test_a_run_resumed_at_any_step_gives_the_same_weights(
    small: DataSet, uninterrupted: Trainer, tmp_path: Path, step: int
) -> None:
    stopped = trainer(small)

    def stop() -> None:
        stopped.stop = stopped.step == step

    with pytest.raises(InterruptedRunError):
        stopped.run(stop)
    assert stopped.step == step
    stopped.save(tmp_path / "last.pt")
    resumed = trainer(small)
    resumed.resume(tmp_path / "last.pt")
    resumed.run()
    torch.testing.assert_close(weights(resumed), weights(uninterrupted), rtol=0, atol=0)
    for mine, theirs in zip(resumed.records, uninterrupted.records, strict=True):
        assert mine.loss == pytest.approx(theirs.loss, rel=1e-6)
        assert mine.validation == theirs.validation


def test_a_run_keeps_its_history_and_learns_the_same(
    small: DataSet, uninterrupted: Trainer, tmp_path: Path
) -> None:
    made = trainer(small)
    history = History(tmp_path, 6, made, small.test.take(np.arange(100)))
    history.note()
    made.run(history.note)
    torch.testing.assert_close(weights(made), weights(uninterrupted), rtol=0, atol=0)
    index = json.loads((tmp_path / "index.json").read_text())
    assert [entry["step"] for entry in index] == moments(6, 30)
    assert [entry["images"] for entry in index] == [64 * entry["step"] for entry in index]
    assert index[-1]["accuracy"] > index[0]["accuracy"] + 0.3
    assert index[-1]["loss"] < index[0]["loss"]
    kept = load_file(tmp_path / "05.safetensors")
    assert {tensor.dtype for tensor in kept.values()} == {torch.float16}
    final = made.averaged().network.fold().state_dict()
    torch.testing.assert_close(kept["C1.weight"].float(), final["C1.weight"], rtol=1e-3, atol=1e-3)
    assert moments(0, 30) == []
    assert moments(6, 1000) == [0, 1, 6, 32, 178, 1000]
    assert moments(5, 2) == [0, 1, 2]


def test_the_state_of_another_run_is_refused(small: DataSet, uninterrupted: Trainer, tmp_path: Path) -> None:
    uninterrupted.save(tmp_path / "last.pt")
    with pytest.raises(ValueError, match=r"other settings: seed is 5 there, 6 here$"):
        trainer(small, seed=6).resume(tmp_path / "last.pt")


@pytest.mark.parametrize("content", [b"", b"not a state", b"174812789", b"PK\x03\x04cut off"])
def test_a_damaged_state_is_refused(small: DataSet, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "last.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"last\.pt: not the state of a run, or damaged$"):
        trainer(small).resume(tmp_path / "last.pt")


@pytest.mark.parametrize("preset", ["lenet5-1998", "lenet5-tanh", "lenet5-sigmoid", "lenet5-relu"])
def test_every_kind_of_network_takes_a_step(small: DataSet, preset: str) -> None:
    settings = TrainingSettings(preset, batch=32)
    source = Source("digits", small.train.images[None, :64], small.train.labels[:64])
    made = Trainer(settings, [Phase(1, Mixture([source], 32, 0), "affine")], {}, CPU)
    before = weights(made)
    made.run()
    assert np.isfinite(made.records[0].loss)
    assert any(not torch.equal(before[name], tensor) for name, tensor in weights(made).items())


def test_what_is_no_digit_teaches_the_digit_head_alone(small: DataSet) -> None:
    """Upside-down halves are no digits: the head learns to tell them, the classes are not asked."""
    flipped = small.train.images[:600].copy()
    flipped[:, 14:] = flipped[:, 14:0:-1]
    sources = [
        Source("digits", small.train.images[None, :600], small.train.labels[:600]),
        Source("others", flipped[None], np.full(600, NO_DIGIT), distort=False),
    ]
    settings = TrainingSettings("lenet5", batch=60, learning_rate=5e-3, digit_weight=1.0, average=0.9)
    part = small.test.take(np.arange(200))
    other = part.images.copy()
    other[:, 14:] = other[:, 14:0:-1]
    part = type(part)(np.concatenate([part.images, other]), np.concatenate([part.labels, np.full(200, -1)]))
    made = Trainer(settings, [Phase(3, Mixture(sources, 60, 0), "mild")], {"both": part}, CPU)
    made.run()
    found = made.records[-1].validation["both"]
    assert found.digit_auc is not None
    assert found.digit_auc > 0.9
    assert found.accuracy > 0.5


def test_the_teachers_are_followed(small: DataSet) -> None:
    """With all the weight on teachers who always say 7, the student says 7."""
    said = np.zeros((1, 640, 10), np.float16)
    said[..., 7] = 20
    source = Source("digits", small.train.images[None, :640], small.train.labels[:640], logits=said)
    settings = TrainingSettings("lenet5-mnist", batch=64, learning_rate=3e-3, teacher_weight=1.0, average=0.9)
    part = type(small.test)(small.test.images, np.full(len(small.test), 7))
    made = Trainer(settings, [Phase(2, Mixture([source], 64, 0), "none")], {"sevens": part}, CPU)
    made.run()
    assert made.records[-1].validation["sevens"].accuracy > 0.95
