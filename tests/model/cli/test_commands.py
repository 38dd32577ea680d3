"""The command line as people call it."""

import io
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from PIL import Image

from model.cli import COMMANDS, EXTRAS
from model.cli.output import MANY
from model.networks.family import build
from model.networks.presets import LAYERS, PRESETS
from tests.model.cli.support import failed, run
from tests.support import ROOT, Digits


def test_help_names_every_command_and_imports_none() -> None:
    text = run("--help").stdout
    for name, line in COMMANDS.items():
        assert name in text
        assert line.split(":")[0].rstrip(".") in text
    program = (
        "import sys; from model.cli import application;"
        "application(); print([name for name in ('torch', 'matplotlib', 'PIL') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("package", sorted(EXTRAS))
def test_a_missing_extra_is_named(package: str) -> None:
    program = f"""
import sys
import model.cli
def command():
    raise ModuleNotFoundError("No module named {package}.deep", name="{package}.deep")
model.cli.application = lambda asked, others: lambda prog_name: command()
sys.argv = ["model", "sweep"]
model.cli.main()
"""
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert found.returncode == 1
    assert found.stderr == f"error: sweep needs {package}.deep: pip install 'digits[{EXTRAS[package]}]'\n"


@pytest.mark.parametrize("name", [*PRESETS, "teacher"])
def test_summary_in_json_is_the_network_s_table(name: str) -> None:
    found = json.loads(run("summary", name, "--json").stdout)
    network = build(name)
    assert found["total"] == {
        "parameters": network.preset.parameters,
        "connections": network.preset.connections,
    }
    assert [layer["name"] for layer in found["layers"]] == list(LAYERS)
    assert sum(layer["parameters"] or 0 for layer in found["layers"]) == found["parameters"]


def test_summary_prints_the_published_sums_and_lists_the_presets() -> None:
    text = run("summary", "lenet5-1998").stdout
    for cell in ("6@28x28", "122,304", "1,516", "151,600", "48,120", "60,000", "340,908"):
        assert cell in text
    text = run("summary").stdout
    assert all(name in text for name in PRESETS)
    assert [entry["name"] for entry in json.loads(run("summary", "--json").stdout)] == list(PRESETS)
    assert failed("summary", "lenet4").startswith("no network is called 'lenet4'; there are lenet5, ")


def test_convert_then_export_then_predict(tmp_path: Path, mnist: Digits) -> None:
    torch.save(build("lenet5", seed=2).state_dict(), tmp_path / "own.pt")
    lines = run("convert", tmp_path / "own.pt").stdout.splitlines()
    assert "C1.weight -> C1.weight" in lines
    assert any(line.endswith("own.safetensors: lenet5, 61,706 parameters") for line in lines)
    assert "differs from torch by" in run("export", tmp_path / "own.safetensors").stdout
    Image.fromarray(mnist.images[0]).save(tmp_path / "digit.png")
    answers = []
    for model in ("own.safetensors", "own.onnx"):
        text = run("predict", tmp_path / "digit.png", "--json", "--model", tmp_path / model).stdout
        answers.append(json.loads(text))
    assert answers[0] == answers[1]
    assert answers[0]["model"] == "own"
    assert answers[0]["input_size"] == 28
    assert sum(answers[0]["probabilities"]) == pytest.approx(1, abs=1e-6)


def test_predict_prints_a_table_and_says_what_it_could_not_read(tmp_path: Path, mnist: Digits) -> None:
    Image.fromarray(mnist.images[0]).save(tmp_path / "seven.png")
    assert re.search(r"seven\.png +│ 7 ", run("predict", tmp_path / "seven.png").stdout)
    Image.new("RGB", (90, 60), "white").save(tmp_path / "white.png")
    found = run("predict", tmp_path, status=1)
    assert re.search(r"seven\.png +│ 7 ", found.stdout)
    assert re.search(r"white\.png +│  ", found.stdout)
    lines = [json.loads(line) for line in run("predict", tmp_path, "--json", status=1).stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["seven.png", "white.png"]
    assert lines[0]["digit"] == 7
    assert "error" in lines[1]
    asked = (tmp_path / "none.png", tmp_path / "seven.png")
    for more in ((), ("--explain",)):
        lines = [
            json.loads(line) for line in run("predict", *asked, "--json", *more, status=1).stdout.splitlines()
        ]
        assert lines[0] == {"file": str(asked[0]), "error": "there is no such file", "check": True}
        assert lines[1]["digit"] == 7


def test_all_pages_are_answered_and_what_is_passed_over_is_said(tmp_path: Path, mnist: Digits) -> None:
    first, *others = [Image.fromarray(image) for image in mnist.images[:3]]
    first.save(tmp_path / "scan.tif", save_all=True, append_images=others)
    first.resize((112, 112)).save(tmp_path / "scan.PDF")
    first.save(tmp_path / "moving.gif", save_all=True, append_images=others)
    for name in ("notes.txt", ".hidden.png", "old.explained.png"):
        (tmp_path / name).write_text("x")
    found = run("predict", tmp_path, "--json")
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    told = [(Path(line["file"]).name, line["digit"], line.get("page")) for line in lines]
    pages = [("scan.tif", 7, 1), ("scan.tif", 2, 2), ("scan.tif", 1, 3)]
    assert told == [("moving.gif", 7, None), ("scan.PDF", 7, None), *pages]
    assert "first frame" in lines[0]["note"]
    assert f"passed over, no image by its name: {tmp_path / 'notes.txt'}\n" in found.stderr
    assert f"passed over, hidden: {tmp_path / '.hidden.png'}\n" in found.stderr
    assert "explained" not in found.stderr
    assert re.search(r"scan\.tif page 3 +│ 1 ", run("predict", tmp_path).stdout)


@pytest.mark.parametrize("watched", [True, False])
def test_lines_are_whole_where_a_bar_is_drawn(tmp_path: Path, mnist: Digits, *, watched: bool) -> None:
    for number in range(MANY):
        Image.fromarray(mnist.images[number]).save(tmp_path / f"{number:03}.png")
    screen, terminal = os.openpty()
    stdout = terminal if watched else subprocess.PIPE
    command = [sys.executable, "-m", "model", "predict", "--json", "--jobs", "1", str(tmp_path)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=stdout, stderr=terminal, cwd=ROOT, env=environment) as process:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # how a terminal says that nobody writes to it any more
            while some := os.read(screen, 65536):
                shown += some
        os.close(screen)
        piped = b"" if process.stdout is None else process.stdout.read()
    assert process.returncode == 0
    lines = (shown if watched else piped).decode().splitlines()
    told = [json.loads(line) for line in lines if not line.endswith("to check by hand")]
    assert [Path(answer["file"]).name for answer in told] == [f"{number:03}.png" for number in range(MANY)]
    assert watched is not (b"\x1b[" in shown)  # what a bar is drawn with


def test_names_that_are_no_text_are_printed_as_they_are(tmp_path: Path, mnist: Digits) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff.png"
    data = io.BytesIO()
    Image.fromarray(mnist.images[0]).save(data, "PNG")
    Path(os.fsdecode(odd)).write_bytes(data.getvalue())
    for command in (["predict", "--csv"], ["predict"], ["read"]):
        found = subprocess.run(
            [sys.executable, "-m", "model", *command, tmp_path],
            capture_output=True,
            cwd=ROOT,
            check=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        )
        assert odd in found.stdout


def test_the_version_is_printed() -> None:
    assert re.fullmatch(r"digits \d+\.\d+\.\d+\n", run("--version").stdout)


def test_standard_input_is_predicted() -> None:
    command = [sys.executable, "-m", "model", "predict", "-", "--json"]
    with (ROOT / "docs" / "seven.png").open("rb") as image:
        found = subprocess.run(command, stdin=image, capture_output=True, cwd=ROOT, check=True)
    assert json.loads(found.stdout)["digit"] == 7


def test_failures_are_one_clear_line(tmp_path: Path) -> None:
    assert failed("predict", tmp_path / "none.png").startswith(
        f"{tmp_path / 'none.png'}: there is no such file"
    )
    assert failed("predict", tmp_path) == f"{tmp_path}: there is no image in this folder"
    Image.new("L", (28, 28)).save(tmp_path / "a.png")
    assert failed("predict", tmp_path / "a.png", "--device", "gpu").startswith("no device is called 'gpu'")
    assert failed("predict", tmp_path / "a.png", "--engine", "fast").startswith("no engine is called 'fast'")
    nowhere = tmp_path / "nowhere" / "sheet.png"
    assert failed("predict", tmp_path / "a.png", "--sheet", nowhere) == f"{nowhere}: there is no such folder"
    assert "there is no such file; the names are lenet5, " in failed(
        "predict", tmp_path / "a.png", "--model", "lenet9"
    )
    assert failed("export", tmp_path / "none.safetensors").endswith("there is no such file")
    assert failed("convert", tmp_path / "none.pt").endswith("there is no such file")
    assert failed("convert", tmp_path / "none.pt", "--preset", "x").startswith("no network is called 'x'")
    lost = failed("read", "--evaluate", "--data", tmp_path / "none")
    assert lost.startswith(f"{tmp_path / 'none'}")
    assert "No such file" in lost
