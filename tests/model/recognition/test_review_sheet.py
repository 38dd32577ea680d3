"""What a person should look at: marked, and drawn."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.recognition.review_sheet import BELOW, MOST, needs_review, review_sheet
from tests.model.cli.support import failed, run
from tests.support import Digits

SURE = {"file": "a.png", "digit": 4, "confidence": 0.999, "is_digit": True, "reason": None}


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": BELOW - 0.01},
        {"is_digit": False},
        {"reason": "unsure between two"},
        {"error": "the bytes are not an image"},
    ],
)
def test_a_doubt_of_any_kind_is_to_be_checked(change: dict[str, object]) -> None:
    assert not needs_review(SURE)
    assert needs_review({**SURE, **change})


def test_the_threshold_is_the_callers() -> None:
    assert needs_review(SURE, below=0.9999)
    assert not needs_review({**SURE, "confidence": 0.5}, below=0.5)


def folder_of(mnist: Digits, tmp_path: Path, count: int) -> Path:
    folder = tmp_path / "cells"
    folder.mkdir()
    for number in range(count):
        Image.fromarray(255 - mnist.images[number]).save(folder / f"{number:03}.png")
    (folder / "zz-none.png").write_bytes(b"no image")
    return folder


def test_csv_marks_the_doubtful_and_the_sheet_shows_them(mnist: Digits, tmp_path: Path) -> None:
    folder = folder_of(mnist, tmp_path, 120)
    sheet = tmp_path / "check.png"
    done = run("predict", folder, "--csv", "--sheet", sheet, "--jobs", "1", status=1)  # one is no image
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [Path(row["file"]).name for row in rows] == sorted(path.name for path in folder.iterdir())
    assert rows[-1]["error"]
    assert rows[-1]["digit"] == ""
    for row in rows[:-1]:
        doubt = row["is_digit"] == "false" or row["reason"] != "" or float(row["confidence"]) < BELOW
        assert row["check"] == str(doubt).lower()
    doubtful = sum(row["check"] == "true" for row in rows)
    assert doubtful >= 1
    assert f"121 images, {doubtful} to check by hand" in done.stderr
    with Image.open(sheet) as drawn:
        shown = np.asarray(drawn)
    assert shown.shape[1] == min(doubtful, 8) * (shown.shape[1] // min(doubtful, 8))
    # Which are doubtful depends on the weights, and how dark their ink is with them; each of them is drawn.
    for tile in np.split(shown, min(doubtful, 8), axis=1):
        assert int(tile.max()) - int(tile.min()) > 240


def test_with_a_threshold_of_none_only_what_is_no_digit_is_to_be_checked(
    mnist: Digits, tmp_path: Path
) -> None:
    folder = folder_of(mnist, tmp_path, 30)
    checked = [
        run("predict", folder, "--csv", "--jobs", "1", "--check-below", below, status=1).stdout.count(
            ",true,\n"
        )
        for below in ("0", "1")
    ]
    assert checked[0] < checked[1] == 30


def test_csv_and_json_exclude_each_other(tmp_path: Path, mnist: Digits) -> None:
    folder = folder_of(mnist, tmp_path, 1)
    assert "not both" in failed("predict", folder, "--csv", "--json")


def test_a_sheet_shows_the_most_doubtful_first_and_is_bounded(mnist: Digits, tmp_path: Path) -> None:
    files = sorted(folder_of(mnist, tmp_path, 2).glob("0*.png"))
    sure, unsure = ({**SURE, "file": str(file)} for file in files)
    unsure["confidence"] = 0.3
    both = np.asarray(review_sheet([sure, unsure]).convert("L"))
    first = both[4:100, 4:100]
    alone = np.asarray(review_sheet([unsure]).convert("L"))[4:100, 4:100]
    assert np.array_equal(first, alone)
    assert review_sheet([sure] * (MOST + 50)).size == review_sheet([sure] * MOST).size
    assert review_sheet([]).size[0] > 0
