"""What docs/ says is so: every block of the walkthroughs runs, and the runbook names what is there."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image

from tests.support import ROOT, Digits, RunningServer

DOCS = ROOT / "docs"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
PAGES = sorted(DOCS.glob("*.md"))


def blocks(page: str, language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def run(command: str, folder: Path) -> str:
    """What a command line of the docs prints, with this Python, in `folder`."""
    python = shlex.quote(sys.executable)
    line = command.replace(".venv/bin/python", f"{python} -P")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def printed(program: str, folder: Path, names: dict[str, object]) -> str:
    """What a program of the docs prints, in `folder`, with the names of those before it."""
    output = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output):
        exec(compile(program, "docs", "exec"), names)
    return output.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_linked_is_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_nine_that_is_read_as_a_four(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(DOCS / "nine.png", tmp_path / "docs")
    (command,) = blocks("why.md", "sh")
    assert "│ 4 " in run(command, tmp_path)
    assert (tmp_path / "docs" / "nine.explained.png").stat().st_size > 10_000
    shown = blocks("why.md", "")
    names: dict[str, object] = {}
    programs = blocks("why.md", "python")
    assert len(programs) == len(shown) == 2
    for program, expected in zip(programs, shown, strict=True):
        found = printed(program, tmp_path, names)
        assert re.sub(r"\d+\.\d%?", "", found) == re.sub(r"\d+\.\d%?", "", expected)
        numbers = [[float(number) for number in re.findall(r"\d+\.\d", text)] for text in (found, expected)]
        assert numbers[0] == pytest.approx(numbers[1], abs=2)


def form(mnist: Digits, first: int) -> Image.Image:
    """A scan of a form: eight framed cells in a row, the last one empty, where docs/forms.md has them."""
    page = Image.new("L", (800, 600), 250)
    for number in range(8):
        left, top = 120 + 64 * number, 300
        page.paste(90, (left, top, left + 64, top + 80))
        page.paste(250, (left + 2, top + 2, left + 62, top + 78))
        if number < 7:
            ink = Image.fromarray(mnist.images[first + number]).resize((44, 44), Image.Resampling.BICUBIC)
            page.paste(30, (left + 10, top + 18), ink)
    return page


def test_a_form_is_cut_read_and_checked(mnist: Digits, server: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    for page in range(4):
        form(mnist, 7 * page).save(tmp_path / "pages" / f"{page}.png")
    cut, measure = blocks("forms.md", "python")
    printed(cut, tmp_path, {})
    assert len(list((tmp_path / "cells").iterdir())) == 32
    read, batch = blocks("forms.md", "sh")
    run(read, tmp_path)
    lines = (tmp_path / "digits.csv").read_text().splitlines()
    assert len(lines) == 33
    assert sum(line.endswith(",false,") for line in lines) >= 24
    empty = [line for line in lines if "-7.png" in line]
    assert all(",false," in line and line.endswith(",true,") for line in empty), empty
    with Image.open(tmp_path / "check.png") as sheet:
        assert sheet.size[0] > 100
    answers = run(batch.replace("http://127.0.0.1:8000", server.url), tmp_path)
    assert answers.count('"is_digit"') + answers.count('"status"') == 32
    for number in range(28):
        folder = tmp_path / "own" / str(mnist.labels[number])
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / "cells" / f"{number // 7}-{number % 7}.png", folder)
    command = re.search(r"`(python -m model predict own [^`]+)`", (DOCS / "forms.md").read_text())
    assert command
    run(f".venv/bin/{command[1]}", tmp_path)
    table = re.findall(
        r"^([\d.]+): (\d+) of 28 to check, (\d+) of the other (\d+) wrong$",
        printed(measure, tmp_path, {}),
        re.MULTILINE,
    )
    assert len(table) == 5
    assert all(int(checked) + int(kept) == 28 for _, checked, _, kept in table)
    assert int(table[0][1]) <= int(table[-1][1])
    assert int(table[-1][2]) <= 1


def test_each_alert_has_its_section_of_the_runbook() -> None:
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    sections = re.findall(r"^## (Digits\w+)$", (DOCS / "runbook.md").read_text(), re.MULTILINE)
    assert [rule["alert"] for rule in rules] == sections
    for rule in rules:
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"


@pytest.mark.parametrize(
    "words",
    [
        "an error that nothing answered",
        "the inference thread is dead",
        "the new checkpoints are not used",
        "The models are not loaded yet",
        "The service is stopping",
        "Too many large bodies",
    ],
)
def test_what_the_runbook_quotes_is_what_the_service_says(words: str) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    runbook = " ".join((DOCS / "runbook.md").read_text().split())
    assert words in sources
    assert words in runbook


def test_the_variables_that_the_docs_name_are_settings() -> None:
    from app.settings import Settings, variable_of

    known = {variable_of(name) for name in Settings.model_fields}
    for page in PAGES:
        assert set(re.findall(r"\bDIGITS_[A-Z_]+\b", page.read_text())) <= known, page


def test_the_first_things_to_ask_are_answered(server: RunningServer) -> None:
    for line in blocks("runbook.md", "sh")[0].splitlines():
        command = re.sub(r"\s+#.*$", "", line).replace("http://127.0.0.1:8000", server.url)
        assert run(f"{command} --fail", ROOT)
