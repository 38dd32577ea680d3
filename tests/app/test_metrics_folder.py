"""Nothing is left of a process that was killed, and nothing taken from one that lives."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app.metrics_folder import MetricsFolder
from tests.support import ROOT

OWNER = """
from app.metrics_folder import MetricsFolder
folder = MetricsFolder()
print(folder.path, flush=True)
input()
"""


def owner() -> tuple[subprocess.Popen[str], Path]:
    """A process with a folder of its own, and that."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_only_folders_of_the_dead_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "digits-metrics-of-someone").mkdir()
    (tmp_path / "digits-metrics-link").symlink_to(tmp_path)
    others = set(tmp_path.iterdir())
    living, its_folder = owner()
    killed, left = owner()
    with living, killed:
        (left / "counter_1.db").write_bytes(b"some counts")
        killed.kill()
        killed.wait()
        assert left.is_dir()
        mine = MetricsFolder()
        assert set(tmp_path.iterdir()) == {*others, its_folder, Path(mine.path)}
        mine.remove()
        living.kill()
        living.wait()
        MetricsFolder().remove()
    assert set(tmp_path.iterdir()) == others
