import json
import sqlite3
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from model.cli.train import prepare
from model.ink import normalise_image, normalise_strokes
from model.recognition import Recogniser
from model.training.corrections.database import read_corrections
from model.training.data import DataError
from tests.model.training.conftest import QUIET
from tests.support import encoded

SCHEMA = "CREATE TABLE corrections (id INTEGER PRIMARY KEY, created TEXT, label INTEGER, strokes, image)"
FOUR = [[[40, 0], [0, 60], [70, 60]], [[50, 30], [50, 100]]]
ONE = [[[0, 0], [5, 90]]]
RECOGNISER = Recogniser.load("lenet5")


def picture(*, blank: bool = False) -> bytes:
    pixels = np.full((60, 60), 255, np.uint8)
    if not blank:
        pixels[10:50, 28:32] = 0
    return encoded(pixels)


def filed(path: Path, *rows: tuple[object, object, object]) -> Path:
    """A file of corrections with rows of a label, strokes, and an image."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(SCHEMA)
        connection.executemany(
            "INSERT INTO corrections (created, label, strokes, image) VALUES ('', ?, ?, ?)", rows
        )
    return path


def test_drawings_and_pictures_are_normalised_as_the_service_does(tmp_path: Path) -> None:
    path = filed(tmp_path / "c.db", (4, json.dumps(FOUR), None), (1, None, picture()))
    before = path.read_bytes()
    found = read_corrections(path, RECOGNISER)
    assert found.part.labels.tolist() == [4, 1]
    np.testing.assert_array_equal(found.part.images[0], normalise_strokes(FOUR).field)
    np.testing.assert_array_equal(found.part.images[1], normalise_image(picture()).field)
    assert str(found) == f"{path}: 2 to learn from"
    assert path.read_bytes() == before


def test_what_cannot_be_learned_from_is_skipped_and_counted(tmp_path: Path) -> None:
    path = filed(
        tmp_path / "c.db",
        (1, None, picture(blank=True)),
        (2, None, b"no image"),
        (3, "[[[0,", None),
        (3, "5", None),
        (3, None, None),
        (3, '[["x"]]', None),
        (4, json.dumps(FOUR), None),
        (11, "[[[0, 0], [5, 80]]]", None),
        (-1, "[[[0, 0], [5, 81]]]", None),
        ("four", "[[[0, 0], [5, 82]]]", None),
    )
    found = read_corrections(path, RECOGNISER)
    assert found.ids.tolist() == [7]
    assert found.part.labels.tolist() == [4]
    assert sum(found.skipped.values()) == 9
    assert str(found).count(" skipped: ") == len(found.skipped) >= 4


def test_a_later_correction_of_the_same_drawing_holds(tmp_path: Path) -> None:
    path = filed(
        tmp_path / "c.db",
        (9, json.dumps(FOUR), None),
        (1, json.dumps(ONE), None),
        (4, json.dumps(FOUR), None),
    )
    found = read_corrections(path, RECOGNISER)
    assert dict(zip(found.ids.tolist(), found.part.labels.tolist(), strict=True)) == {3: 4, 2: 1}
    assert str(found).endswith("2 to learn from; 1 replaced by a later one of the same drawing")


def test_a_service_may_go_on_writing(tmp_path: Path) -> None:
    path = filed(tmp_path / "c#?%.db", (4, json.dumps(FOUR), None))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO corrections (created, label, strokes) VALUES ('', 1, '[]')")
        assert len(read_corrections(path, RECOGNISER).part) == 1


def test_a_file_without_corrections_is_said_to_be_so(tmp_path: Path) -> None:
    text, tables = tmp_path / "letter.txt", tmp_path / "other.db"
    text.write_text("Dear reader, " * 100)
    with closing(sqlite3.connect(tables)) as connection:
        connection.execute("CREATE TABLE letters (x)")
    columns = tmp_path / "columns.db"
    with closing(sqlite3.connect(columns)) as connection:
        connection.execute("CREATE TABLE corrections (x)")
    for path, reason in (
        (tmp_path / "none.db", "there is no such file"),
        (tmp_path, "there is no such file"),
        (text, "not a file of corrections that the service kept"),
        (tables, "no such table: corrections"),
        (columns, "no such column"),
        (filed(tmp_path / "empty.db"), "holds no corrections yet"),
        (filed(tmp_path / "blank.db", (1, None, picture(blank=True))), "none of the 1 corrections"),
    ):
        with pytest.raises(DataError) as failure:
            read_corrections(path, RECOGNISER)
        assert str(failure.value).startswith(f"{path}: ")
        assert reason in str(failure.value)
        assert "\n" not in str(failure.value)
    assert not (tmp_path / "none.db").exists()


def test_the_network_that_learns_answers_the_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Mock(return_value=RECOGNISER)
    monkeypatch.setattr(Recogniser, "load", load)
    asked = {"corrections": str(filed(tmp_path / "c.db", (1, None, picture()))), "init": "lenet5-mnist"}
    with pytest.raises(DataError, match="no such folder"):
        prepare(asked | {"data": tmp_path / "none"}, None, torch.device("cpu"), QUIET, download=False)
    load.assert_called_once_with("lenet5-mnist")
