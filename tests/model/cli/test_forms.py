import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from model.cli import application
from model.generator.forms.pages import form, scanned
from model.generator.numbers.strings import by_writer
from model.generator.pens.hands import Drawing
from model.generator.pens.templates import draw_digit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template, and scans of one form: two pages in a TIFF, a file that is none, a blank sheet."""
    folder = tmp_path_factory.mktemp("forms")
    rng = np.random.default_rng(3)
    hands = by_writer([Drawing(draw_digit(digit, rng), digit, 0) for digit in range(10)])
    page = form(np.random.default_rng(3), [], hands)
    (folder / "form.json").write_text(json.dumps(page.template))
    (folder / "truth.json").write_text(json.dumps(page.texts))
    scans = folder / "scans"
    scans.mkdir()
    first, second = (Image.fromarray(scanned(page, rng).pixels) for _ in range(2))
    first.save(scans / "two.tiff", save_all=True, append_images=[second])
    Image.new("L", (800, 1100), 255).save(scans / "blank.png")
    (scans / "none.png").write_bytes(b"none")
    return folder


def run(command: str, *arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(application(command), [command, *map(str, arguments)])
    return result.exit_code, result.output


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_from_scans_to_a_promise(folder: Path, tmp_path: Path) -> None:
    out, journal, review = tmp_path / "out.csv", tmp_path / "out.jsonl", tmp_path / "review.html"
    given = (folder / "form.json", folder / "scans", "--csv", out, "--jobs", 1)
    status, said = run("forms", *given, "--json", journal, "--review", review, "--sample", 1000)
    assert status == 1  # two pages could not be read
    truth = json.loads((folder / "truth.json").read_text())
    rows = table(out)
    assert {row["file"].rpartition("/")[2]: row["error"] for row in rows if row["error"]} == {
        "blank.png": "the template has 4 marks, and 0 were found",
        "none.png": "the bytes are not an image",
    }
    read = [row for row in rows if not row["error"]]
    assert len(read) == 2 * len(truth)
    assert {row["page"] for row in read} == {"1", "2"}
    assert sum(row["text"] == truth[row["field"]] for row in read) > 0.9 * len(read)
    assert "4 pages, 2 not read" in said
    # A second run goes on from the journal; a file in the middle of which it was broken off is read anew.
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[:-1]) + lines[-1][:40])
    assert run("forms", *given, "--json", journal)[0] == 1
    assert table(out) == rows
    # A person checks everything.
    fields = json.loads(review.read_text().partition("const fields = ")[2].partition(";\n")[0])
    assert len(fields) == len(read)
    said_so = tmp_path / "corrections.csv"
    with said_so.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "page", "field", "text", "truth", "cells"))
        writer.writerows((f["file"], f["page"], f["name"], f["text"], truth[f["name"]], "") for f in fields)
    assert run("forms", folder / "form.json", "--csv", out, "--apply", said_so)[0] == 0
    assert all(
        row["checked"] == "true" and row["truth"] == truth[row["field"]] for row in table(out) if row["field"]
    )
    promised = tmp_path / "promise.json"
    status, said = run("promise", out, "--wrong", 0.3, "--out", promised)
    assert status == 0, said
    assert "of the answers are wrong, at 95%" in said
    assert run("forms", *given, "--json", journal, "--promise", promised)[0] == 1
    threshold = json.loads(promised.read_text())["threshold"]
    for row in table(out):
        if row["field"]:
            assert row["review"] == str(row["why"] != "").lower()
            assert row["review"] == "true" or float(row["confidence"]) >= threshold


def test_a_template_is_drafted_and_learns(folder: Path, tmp_path: Path) -> None:
    page = form(
        np.random.default_rng(4),
        [],
        by_writer([Drawing(draw_digit(digit, np.random.default_rng(0)), digit, 0) for digit in range(10)]),
    )
    scan = tmp_path / "scan.png"
    Image.fromarray(page.pixels).save(scan)
    drafted = json.loads(run("forms", "--draft", scan)[1])
    boxes = np.array([field["box"] for field in drafted["fields"]]) / 2
    ruled = [
        each for each in page.template["fields"] if each["kind"] == "comb" and not page.texts[each["name"]]
    ]
    met = [np.abs(boxes - field["box"]).max(axis=1).min() < 4 for field in ruled]
    assert np.mean(met) > 0.7  # combs with teeth alone are not boxes
    assert len(drafted["marks"]) == 4
    plain = {key: value for key, value in page.template.items() if key != "marks"}
    (tmp_path / "plain.json").write_text(json.dumps(plain))
    learned = run("forms", tmp_path / "plain.json", "--learn", scan)[1]
    (tmp_path / "learned.json").write_text(learned)
    assert len(json.loads(learned)["ruling"]) > 20
    status, said = run("forms", tmp_path / "learned.json", scan, "--jobs", 1)
    assert status == 0, said
