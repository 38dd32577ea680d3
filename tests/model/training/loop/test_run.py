import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model.checkpoints import checkpoint
from model.cli import CommandError, main
from model.cli.train import train as train_command
from model.networks.family import build
from model.training.data import DataSet, load_data_set
from model.training.data.sources import Source
from model.training.evaluation.figures import Report, evaluate
from model.training.evaluation.inference import run_checkpoint, run_network
from model.training.loop.run import BEST, LOG, STATE, Run
from model.training.loop.run import SETTINGS as SETTINGS_FILE
from model.training.loop.settings import TrainingSettings
from model.training.loop.train import keep
from model.training.loop.trainer import Trainer
from tests.model.training.conftest import QUIET, trained
from tests.support import eventually, write_idx

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
SETTINGS = TrainingSettings(
    "lenet5-mnist", data_set="small", passes=2, batch=50, learning_rate=5e-3, average=0.9
)


@pytest.fixture(scope="module")
def finished(small: DataSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """The folder of a run, and its report."""
    folder = tmp_path_factory.mktemp("run")
    return folder, trained(
        replace(SETTINGS, distort="full", distort_last="mild", last_share=0.5), small, folder
    )


def test_a_run_leaves_settings_log_state_weights_and_pictures(finished: tuple[Path, Report]) -> None:
    folder, _ = finished
    assert TrainingSettings.load(folder / SETTINGS_FILE).passes == 2
    records = [json.loads(line) for line in (folder / LOG).read_text().splitlines()]
    assert [record["pass_"] for record in records] == [1, 2]
    assert records[1]["loss"] < records[0]["loss"]
    assert (folder / STATE).stat().st_size > 100_000
    for name in ("curves", "confusion-test", "confusion-validation", "mistakes-test", "mistakes-validation"):
        picture = Image.open(folder / f"{name}.png").convert("L")
        assert len(picture.getcolors() or range(256)) > 20


def test_the_weights_say_what_they_are_and_how_good(finished: tuple[Path, Report], small: DataSet) -> None:
    folder, report = finished
    loaded = checkpoint.load(folder / BEST)
    logits, _ = run_network(loaded.network, small.test.images, CPU)
    first = float((logits.argmax(axis=1) == small.test.labels).mean())
    again, _ = run_checkpoint(loaded, small.test.images, CPU)
    assert not np.array_equal(again, logits)
    found = evaluate(again, small.test, loaded.metadata.temperature)
    assert replace(found, first_look=first) == report
    assert loaded.metadata.measured["accuracy"] == report.accuracy
    assert loaded.metadata.training["data"] == {
        "name": "small", "licence": "a test's", "verified": True, "sha256": {},
    }  # fmt: skip
    assert loaded.metadata.training["learning_rate"] == 5e-3
    assert json.loads((folder / "report.json").read_text())["test"]["errors"] == report.errors


def test_a_student_learns_from_a_pool_that_runs_share(
    finished: tuple[Path, Report], small: DataSet, tmp_path: Path
) -> None:
    folder, _ = finished
    settings = replace(SETTINGS, distort="full", teachers=(str(folder / BEST),), copies=2)
    trained(settings, small, tmp_path / "one", pool_folder=tmp_path)
    pool = sorted(tmp_path.glob("pool-*"))
    made = [path.stat().st_mtime_ns for path in pool]

    def pools_of(changed: TrainingSettings) -> list[Path]:
        work = Run(changed, small, tmp_path / "two", CPU, pool_folder=tmp_path)
        work.phases(work.parts()[0], work.teachers(), QUIET)
        return sorted(tmp_path.glob("pool-*"))

    assert pools_of(replace(settings, seed=1)) == pool
    assert [path.stat().st_mtime_ns for path in pool] == made
    assert len(pools_of(replace(settings, distort="mild"))) == 2 * len(pool)
    images, logits = (np.load(path) for path in pool)
    said, _ = run_network(checkpoint.load(folder / BEST).network, images[1], CPU)
    np.testing.assert_allclose(logits[1], said, atol=0.02)
    assert not np.array_equal(images[0], images[1])
    assert checkpoint.load(tmp_path / "one" / BEST).metadata.training["teachers"] == [
        f"runs/{folder.name}/{BEST}"
    ]


def test_each_source_has_its_own_teachers(
    finished: tuple[Path, Report], small: DataSet, tmp_path: Path
) -> None:
    folder, _ = finished
    first, second = folder / BEST, tmp_path / "other.safetensors"
    checkpoint.save(second, build("lenet5-relu", seed=5))
    settings = replace(
        SETTINGS,
        passes=1,
        distort="affine",
        teachers=(f"small={first}", f"small={second}", f"extra.npz={second}"),
    )
    part = small.test.take(np.arange(100))
    extra = [Source(name, part.images[None], part.labels) for name in ("extra", "rest")]
    work = Run(settings, small, tmp_path / "run", CPU, extra)
    (phase,) = work.phases(work.parts()[0], work.teachers(), QUIET)
    first_pool, taught, untaught = phase.mixture.sources
    assert phase.distort == "affine"
    assert [source.distort for source in phase.mixture.sources] == [False, False, True]
    networks = [checkpoint.load(path).network for path in (first, second)]
    said = [run_network(network, np.array(first_pool.images[0]), CPU)[0] for network in networks]
    assert first_pool.logits is not None
    np.testing.assert_allclose(first_pool.logits[0], np.mean(said, axis=0), atol=0.02)
    assert taught.logits is not None
    np.testing.assert_allclose(
        taught.logits[0], run_network(networks[1], np.array(taught.images[0]), CPU)[0], atol=0.02
    )
    assert untaught.logits is None
    np.testing.assert_array_equal(untaught.images, part.images[None])
    assert work.provenance()["teachers"] == (
        f"small=runs/{folder.name}/{BEST}",
        f"small=runs/{tmp_path.name}/other.safetensors",
        f"extra.npz=runs/{tmp_path.name}/other.safetensors",
    )


@pytest.fixture
def idx(tmp_path: Path, small: DataSet) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for prefix, part in (("train", small.train), ("t10k", small.test)):
        write_idx(folder / f"{prefix}-images-idx3-ubyte", part.images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte", part.labels.astype(np.uint8))
    return folder


def command(data: Path, folder: Path, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "model", "train", "--preset", "lenet5-mnist", "--data-set", "idx",
        "--data", str(data), "--passes", "12", "--batch", "20", "--distort", "mild", "--seed", "4",
        "--limit", "400", "--device", "cpu", "--run", str(folder), *more,
    ]  # fmt: skip


def wait_for_passes(folder: Path, n: int) -> None:
    log = folder / LOG
    assert eventually(lambda: log.exists() and log.read_text().count("\n") >= n, 200)


def test_a_run_that_is_interrupted_says_how_to_go_on_and_ends_as_if_it_had_not_been(
    idx: Path, tmp_path: Path
) -> None:
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    with subprocess.Popen(command(idx, cut), stdout=subprocess.PIPE, text=True) as process:
        wait_for_passes(cut, 2)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[0]
    assert process.returncode == 130
    assert said.endswith(f"python -m model train --run {cut} --resume\n")
    again = [sys.executable, "-m", "model", "train", "--run", str(cut), "--resume"]
    with subprocess.Popen(again, stdout=subprocess.DEVNULL) as second:
        wait_for_passes(cut, 5)
        second.kill()
    settings = TrainingSettings.load(cut / SETTINGS_FILE)
    data = load_data_set("idx", idx)
    trained(settings, data, cut, resume=True)
    trained(settings, data, whole)
    digests = [checkpoint.load(folder / BEST).metadata.digest for folder in (whole, cut)]
    assert digests[0] == digests[1]
    assert (cut / LOG).read_text().count("\n") == 12


def test_a_folder_with_a_run_in_it_is_left_alone(finished: tuple[Path, Report], small: DataSet) -> None:
    folder, _ = finished
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match="holds a run already"):
        trained(SETTINGS, small, folder)
    other = (
        "other settings: distort is full there, none here; distort_last is mild there, none here; last_share"
    )
    with pytest.raises(ValueError, match=other):
        trained(SETTINGS, small, folder, resume=True)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--data-set", "mnist"], "the SHA256 sum is not the published"),
        (["--preset", "lenet6"], "no network is called 'lenet6'; there are lenet5, "),
        (["--schedule", "steps"], "there is no schedule 'steps'"),
        (["--distort", "wild"], "'wild'"),
        (["--teacher", "cheques=missing.safetensors"], "no source 'cheques': choose from idx"),
        (["--teacher", "idx=missing.safetensors"], "error: missing.safetensors: there is no such file"),
        (["--corrections", "missing.db"], "missing.db: there is no such file"),
        (["--init", "lenet9"], "lenet9.safetensors: there is no such file"),
        (["--init", "lenet5-relu"], "lenet5-relu holds a lenet5-relu, not a lenet5-mnist"),
        (
            ["--teacher", "lenet5-mnist", "--digit-weight", "1", "--digit-teacher-weight", "1"],
            "the teacher lenet5-mnist has no digit head",
        ),
        (["--resume"], "there is no run in "),
        (["--mix", "missing.npz"], "missing.npz: No such file"),
        (["--watch", "missing.npz"], "missing.npz: No such file"),
        (["--rubbish", "0"], "--rubbish must be above 0, not 0"),
        (["--lr", "1e30", "--limit", "20"], "the loss is no longer finite in pass 1: choose a lower --lr"),
        (["--device", "cuda:77"], "cuda:77"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    idx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], reason: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["model", *command(idx, tmp_path / "run", *more)[3:]])
    with pytest.raises(SystemExit) as left:
        main()
    assert str(left.value).startswith("error: ")
    assert reason in str(left.value)
    assert "\n" not in str(left.value)
    assert (tmp_path / "run").exists() is ("--lr" in more)  # a run that cannot begin leaves no folder


def test_a_run_to_go_on_with_must_be_named(idx: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--resume goes on with the run in --run: name its folder"):
        train_command(data=idx, data_set="idx", resume=True)


def test_a_run_that_diverges_keeps_what_it_had(
    small: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weight that is no number any more, in the second of three passes: the first one's stay."""
    started: list[Trainer] = []

    def poison(run: Run, trainer: Trainer) -> None:
        keep(run, trainer)
        started.append(trainer)
        with torch.no_grad():
            next(trainer.learner.parameters()).fill_(torch.inf)

    monkeypatch.setattr("model.training.loop.train.keep", poison)
    with pytest.raises(ValueError, match="the loss is no longer finite in pass 2: choose a lower --lr"):
        trained(replace(SETTINGS, passes=3), small, tmp_path)
    steps = started[0].steps // 3
    assert started[0].step == steps + 1
    assert (tmp_path / LOG).read_text().count("\n") == 1
    assert np.isfinite(checkpoint.load(tmp_path / BEST).metadata.measured["validation_nll"])
