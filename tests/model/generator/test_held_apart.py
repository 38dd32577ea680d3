"""Writers and cheques are in one part only, and bad files are refused with one line."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.generator.items import PARTS, part_of
from model.generator.paper.cheques import load_amounts, load_digits
from model.generator.pens.hands import HELD_OUT, load_pendigits
from model.training.data import DataError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    samples = [
        {"label": n % 10, "writer": n % 30 + 1, "strokes": [[[10, 10], [20, 40], [30, 90]]]}
        for n in range(300)
    ]
    (tmp_path / "pendigits").mkdir()
    with gzip.open(tmp_path / "pendigits" / "pendigits-train.json.gz", "wt") as file:
        json.dump({"samples": samples}, file)
    folder = tmp_path / "cheques"
    folder.mkdir()
    entries = []
    for n in range(60):
        picture = np.full((40, 70), 230, np.uint8)
        picture[8:32, 12:16] = picture[8:32, 42:46] = 20
        Image.fromarray(picture).save(folder / f"c_{n:03d}.png")
        entries.append({"file": f"c_{n:03d}.png", "text": "17", "boxes": [[5, 6, 20, 28], [35, 6, 20, 28]]})
    (folder / "labels.json").write_text(json.dumps({"images": entries}))
    return tmp_path


def test_writers_are_held_apart(data: Path) -> None:
    writers = {part: {sample.group for sample in load_pendigits(data, part)} for part in PARTS}
    assert set.union(*writers.values()) == set(range(1, 31))
    assert sum(len(found) for found in writers.values()) == 30
    assert writers["train"] == set(range(1, 31)) - set(HELD_OUT)
    assert len(writers["validation"]) == len(writers["test"]) == 3


def test_cheques_are_held_apart_by_file(data: Path) -> None:
    names = {part: {digit.amount.path.name for digit in load_digits(data, part)} for part in PARTS}
    assert sum(len(found) for found in names.values()) == len(set.union(*names.values())) == 60
    for part, found in names.items():
        assert found
        assert all(part_of(name) == part for name in found)
    amounts = {part: {amount.path.name for amount in load_amounts(data, part)} for part in PARTS}
    assert amounts == names


def test_missing_or_wrong_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pendigits-train\.json\.gz"):
        load_pendigits(tmp_path, "train")
    (tmp_path / "cheques").mkdir()
    (tmp_path / "cheques" / "labels.json").write_text("{}")
    with pytest.raises(DataError, match=r"labels\.json"):
        load_digits(tmp_path, "train")
