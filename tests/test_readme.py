"""What the README says is so: its settings, and every command that ends by itself and soon."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings
from tests.support import ROOT, RunningServer

README = (ROOT / "README.md").read_text()
COMMANDS = [
    re.sub(r"\s+#.*$", "", line)
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
CALLS = [line for line in COMMANDS if line.startswith("curl")]
TOOLS = [
    line
    for line in COMMANDS
    if re.match(r"\.venv/bin/python -m model (predict|read|summary|convert|export)\b", line)
]


def test_there_is_something_to_run() -> None:
    assert len(CALLS) >= 5
    assert len(TOOLS) >= 4


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_line(name: str) -> None:
    assert f"| `DIGITS_{name.upper()}` |" in README


def test_every_file_that_is_linked_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("command", CALLS)
def test_calls_are_answered(command: str, server: RunningServer) -> None:
    curl = shutil.which("curl")
    assert curl, "curl is needed"
    parts = shlex.split(command.replace("http://127.0.0.1:8000", server.url))
    done = subprocess.run(
        [curl, "--silent", "--show-error", "--fail-with-body", *parts[1:]],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize("command", TOOLS)
def test_tools_do_their_work(command: str, tmp_path: Path) -> None:
    copy = tmp_path / "docs" / "seven.png"
    copy.parent.mkdir()
    copy.write_bytes((ROOT / "docs" / "seven.png").read_bytes())
    done = subprocess.run(
        [sys.executable, *shlex.split(command)[1:]],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()
