"""`python -m model read`."""

import json
from pathlib import Path

from typer.testing import CliRunner

from model.cli import application
from tests.support import ROOT

GALLERY = ROOT / "tests" / "data" / "numbers"


def test_files_are_read_as_json_lines(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.write_bytes(b"")
    asked = ["read", str(GALLERY / "crossed-sevens.png"), str(empty), "--json", "--device", "cpu"]
    result = CliRunner().invoke(application("read"), asked)
    assert result.exit_code == 1
    first, second = (json.loads(line) for line in result.output.splitlines())
    assert first["text"] == "717"
    assert [digit["digit"] for digit in first["digits"]] == [7, 1, 7]
    assert all(len(digit["box"]) == 4 for digit in first["digits"])
    assert "error" in second


def test_a_table_is_printed() -> None:
    files = [str(GALLERY / "two-noughts.png"), "nothing.png"]
    result = CliRunner().invoke(application("read"), ["read", *files])
    assert result.exit_code == 1
    header, _, first, second, *_ = (line.split("│") for line in result.output.splitlines()[1:])
    assert "two-noughts.png" in first[1]
    assert "remark" in header[0]
    assert "No such file" in second[-2]  # beside the other readings, not among them


def test_measuring_needs_data() -> None:
    result = CliRunner().invoke(application("read"), ["read", "--evaluate"])
    assert result.exit_code != 0
    assert "--data" in str(result.exception)
