from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.networks.family import build
from model.networks.layers import DigitHead
from model.training.corrections.database import Corrections
from model.training.corrections.recipe import complete, drawings, sources_of
from model.training.data import NO_DIGIT, DataError, DataSet, LabelledImages
from model.training.data.sources import Mixture, Source
from model.training.evaluation.inference import run_network
from model.training.loop.settings import TrainingSettings, defaults
from model.training.loop.teachers import pooled
from model.training.loop.trainer import Phase, Trainer
from tests.model.training.conftest import QUIET

CPU = torch.device("cpu")


def start(preset: str = "lenet5", *, head: bool = True) -> Checkpoint:
    network = build(preset, seed=3).eval()
    torch.manual_seed(3)
    return Checkpoint(network, checkpoint.describe(network), DigitHead() if head else None)


def test_a_run_from_random_weights_has_the_settings_that_are_given() -> None:
    assert complete({"preset": "lenet5-relu", "passes": 4}, None) == TrainingSettings("lenet5-relu", passes=4)
    assert complete({}, None) == TrainingSettings("lenet5-mnist")  # as the help of --preset says


def test_a_run_from_a_checkpoint_is_of_its_network() -> None:
    assert complete({"init": "a"}, start()) == TrainingSettings("lenet5", init="a", digit_weight=0.5)
    assert complete({"init": "a", "digit_weight": 0.0}, start()).digit_weight == 0
    assert complete({"init": "a"}, start("lenet5-1998", head=False)).rubbish == 10
    with pytest.raises(ValueError, match="a holds a lenet5, not a lenet5-relu"):
        complete({"init": "a", "preset": "lenet5-relu"}, start())


def test_the_weights_at_the_start_teach_everything_but_the_corrections() -> None:
    given: dict[str, Any] = {"init": "a", "corrections": "c.db", "mix": ("runs/b.npz=2",), "passes": 9}
    settings = complete(given, start())
    assert settings.teachers == ("mnist=a", "b=a", "drawings=a")
    assert (settings.passes, settings.learning_rate) == (9, defaults(corrections=True)["learning_rate"])
    assert settings.digit_teacher_weight == 1
    assert complete(given, start(head=False)).digit_teacher_weight == 0
    own = complete(given | {"teachers": ("mnist=b",)}, start())
    assert (own.teachers, own.digit_teacher_weight) == (("mnist=b",), 0)


def test_half_of_the_drawings_are_digits() -> None:
    told: list[int] = []
    made = drawings(60, 1, lambda: told.append(1))
    assert len(told) == 60
    assert np.count_nonzero(made.labels == NO_DIGIT) == 30
    assert len(set(made.labels.tolist())) > 7
    assert (made.images[0].reshape(60, -1).max(axis=1) > 128).all()
    np.testing.assert_array_equal(made.images, drawings(60, 1).images)
    assert not np.array_equal(made.images, drawings(60, 2).images)


def test_corrections_have_no_teacher_and_drawings_beside_them(small: DataSet) -> None:
    part = small.test.take(np.arange(5))
    corrections = Corrections(Path("a/c.db"), part, np.arange(5), {}, 0)
    source, drawn = sources_of(corrections, TrainingSettings("lenet5"), small, QUIET)
    assert (source.name, source.weight, source.distort, source.logits) == ("c.db", 0.2, True, None)
    np.testing.assert_array_equal(source.images[0], part.images)
    assert (drawn.name, len(drawn.labels)) == ("drawings", 500)
    with pytest.raises(DataError, match="corrections are of digits, which small is not"):
        sources_of(corrections, TrainingSettings("lenet5"), replace(small, classes=("Coat",)), QUIET)


def test_training_begins_with_the_weights_that_are_given(small: DataSet) -> None:
    given = start()
    settings = TrainingSettings("lenet5", batch=50, learning_rate=0.0, digit_weight=0.5, average=0.9)
    part = small.train.take(np.arange(100))
    source = Source("small", part.images[None], part.labels)
    trainer = Trainer(settings, [Phase(1, Mixture([source], 50, 0), "none")], {}, CPU, given)
    trainer.run()
    kept = trainer.averaged()
    logits, scores = run_network(kept.network.fold(), part.images, CPU, kept.head)
    wanted = run_network(given.network, part.images, CPU, given.digit_head)
    assert scores is not None
    assert wanted[1] is not None
    np.testing.assert_allclose(logits, wanted[0], atol=1e-4)
    np.testing.assert_allclose(scores, wanted[1], atol=1e-4)


def test_a_digit_head_follows_the_teacher_s(small: DataSet, tmp_path: Path) -> None:
    """A head that finds nothing in MNIST a digit teaches another the same."""
    teacher = start()
    assert teacher.digit_head is not None
    with torch.no_grad():
        teacher.digit_head.score.weight.zero_()
        teacher.digit_head.score.bias.fill_(-3.0)
    part: LabelledImages = small.train.take(np.arange(300))
    source = Source("small", part.images[None], part.labels)
    pool = pooled(
        source, [teacher], scores=True, copies=1, distort="none", folder=tmp_path, device=CPU, progress=QUIET
    )
    assert pool.scores is not None
    np.testing.assert_allclose(pool.scores, -3.0)
    settings = TrainingSettings(
        "lenet5", batch=50, learning_rate=3e-3, digit_weight=1.0, digit_teacher_weight=1.0, average=0.9
    )
    trainer = Trainer(settings, [Phase(8, Mixture([pool], 50, 0), "none")], {}, CPU)
    trainer.run()
    kept = trainer.averaged()
    _, scores = run_network(kept.network, part.images, CPU, kept.head)
    assert scores is not None
    assert scores.max() < -1
