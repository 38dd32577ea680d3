"""What ARCHITECTURE.md claims of the code: who imports what, and what is said in every package."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support import ROOT

Name = tuple[str, ...]
"""A dotted name, part by part."""

SOURCES = sorted(path for top in ("app", "model", "deploy") for path in (ROOT / top).rglob("*.py"))
PACKAGES = sorted(path.parent.relative_to(ROOT).parts for path in SOURCES if path.name == "__init__.py")
PARTS = [package for package in PACKAGES if package[0] == "model" and len(package) > 1]


def published(package: Name) -> set[str]:
    """What a package says that others may use: its `__all__`."""
    for node in tree(ROOT.joinpath(*package, "__init__.py")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imported(path: Path) -> Iterator[Name]:
    """The full name of everything that a module imports, at its top or later."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((*node.module.split("."), alias.name) for alias in node.names)


def crossings(path: Path) -> Iterator[tuple[Name, str]]:
    """Each package of the model's that a module is outside of, and what it takes out of it."""
    inside = path.relative_to(ROOT).parent.parts
    for name in imported(path):
        for length in range(2, len(name)):
            package = name[:length]
            if package in PARTS and inside[:length] != package:
                yield package, name[length]


def test_only_what_a_package_publishes_is_imported_from_outside_of_it() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {'.'.join((*package, name))}"
        for path in SOURCES
        for package, name in crossings(path)
        if name not in published(package)
    ]
    assert not wrong


def test_what_a_package_publishes_is_there_and_somebody_uses_it() -> None:
    tests = (ROOT / "tests").rglob("*.py")
    used = {crossing for path in [*SOURCES, *tests] for crossing in crossings(path)}
    for package in PARTS:
        folder = ROOT.joinpath(*package)
        names = {path.stem for path in folder.iterdir()}
        for node in tree(folder / "__init__.py").body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Assign):
                names.add(ast.unparse(node.targets[0]))
            elif isinstance(node, ast.ImportFrom):
                names |= {alias.name for alias in node.names}
        assert published(package) <= names, package
        assert not {name for name in published(package) if (package, name) not in used}, package


def test_the_model_never_imports_the_application() -> None:
    for path in SOURCES:
        if path.relative_to(ROOT).parts[0] == "model":
            assert not [name for name in imported(path) if name[0] in ("app", "deploy", "tests")], path


@pytest.mark.parametrize("package", PACKAGES, ids=".".join)
def test_every_package_says_what_it_is(package: Name) -> None:
    said = ast.get_docstring(tree(ROOT.joinpath(*package, "__init__.py")))
    assert said is not None
    assert len(said) > 10


@pytest.mark.parametrize(
    "module",
    [
        "app.main",
        "model.checkpoints.kernels",
        "model.checkpoints.metadata",
        "model.engines.onnx_engine",
        "model.networks.lecun1998",
        "model.networks.presets",
        "model.reading",
        "model.recognition.files",
        "model.recognition.saliency",
    ],
)
def test_what_serves_imports_neither_torch_nor_matplotlib(module: str) -> None:
    program = f"import sys, {module}; print(*({{'torch', 'matplotlib', 'onnx'}} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout.strip() == ""
