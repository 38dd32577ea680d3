"""The package: built, installed into an environment of its own, and used far from the checkout."""

import json
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.support import ROOT, running

pytestmark = pytest.mark.slow

BUILD = "import sys, setuptools.build_meta as b; to = sys.argv[1]; b.build_sdist(to); b.build_wheel(to)"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that is built from what the sdist holds."""
    folder = tmp_path_factory.mktemp("built")
    source, first = folder / "source", folder / "first"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in tracked.decode().split("\0"):
        if name and not name.startswith(("tests/", "docs/")) and (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name, follow_symlinks=False)
    subprocess.run([sys.executable, "-c", BUILD, first], cwd=source, capture_output=True, check=True)
    (sdist,) = first.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    unpacked = folder / sdist.name.removesuffix(".tar.gz")
    subprocess.run([sys.executable, "-c", BUILD, folder], cwd=unpacked, capture_output=True, check=True)
    return folder


@pytest.fixture(scope="module")
def binaries(built: Path) -> Path:
    """The programs of an environment with the wheel, whose dependencies are those of the tests."""
    home = built / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True)
    (site,) = home.glob("lib/*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return home / "bin"


def test_the_wheel_holds_all_that_is_used(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "app", "model", "static"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in tracked.stdout.split():
        inside = f"app/{name}" if name.startswith("static/") else name
        assert inside in names or name == "app/static" or inside.endswith("generator/README.md"), name
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_answers_from_any_folder(binaries: Path, tmp_path: Path) -> None:
    picture = ROOT / "docs" / "seven.png"

    def run(*arguments: str | Path) -> str:
        command = [binaries / "digits", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert run("--version").startswith("digits ")
    listed = run("--help")
    assert all(command in listed for command in ("serve", "predict", "read", "forms", "train"))
    assert "DIGITS_PORT" in run("serve", "--settings")
    assert json.loads(run("predict", picture, "--json"))["digit"] == 7
    assert json.loads(run("read", picture, "--json"))["text"] == "7"
    assert "--data" in run("train", "--help")
    assert "--csv" in run("forms", "--help")
    where = "import app, model; print(app.__file__, model.__file__)"
    found = subprocess.run(
        [binaries / "python", "-c", where], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert all(Path(path).is_relative_to(binaries.parent) for path in found.stdout.split())
    with running([binaries / "digits", "serve"], tmp_path) as server:
        page = httpx.get(server.url)
        assert "data-testid" in page.text
        assert httpx.get(f"{server.url}/static/js/main.js").status_code == 200
        answer = httpx.post(f"{server.url}/predict", files={"image": picture.read_bytes()})
        assert answer.json()["digit"] == 7
        assert len(httpx.get(f"{server.url}/models").json()["models"]) == 7
