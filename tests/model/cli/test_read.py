"""`python -m model read`."""

import csv
import json
from pathlib import Path

import pytest

from tests.model.cli.support import failed, run
from tests.support import ROOT

GALLERY = ROOT / "tests" / "data" / "numbers"


def test_files_are_read_as_json_lines(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.write_bytes(b"")
    found = run("read", GALLERY / "crossed-sevens.png", empty, "--json", "--device", "cpu", status=1)
    first, second = (json.loads(line) for line in found.stdout.splitlines())
    assert first["text"] == "717"
    assert [digit["digit"] for digit in first["digits"]] == [7, 1, 7]
    assert all(len(digit["box"]) == 4 for digit in first["digits"])
    assert "error" in second


def test_a_table_is_printed() -> None:
    found = run("read", GALLERY / "two-noughts.png", "nothing.png", status=1)
    header, _, first, second, *_ = (line.split("│") for line in found.stdout.splitlines()[1:])
    assert "two-noughts.png" in first[1]
    assert "remark" in header[0]
    assert "no such file" in second[-2]  # beside the other readings, not among them


def test_measuring_needs_data() -> None:
    assert "--data" in failed("read", "--evaluate")


def test_a_folder_is_read_to_a_file_of_csv_as_is_expected(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    names = ("crossed-sevens", "four-in-two-strokes")
    for name in names:
        (tmp_path / f"{name}.png").write_bytes((GALLERY / f"{name}.png").read_bytes())
    run("read", tmp_path, "--csv", out, "--pattern", "ddd", "--marks", "ignore", "--device", "cpu")
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["text"] for row in rows] == ["717", "424"]
    assert all(0 < float(row["confidence"]) <= 1 and not row["error"] for row in rows)
    refused = run("read", tmp_path, "--csv", "-", "--pattern", "d{40}", "--device", "cpu", status=1)
    assert all("pattern" in row["error"] for row in csv.DictReader(refused.stdout.splitlines()))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--pattern", "what"), "pattern"),
        (("--marks", "no"), "--marks"),
        (("--pattern", "d.d", "--marks", "ignore"), "ignored"),
    ],
)
def test_what_cannot_be_expected_is_told(options: tuple[str, ...], told: str) -> None:
    assert told in failed("read", GALLERY / "eleven.png", *options)
