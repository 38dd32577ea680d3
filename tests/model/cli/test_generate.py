from pathlib import Path

import pytest

from model.cli import CommandError
from model.cli.generate import generate
from model.training.data import DataError


def test_missing_data_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises((DataError, OSError), match="pendigits"):
        generate(data=tmp_path, out=tmp_path, pieces=10)
    with pytest.raises((DataError, OSError), match=r"mnist|pendigits|cheques"):
        generate(data=tmp_path, out=tmp_path, fonts=[tmp_path], kind=["strokes-writers"])


def test_unknown_kinds_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such kind: dreams"):
        generate(data=tmp_path, kind=["dreams"])
    with pytest.raises(CommandError, match="nowhere"):
        generate(data=tmp_path, fonts=[tmp_path / "nowhere"])
