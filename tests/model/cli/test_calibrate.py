"""Calibrating a checkpoint from the command line."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.checkpoints import checkpoint
from model.checkpoints.export import export
from model.generator.build import Generated, save
from model.ink import FEATURES
from model.recognition import Recogniser
from model.recognition.choice import SUFFIX, Choice
from tests.model.cli.support import failed, run
from tests.support import Digits

pytestmark = pytest.mark.slow


@pytest.fixture
def validation(tmp_path: Path, mnist: Digits) -> Path:
    """Two kinds of digits and noise, as the generator writes them."""
    noise = np.random.default_rng(0).integers(0, 256, (60, 28, 28)).astype(np.uint8)
    path = tmp_path / "validation.npz"
    np.savez(
        path,
        images=np.concatenate([mnist.images[:200], noise]),
        labels=np.concatenate([mnist.labels[:200].astype(np.int8), np.full(60, -1, np.int8)]),
        kinds=np.repeat(np.array([0, 1, 2], np.int16), [150, 50, 60]),
        names=np.array(["canvas-writers", "photos-pen", "textures"]),
    )
    return path


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """The default as it was before it was calibrated."""
    source, path = checkpoint.load("lenet5"), tmp_path / "trained.safetensors"
    metadata = replace(source.metadata, temperature=1.5, digit_scale=1.0, digit_offset=0.0, accept=0.5)
    checkpoint.save(path, source.network, metadata, source.digit_head)
    export(path)
    return path


def test_a_checkpoint_is_calibrated_in_both_files(trained: Path, validation: Path, mnist: Digits) -> None:
    before = checkpoint.load(trained).metadata
    said = run("calibrate", trained, "--validation", validation).stdout
    after = checkpoint.load(trained).metadata
    assert "trained.onnx: differs from torch" in said
    assert after.digest == before.digest
    assert (after.digit_scale, after.digit_offset) != (1, 0)
    assert after.temperature != before.temperature
    assert after.accept != before.accept
    assert after.measured["accuracy"] == before.measured["accuracy"]
    assert after.measured["ece"] == after.measured["test_ece"] != before.measured["ece"]
    fields = mnist.images[:200]
    reference, onnx = (Recogniser.load(trained, "cpu", engine) for engine in ("torch", "onnx"))
    assert onnx.metadata == reference.metadata == after
    scores = reference.score(fields).digit_score
    np.testing.assert_allclose(scores, onnx.score(fields).digit_score, atol=1e-5)
    # At most 1 % of two kinds' 150 and 50 images is refused, each kind counting half.
    # The threshold is one image's own score, and of another batch size that may round to a hair less.
    refused = scores < reference.accept - 1e-5
    assert (refused[:150].mean() + refused[150:].mean()) / 2 <= 0.01


def test_the_share_that_is_asked_for_is_accepted(trained: Path, validation: Path, mnist: Digits) -> None:
    run("calibrate", trained, "--validation", validation, "--accepted", "0.5")
    recogniser = Recogniser.load(trained, "cpu", engine="torch")
    refused = recogniser.score(mnist.images[:200]).digit_score < recogniser.accept
    assert (refused[:150].mean() + refused[150:].mean()) / 2 == pytest.approx(0.5, abs=0.02)


def test_what_cannot_be_used_is_said(trained: Path, validation: Path, tmp_path: Path) -> None:
    assert "nothing.npz: No such file" in failed(
        "calibrate", trained, "--validation", tmp_path / "nothing.npz"
    )
    none = tmp_path / "none.npz"
    np.savez(none, images=np.zeros((2, 28, 28), np.uint8), labels=np.array([-1, -1]))
    assert "no digits to calibrate by" in failed("calibrate", trained, "--validation", none)


def test_the_choice_is_fitted_to_the_proposals_of_several_runs(trained: Path, tmp_path: Path) -> None:
    runs = [tmp_path / "a", tmp_path / "b"]
    for seed, run_ in enumerate(runs):
        rng = np.random.default_rng(seed)
        for part in ("train", "validation")[: 2 - seed]:
            images = rng.integers(0, 256, (80, 28, 28)).astype(np.uint8)
            truths = np.where(np.arange(80) % 2, -1, Recogniser.load(trained, "cpu").score(images).digits)
            features = rng.random((80, len(FEATURES))).astype(np.float32)
            features[:, 0] = truths < 0  # which tells what is a digit
            numbers = np.arange(80, dtype=np.int32)
            kinds = (truths < 0).astype(np.int16)
            made = Generated(images, truths.astype(np.int8), truths.astype(np.int8), kinds, numbers, numbers,
                             features, ("plates", "textures"))  # fmt: skip
            save(made, run_ / f"{part}-proposals.npz")
    with_runs: list[str | Path] = ["calibrate", trained, "--accepted", "0.9"]
    assert "no validation-proposals.npz" in failed(*with_runs, "--proposals", runs[1])
    run(*with_runs, "--proposals", runs[0], "--proposals", runs[1])
    choice = Choice.load(trained.with_suffix(SUFFIX))
    odds = choice.log_odds(features, np.zeros(80), np.full((80, 10), 0.1))
    assert np.median(odds[truths >= 0]) > np.median(odds[truths < 0]) + 3
    run(*with_runs, "--refine", "--proposals", runs[0])
    refined = Choice.load(trained.with_suffix(SUFFIX))
    assert 0 < np.abs(refined.straight - choice.straight).max() < 1
    np.testing.assert_array_equal(refined.mean, choice.mean)
