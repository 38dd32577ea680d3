"""The command line, `python -m model COMMAND`: a command's module is imported when it is asked for.

A command is a function with typer's annotations, in the module of its name or the one that `MODULES` names,
plus a line in `COMMANDS`. A command that fails raises `OSError`, `ValueError` (such as `CommandError`) or
`KeyError` with a one-line message; `main` prints it and exits with status 1.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated

import typer

from model import __version__

__all__ = ["main"]

COMMANDS = {
    "predict": "Say which digits are in image files, folders or globs.",
    "read": "Read whole numbers in image files.",
    "forms": "Read the fields of scanned forms; make templates; review.",
    "promise": "Find the confidence that keeps a promised error rate.",
    "generate": "Make training input as people send it, and what is no digit.",
    "train": "Train a network of the family.",
    "sweep": "Find a learning rate, and draw the plot.",
    "evaluate": "Measure a trained network: accuracy, calibration, rejection.",
    "calibrate": "Fit temperature, digit score and threshold, and save them.",
    "ship": "Put the best of several runs among the shipped weights.",
    "summary": "Print a network's layer table: shapes, parameters, connections.",
    "export": "Write a trained network as ONNX.",
    "convert": "Turn a .pt or .pth file of weights into a checkpoint.",
}
"""The commands and what they are for, in the order in which the help shows them."""

MODULES = dict.fromkeys(("summary", "convert", "export", "ship"), "networks") | {"sweep": "train"}
"""The modules of commands that have none of their own."""

EXTRAS = {"torch": "torch", "onnxruntime": "onnx", "onnx": "export"}
EXTRAS |= dict.fromkeys(("matplotlib", "httpx", "fontTools"), "train")
"""Packages that only some commands need, and the extra that brings each."""


class CommandError(ValueError):
    """A command cannot do what it was asked; the message is one clear line."""


def application(asked: str | None = None, others: Mapping[str, str] | None = None) -> typer.Typer:
    """The typer application: the command `asked` for in full, and a line of help for each of the others.

    `others` are further commands, which the caller runs.
    """
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_options)
    for name, line in {**COMMANDS, **(others or {})}.items():
        if name == asked:
            module = import_module(f"{__name__}.{MODULES.get(name, name)}")
            app.command(name)(getattr(module, name))
        else:
            app.command(name, help=line)(_listed)
    return app


def main(program: str = "python -m model", others: Mapping[str, str] | None = None) -> None:
    """Run the command line under the name `program`, and exit with its status."""
    asked = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] in COMMANDS else None
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A file's name may not be valid text: it is printed as it is, as `ls` does.
            stream.reconfigure(errors="surrogateescape")
    try:
        application(asked, others)(prog_name=program)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"error: {error.args[0] if isinstance(error, KeyError) else error}")
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        sys.exit(f"error: {asked} needs {error.name}: pip install 'digits[{extra}]'")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"digits {__version__}")
        raise typer.Exit


def _options(
    show: Annotated[
        bool, typer.Option("--version", help="print the version", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """LeNet-5, from pixels to probabilities: train, measure and use the networks."""


def _listed() -> None:
    """Stand in the help for a command whose module is not imported."""
