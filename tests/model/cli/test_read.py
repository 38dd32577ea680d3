"""`python -m model read`."""

import json
from pathlib import Path

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
    assert "No such file" in second[-2]  # beside the other readings, not among them


def test_measuring_needs_data() -> None:
    assert "--data" in failed("read", "--evaluate")
