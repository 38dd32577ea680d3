"""Every command of the README means something, and those that end by themselves and soon run."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from tests.support import ROOT, RunningServer

README = (ROOT / "README.md").read_text()
COMMANDS = [
    re.sub(r"\s+#.*$", "", line)
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
CALLS = [line for line in COMMANDS if line.startswith("curl")]
TOOLS = [line for line in COMMANDS if line.startswith(".venv/bin/python -m model ")]
QUICK = [line for line in TOOLS if line.split()[3] in ("predict", "read", "summary", "convert", "export")]
MAKE = [line for line in COMMANDS if re.match(r"(\w+=\S+ )*make\b", line)]
COMPOSE = [line for line in COMMANDS if re.match(r"(\w+=\S+ )*docker compose ", line)]


def test_there_is_something_to_run_and_nothing_that_is_not_looked_at() -> None:
    assert len(CALLS) >= 4
    assert len(QUICK) >= 2
    assert set(COMMANDS) - {""} == {*CALLS, *TOOLS, *MAKE, *COMPOSE}


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 140


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        ("drawings", r"(?:strokes|canvas)-\w+"),
        ("print", r"printed(?:-small)?|displays"),
        ("photographs", r"photos-\w+"),
        ("cells", r"cells-(?:bordered|cut|framed)"),
        ("digits cut from bank cheques", r"cheques-\w+"),
    ],
)
def test_the_accuracy_is_that_of_the_table_by_kind(row: str, kinds: str) -> None:
    said, table = (ROOT / "docs" / "kinds.md").read_text().rsplit("| digits |", 1)
    (each,) = {int(count) for count in re.findall(r"--per-kind (\d+)", said + README)}
    right = [float(value) for value in re.findall(rf"^\| (?:{kinds}) \| ([\d.]+) ", table, re.MULTILINE)]
    shown = re.search(rf"^\| {row}.* \| ([\d,]+) \| ([\d.]+) % \|$", README, re.MULTILINE)
    assert shown
    assert int(shown[1].replace(",", "")) == each * len(right)
    assert float(shown[2]) == pytest.approx(sum(right) / len(right), abs=0.051)


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


def test_the_answer_shown_is_the_one_given(server: RunningServer) -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    answer = httpx.post(
        f"{server.url}/predict", files={"image": (ROOT / "docs" / "seven.png").read_bytes()}
    ).json()
    rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in answer.items()}
    rounded["probabilities"] = [round(value, 4) for value in answer["probabilities"]]
    assert rounded == json.loads(shown)


@pytest.mark.slow
@pytest.mark.parametrize("command", QUICK)
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


@pytest.mark.parametrize("command", COMPOSE)
def test_every_word_for_compose_means_something(command: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    services = yaml.safe_load(text)["services"].values()
    profiles = {profile for service in services for profile in service.get("profiles", [])}
    assert set(re.findall(r"--profile (\w+)", command)) <= profiles
    assert all((ROOT / file).exists() for file in re.findall(r"-f (\S+)", command))
    assert set(re.findall(r"(\w+)=", command)) <= set(re.findall(r"\$\{(\w+)", text))
