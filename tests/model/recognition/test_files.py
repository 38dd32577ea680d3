"""Many files: found, answered in order, in one process or several."""

from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.files import files_of
from model.recognition import Recogniser
from model.recognition.files import CHUNK, Options, predict_files
from tests.support import Digits


@pytest.fixture
def folder(tmp_path: Path, mnist: Digits) -> Path:
    (tmp_path / "deeper").mkdir()
    for index in range(2 * CHUNK + 10):
        place = tmp_path / "deeper" if index % 3 == 0 else tmp_path
        Image.fromarray(mnist.images[index]).save(place / f"{index:04}.png")
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def test_files_are_found_once_and_sorted(folder: Path) -> None:
    everything = files_of([str(folder)])
    assert len(everything) == 2 * CHUNK + 10
    assert everything == sorted(everything)
    assert files_of([str(folder / "0001.png"), str(folder / "*.png")])[0] == folder / "0001.png"
    assert len(files_of([str(folder / "000?.png"), str(folder / "0001.png")])) == 6
    assert len(files_of([str(folder / "**" / "*.png")])) == len(everything)
    # A file that is named is taken, whatever it is.
    assert files_of([str(folder / "notes.txt")]) == [folder / "notes.txt"]


def test_globs_may_be_relative(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert files_of(["deeper/0000.p*"]) == [Path("deeper/0000.png")]


def test_what_means_no_file_is_said(folder: Path) -> None:
    for argument in ("", str(folder / "none.png"), str(folder / "*.gif")):
        with pytest.raises(FileNotFoundError, match="there is no such file"):
            files_of([argument])


def test_what_means_no_file_stands_among_those_that_do(folder: Path) -> None:
    (folder / "empty").mkdir()
    asked = [str(folder / name) for name in ("0001.png", "none.png", "*.gif", "empty", "0002.png")]
    files = files_of(asked)
    assert list(map(str, files)) == asked
    (answers,) = predict_files(files, Options(), 1)
    missing, nothing = "there is no such file", "there is no image in this folder"
    assert [answer.get("error") for answer in answers] == [None, missing, missing, nothing, None]


def test_explanations_and_hidden_files_are_passed_over_unless_named(folder: Path) -> None:
    everything = files_of([str(folder)])
    for name in ("0001.explained.png", "._0001.png"):
        (folder / name).write_bytes((folder / "0001.png").read_bytes())
    assert files_of([str(folder)]) == everything
    assert folder / "0001.explained.png" not in files_of([str(folder / "*.png")])
    assert files_of([str(folder / "0001.explained.png")]) == [folder / "0001.explained.png"]


@pytest.mark.parametrize(("jobs", "worth"), [(1, 0.0), (2, 1e9), (2, 0.0), (4, 0.0)])
def test_answers_are_in_order_and_those_of_the_recogniser(
    jobs: int, worth: float, folder: Path, mnist: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.recognition.files.WORTH_SECONDS", worth)
    monkeypatch.setattr("model.recognition.files.CHUNK", 4)
    files = files_of([str(folder)])
    answers = [answer for chunk in predict_files(files, Options(), jobs) for answer in chunk]
    assert [answer["file"] for answer in answers] == [str(file) for file in files]
    indices = [int(file.stem) for file in files]
    expected = Recogniser.load("lenet5").score(mnist.images[indices])
    found = np.array([answer["probabilities"] for answer in answers])
    np.testing.assert_allclose(found, expected.probabilities, atol=1e-5)
    assert {answer["model"] for answer in answers} == {"lenet5"}


def test_when_helpers_are_ended_the_rest_is_done_without_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.recognition.files.WORTH_SECONDS", 0.0)
    monkeypatch.setattr("model.recognition.files.CHUNK", 1)
    files = files_of([str(folder)]) * 10
    chunks = predict_files(files, Options(), 3)
    answers = [*next(chunks), *next(chunks)]
    ended = active_children()
    assert ended
    for helper in ended:
        helper.kill()
    answers += [answer for chunk in chunks for answer in chunk]
    assert answers == [answer for chunk in predict_files(files, Options(), 1) for answer in chunk]


def test_a_bad_file_harms_no_other(folder: Path) -> None:
    Image.new("L", (28, 28)).save(folder / "blank.png")
    names = ["0001.png", "notes.txt", "blank.png", "0002.png"]
    files = [*(folder / name for name in names), folder / "gone.png"]
    (answers,) = predict_files(files, Options(), 1)
    assert ["error" in answer for answer in answers] == [False, True, True, False, True]
    assert answers[4]["error"] == "there is no such file"
    assert set(answers[1]) == {"file", "error"}


def test_the_threshold_may_be_chosen(folder: Path) -> None:
    files = [folder / "0001.png"]
    for accept, is_digit in ((0.0, True), (1.0, False)):
        ((answer,),) = predict_files(files, Options(accept=accept), 1)
        # A score of exactly 1 would still be accepted.
        assert answer["is_digit"] is (is_digit or answer["digit_score"] == 1.0)
        assert answer["reason"] == (None if answer["is_digit"] else "not one legible digit")
