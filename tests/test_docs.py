"""The documents are true: their blocks run, and the files, modules, commands and settings they name exist."""

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from PIL import Image
from typer.core import TyperGroup

from app.settings import Settings, table, variable_of
from model.cli import application
from model.generator.items import PARTS
from model.generator.paper.cheques import load_amounts
from model.generator.pens.hands import load_pendigits
from model.networks.presets import PRESETS
from tests.support import ROOT, RunningServer

DOCS = ROOT / "docs"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
FOLDERS = ("app", "deploy", "docs", "model", "static", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])
PAGES = [page for page in PAGES if "node_modules" not in page.parts]
FOR_PEOPLE = [page for page in PAGES if page.parent.name != "weights"]
"""All but the model cards, whose commands are the ones that a run wrote down."""

GUIDES = [ROOT / "README.md", ROOT / "RELEASE.md", ROOT / "SECURITY.md", ROOT / "deploy" / "README.md"]
GUIDES += [page for page in DOCS.glob("*.md") if page.name not in {"kinds.md", "performance.md"}]
"""What people follow line by line; a program writes the two others."""


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


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


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_linked_is_there(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for target in links:
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_heading_that_is_linked_is_there(page: Path) -> None:
    for target, heading in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text()):
        text = (page.parent / target if target else page).read_text()
        headings = [
            re.sub(r"[^\w -]", "", line.lower()) for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        ]
        assert heading in {line.replace(" ", "-") for line in headings}, f"{target}#{heading}"


@pytest.mark.parametrize("page", FOR_PEOPLE, ids=name_of)
def test_every_file_and_module_that_is_named_is_there(page: Path) -> None:
    for word in re.findall(r"`([^`\s]+)`", page.read_text()):
        if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./*-]+", word):
            assert list(ROOT.glob(word.rstrip("/").replace("NAME", "*"))) or ".explained." in word, word
        elif re.fullmatch(rf"({'|'.join(FOLDERS)})(\.\w+)+", word):
            assert is_module(word), word
    for name in re.findall(r"python -m ([\w.]+)", page.read_text()):
        assert name in {"pytest", "venv"} or is_module(name), name


def is_module(name: str) -> bool:
    """Whether a dotted name is a module here, or a name in one."""
    path = ROOT / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    module = path.parent / "__init__.py" if path.parent.is_dir() else path.parent.with_suffix(".py")
    return module.exists() and re.search(rf"\b{path.name}\b", module.read_text()) is not None


@pytest.mark.parametrize("page", GUIDES, ids=name_of)
def test_python_is_always_that_of_the_environment(page: Path) -> None:
    text = re.sub(r"```(?!sh).*?```", "", page.read_text(), flags=re.DOTALL)
    bare = re.findall(r"(?<!\.venv/bin/)python -m (?:model|app|tests|deploy)\b.*", text)
    assert not bare


@pytest.mark.parametrize("page", FOR_PEOPLE, ids=name_of)
def test_every_target_of_make_is_one(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = page.read_text()
    named = re.findall(r"`(?:\w+=\S+ )*make ([\w-]+)", text) + re.findall(
        r"^make ([\w-]+)", text, re.MULTILINE
    )
    assert set(named) <= targets


@pytest.mark.parametrize("page", FOR_PEOPLE, ids=name_of)
def test_every_option_of_a_tool_is_one_that_it_takes(page: Path) -> None:
    for name, words in re.findall(r"python -m model (\w+)((?: (?!#)[^\s`|>()]+)*)", page.read_text()):
        if name == "COMMAND":
            continue
        command = typer.main.get_command(application(name))
        assert isinstance(command, TyperGroup)
        known = {option for parameter in command.commands[name].params for option in parameter.opts}
        assert {word for word in words.split() if word.startswith("--")} <= known, f"{name}{words}"
        assert set(re.findall(r"--preset (\S+)", words)) <= {*PRESETS, "teacher"}


def test_the_settings_are_those_that_the_program_prints() -> None:
    assert (DOCS / "settings.md").read_text().endswith(f"\n\n{table()}\n")


def test_no_picture_is_left_over() -> None:
    named = " ".join(page.read_text() for page in PAGES)
    assert not [picture.name for picture in DOCS.glob("*.png") if picture.name not in named]


@pytest.mark.slow
def test_the_nine_that_is_read_as_a_four(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(DOCS / "nine.png", tmp_path / "docs")
    (command,) = blocks("why.md", "sh")
    assert re.search(r"│ \(?4\)? ", run(command, tmp_path))  # (4): to be looked at
    assert (tmp_path / "docs" / "nine.explained.png").stat().st_size > 10_000
    shown = blocks("why.md", "")
    names: dict[str, object] = {}
    programs = blocks("why.md", "python")
    assert len(programs) == len(shown) == 2
    for program, expected in zip(programs, shown, strict=True):
        found = printed(program, tmp_path, names)
        assert re.sub(r"[\d.]+", "", found) == re.sub(r"[\d.]+", "", expected)
        numbers = [
            [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)] for text in (found, expected)
        ]
        assert numbers[0] == pytest.approx(numbers[1], abs=0.5)


def test_the_library_says_what_its_page_says() -> None:
    names: dict[str, object] = {}
    for program, expected in zip(blocks("library.md", "python"), blocks("library.md", ""), strict=True):
        assert printed(program, ROOT, names) == expected


@pytest.mark.slow
def test_the_sample_form_is_read_reviewed_and_promised(server: RunningServer, tmp_path: Path) -> None:
    for name in ("form.json", "form.png", "form-scan.png", "form-photo.jpg"):
        shutil.copy(DOCS / name, tmp_path)
    read, call, draft, learn, review = blocks("forms.md", "sh")
    run(read, tmp_path)
    said = [line.split(",") for line in (tmp_path / "fields.csv").read_text().splitlines()[1:]]
    told = re.findall(
        r"\| (account|reading|previous|persons|amount|phone) \| (\w+)", (DOCS / "forms.md").read_text()
    )
    told += re.findall(
        r"\| (persons|amount|phone) \| (\w+) \|$", (DOCS / "forms.md").read_text(), re.MULTILINE
    )
    wanted = dict(told)
    assert len(wanted) == 6
    assert len(said) == 12
    for _, _, field, text, _, empty, *_ in said:
        assert (text or "empty") == wanted[field]
        assert empty == str(text == "").lower()
    answer = json.loads(run(call.replace("http://127.0.0.1:8000", server.url), tmp_path))
    assert answer["aligned"]["ok"]
    assert [field["text"] or "empty" for field in answer["fields"]] == [
        wanted[f["name"]] for f in answer["fields"]
    ]
    run(draft, tmp_path)
    drafted = json.loads((tmp_path / "drafted.json").read_text())
    kinds = [(field["kind"], field.get("cells")) for field in drafted["fields"]]
    assert sorted(kinds, key=str) == sorted(
        [("comb", 8), ("comb", 6), ("comb", 6), ("digit", None), ("number", None), ("comb", 10)], key=str
    )
    run(learn, tmp_path)
    assert json.loads((tmp_path / "learned.json").read_text())["ruling"]
    run(review, tmp_path)
    assert "data:image/png" in (tmp_path / "review.html").read_text()
    (tmp_path / "scans").mkdir()
    shutil.copy(DOCS / "form-scan.png", tmp_path / "scans")
    rows = [f"{file},{page},{field},{text},{text}," for file, page, field, text, *_ in said]
    (tmp_path / "corrections.csv").write_text("\n".join(["file,page,field,text,truth,cells", *rows]) + "\n")
    apply, promise = (text for text in blocks("forms.md", "") if "-m model" in text)
    run(apply, tmp_path)
    # Twelve fields are too few to promise anything of: as many as it takes, all like them.
    table = (tmp_path / "fields.csv").read_text().splitlines()
    (tmp_path / "fields.csv").write_text("\n".join([table[0], *table[1:] * 40]) + "\n")
    run(promise, tmp_path)
    assert (tmp_path / "all.csv").read_text().count("form-scan.png") == 6


def test_each_alert_has_its_section_of_the_runbook() -> None:
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    sections = re.findall(r"^## (Digits\w+)$", (DOCS / "runbook.md").read_text(), re.MULTILINE)
    assert [rule["alert"] for rule in rules] == sections
    for rule in rules:
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"


def test_the_variables_that_the_docs_name_are_settings() -> None:
    known = {variable_of(name) for name in Settings.model_fields}
    for page in PAGES:
        assert set(re.findall(r"\bDIGITS_[A-Z_]*[A-Z]\b", page.read_text())) <= known, page


def test_the_first_things_to_ask_are_answered(server: RunningServer) -> None:
    for line in blocks("runbook.md", "sh")[0].splitlines():
        command = re.sub(r"\s+#.*$", "", line).replace("http://127.0.0.1:8000", server.url)
        assert run(f"{command} --fail", ROOT)


def test_the_platforms_calls_are_answered(server: RunningServer) -> None:
    calls = [text for text in blocks("platforms.md", "sh") if text.startswith("curl")]
    for call in calls:
        found = run(call.replace("http://127.0.0.1:8000", server.url), ROOT)
        assert re.search(r'"data":\[7\]|"digit":7|^\[{"label":"7"', found), found
    assert len(calls) == 4


def test_the_data_of_others_become_what_is_read(tmp_path: Path) -> None:
    pendigits, cheques = tmp_path / "data" / "pendigits", tmp_path / "data" / "cheques"
    coco = cheques / "ORAND-CAR-2014-coco"
    for folder in (
        pendigits,
        coco / "annotations",
        coco / "images" / "train2017",
        coco / "images" / "val2017",
    ):
        folder.mkdir(parents=True)
    (pendigits / "pendigits-orig.tra").write_text(
        '.LEXICON "0" "1"\n.SEGMENT DIGIT 0-1 ? "4"\n.COMMENT 4 12 224\n'
        ".PEN_DOWN\n 10 490\n 20 480\n.PEN_UP\n.DT 100\n.PEN_DOWN\n 30 470\n.PEN_UP\n.DT 100\n"
    )
    file = "a_car_000154_png.rf.ec2e.jpg"
    Image.new("L", (60, 40), 200).save(coco / "images" / "train2017" / file)
    labels = {
        "categories": [{"id": 1, "name": "2"}, {"id": 2, "name": "5"}],
        "images": [{"id": 7, "file_name": file}],
        "annotations": [
            {"image_id": 7, "category_id": 2, "bbox": [31, 13, 19, 25]},
            {"image_id": 7, "category_id": 1, "bbox": [2, 13, 25, 29]},
        ],
    }
    (coco / "annotations" / "instances_train2017.json").write_text(json.dumps(labels))
    empty: dict[str, list[object]] = {"categories": [], "images": [], "annotations": []}
    (coco / "annotations" / "instances_val2017.json").write_text(json.dumps(empty))
    names: dict[str, object] = {}
    for program in blocks("training.md", "python"):
        printed(program, tmp_path, names)
    (written,) = load_pendigits(tmp_path / "data", "train")
    assert (written.label, written.group, len(written.strokes)) == (4, 12, 2)
    (amount,) = [amount for part in PARTS for amount in load_amounts(tmp_path / "data", part)]
    assert (amount.text, amount.path.name, amount.pixels.shape) == ("25", "a_car_000154.jpg", (40, 60))
