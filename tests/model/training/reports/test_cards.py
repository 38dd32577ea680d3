import json
from dataclasses import replace
from pathlib import Path

import pytest

from model.checkpoints import checkpoint
from model.training.data import DataSet
from model.training.loop.run import BEST
from model.training.loop.settings import TrainingSettings, defaults
from model.training.reports.cards import FinishedRun, command, ship
from tests.model.training.conftest import trained

pytestmark = pytest.mark.slow

SETTINGS = TrainingSettings(
    "lenet5-relu", data_set="small", passes=1, batch=50, learning_rate=5e-3, average=0.9
)


@pytest.fixture(scope="module")
def runs(small: DataSet, tmp_path_factory: pytest.TempPathFactory) -> list[FinishedRun]:
    """Runs of three seeds, and one with distortions."""
    folder = tmp_path_factory.mktemp("runs")
    wanted = [replace(SETTINGS, seed=seed) for seed in range(3)] + [replace(SETTINGS, distort="mild")]
    for i, settings in enumerate(wanted):
        trained(settings, small, folder / str(i))
    return [FinishedRun.load(folder / str(i)) for i in range(4)]


def test_the_run_that_is_best_on_the_validation_part_is_shipped_with_its_figures_and_command(
    runs: list[FinishedRun], tmp_path: Path
) -> None:
    path = ship(runs[:3], tmp_path)
    shipped, text = checkpoint.load(path), path.with_suffix(".md").read_text()
    best = min(runs[:3], key=lambda run: run.report["validation"]["nll"])
    assert shipped.metadata.training["seed"] == best.settings.seed
    assert shipped.metadata.digest == best.metadata.digest
    assert shipped.metadata.measured["seeds"] == [run.accuracy for run in runs[:3]]
    for run in runs[:3]:
        assert f"| {run.settings.seed} | " in text
        assert f"| {run.accuracy:.2%} | {run.report['test']['errors']} |" in text
        assert str(run.folder) not in text
    assert command(best.settings) in text
    assert "a test's" in text


def test_the_card_has_the_whole_chain_of_runs_that_went_on_from_each_other(
    runs: list[FinishedRun], small: DataSet, tmp_path: Path
) -> None:
    wanted = replace(SETTINGS, preset="lenet5-mnist", teachers=(str(runs[3].folder / BEST),))
    for name in ("first", "second", "third"):
        weights = checkpoint.load(wanted.init) if wanted.init else None
        trained(wanted, small, tmp_path / name, weights=weights)
        wanted = replace(wanted, seed=wanted.seed + 1, init=str(tmp_path / name / BEST))
    text = ship([FinishedRun.load(tmp_path / "third")], tmp_path).with_suffix(".md").read_text()
    made_by = text.split("## Made by")[1].split("```")[1].splitlines()[1:]
    assert [line.partition(" --run ")[2] for line in made_by] == ["runs/3", "runs/first", "runs/second", ""]
    assert [line.partition("--seed ")[2][:1] for line in made_by] == ["", "", "1", "2"]
    assert ["--init runs/first/best.safetensors" in line for line in made_by] == [False, False, True, False]
    assert ["--init runs/second/best.safetensors" in line for line in made_by] == [False, False, False, True]


def test_runs_that_do_not_belong_together_are_refused(runs: list[FinishedRun], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more than their seeds"):
        ship(runs, tmp_path)
    with pytest.raises(ValueError, match="two of the runs have the same seed"):
        ship([runs[0], runs[1], runs[0]], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_finished_run_is_refused(runs: list[FinishedRun], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r": no run, as it has no settings\.json$"):
        FinishedRun.load(tmp_path)
    SETTINGS.save(tmp_path / "settings.json")
    with pytest.raises(ValueError, match=r": a run that is not finished yet, as it has no report\.json$"):
        FinishedRun.load(tmp_path)
    (tmp_path / "report.json").write_text("{")
    with pytest.raises(ValueError, match="not the folder of a finished run"):
        FinishedRun.load(tmp_path)
    (tmp_path / "report.json").write_text(json.dumps({"validation": {}}))
    with pytest.raises(ValueError, match="not been measured on a test part"):
        FinishedRun.load(tmp_path)


def test_the_command_names_what_is_not_a_default() -> None:
    settings = TrainingSettings("lenet5-mnist", seed=3, passes=9, learning_rate=0.004, mix_distort=True,
                        teachers=("/somewhere/runs/big/best.safetensors",
                                  "mnist=/somewhere/runs/wide/best.safetensors"))  # fmt: skip
    assert command(settings) == (
        "python -m model train --preset lenet5-mnist --data DIR --seed 3 --passes 9 --lr 0.004 "
        "--teacher runs/big/best.safetensors --teacher mnist=runs/wide/best.safetensors --mix-distort"
    )
    assert (
        command(TrainingSettings("lenet5-relu"))
        == "python -m model train --preset lenet5-relu --data DIR --passes 30"
    )


def test_the_command_of_a_run_that_learned_from_corrections() -> None:
    given = {"preset": "lenet5", "init": "lenet5", "corrections": "/somewhere/c.db", "distort": "none",
             "teachers": ("mnist=lenet5",), "digit_weight": 0.5}  # fmt: skip
    settings = TrainingSettings(**(defaults(corrections=True) | given))
    assert command(settings) == (
        "python -m model train --preset lenet5 --data DIR --passes 3 --distort none --teacher mnist=lenet5 "
        "--init lenet5 --corrections c.db --digit-weight 0.5 --digit-teacher-weight 0.0"
    )
