"""Calls of the command line."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from model.cli import main


@dataclass(frozen=True)
class Printed:
    """What a command printed."""

    stdout: str
    stderr: str


def run(*arguments: str | Path, status: int = 0) -> Printed:
    """Run `python -m model` in this process, which need not import everything anew."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        redirect_stdout(stdout),
        redirect_stderr(stderr),
        patch.object(sys, "argv", ["model", *map(str, arguments)]),
        pytest.raises(SystemExit) as left,
    ):
        main()
    code = left.value.code
    if isinstance(code, str):  # a line that Python prints as it leaves
        code, line = 1, code
        print(line, file=stderr)
    assert (code or 0) == status, stderr.getvalue() + stdout.getvalue()
    return Printed(stdout.getvalue(), stderr.getvalue())


def failed(*arguments: str | Path) -> str:
    """What `python -m model` says when it cannot do what it is asked: one line."""
    found = run(*arguments, status=1)
    assert found.stdout == ""
    assert found.stderr.startswith("error: ")
    assert found.stderr.count("\n") == 1
    return found.stderr.removeprefix("error: ").rstrip()
