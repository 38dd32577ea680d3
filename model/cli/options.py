"""Options that several commands share, each with its help text, and functions that resolve their values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_origin

import typer

from model.cli import CommandError
from model.cli.output import progress_bars
from model.engines.device import choose_device

if TYPE_CHECKING:
    import torch

    from model.training.data import DataSet
    from model.training.loop.settings import Option

Command = Callable[..., None]
MOST_NAMED = 10
"""How many skipped files are named, for each reason."""

Model = Annotated[str, typer.Option(help="a preset, or a checkpoint's file")]
Engine = Annotated[str, typer.Option(help="auto, torch or onnx")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")]
JsonLines = Annotated[bool, typer.Option("--json", help="print a line of JSON for each file")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Images = Annotated[
    list[str] | None,
    typer.Argument(help="image files, folders (at any depth), globs in quotes; - is standard input"),
]
Data = Annotated[
    Path | None, typer.Option(help="the folder with the data sets, or with the files of one (default data)")
]
DataSetName = Annotated[str, typer.Option(help="mnist, fashion-mnist, idx or folder")]
Unverified = Annotated[
    bool | None, typer.Option("--unverified", help="accept files whose checksum is not the published one")
]
Download = Annotated[bool, typer.Option(help="fetch what is missing from the public mirrors")]
Fonts = Annotated[list[Path] | None, typer.Option(help="a folder of fonts; may be repeated")]
Workers = Annotated[int, typer.Option(help="processes", min=1, max=256)]
Jobs = Annotated[int, typer.Option(help="processes; 0: as many as there are cores", min=0)]
Seed = Annotated[int, typer.Option(help="of every random draw", min=0)]
Fields = Annotated[list[Path] | None, typer.Option(help="further images, FILE.npz; may be repeated")]
Target = Annotated[Path | None, typer.Option(help="where to write; beside the source if not given")]
Out = Annotated[Path, typer.Option(help="the folder to write to")]


def with_settings(*only: str) -> Callable[[Command], Command]:
    """Give a command an option for each of the `TrainingSettings`, or only for those named in `only`.

    The command receives them through its `**` parameter, None for each option that is not used.
    """
    from model.training.loop.settings import defaults, options

    plain = defaults(corrections=False)

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        added = [_parameter(name, *options()[name], plain[name]) for name in only or options()]
        vars(command)["__signature__"] = signature.replace(parameters=[*own, *added])
        return command

    return decorate


def _parameter(name: str, kind: object, option: Option, default: object) -> inspect.Parameter:
    many = get_origin(kind) is tuple
    notes = ["may be repeated"] if many else [f"default {default}"] if str(default) else []
    if option.corrections is not None:
        notes.append(f"with --corrections {option.corrections}")
    text = f"{option.help} ({'; '.join(notes)})" if notes else option.help
    flag = f"--{(option.name or name).replace('_', '-')}"
    info = typer.Option(None, flag, help=text, min=option.least, max=option.most)
    wanted = list[str] if many else kind
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=info, annotation=wanted)


def files_named(arguments: Sequence[str] | None) -> list[Path]:
    """The files that names of files, folders and globs stand for; `OSError` if there are none.

    Files that are skipped are listed on the error stream, with the reason.
    """
    from model.files import files_of

    if not arguments:
        raise CommandError("which files? give images, folders or globs")
    reasons: dict[str, list[str]] = {}
    files = files_of(arguments, lambda path, reason: reasons.setdefault(reason, []).append(str(path)))
    for reason, names in reasons.items():
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        typer.echo(f"passed over, {reason}: {', '.join(names[:MOST_NAMED])}{more}", err=True)
    return files


def device_named(name: str) -> torch.device:
    """The device of that name. A CPU is limited to one thread: networks this small gain nothing from more.

    Raises:
        DeviceError: no device has this name, or it is not available.
    """
    import torch

    device = choose_device(name)
    if device.type == "cpu":
        torch.set_num_threads(1)
    return device


def data_set_named(
    name: str, folder: Path, *, unverified: bool = False, download: bool = False, network: str = "lenet5"
) -> DataSet:
    """Load a data set as `load_data_set` does, downloading missing files first if asked; `DataError`."""
    from model.training.data import load_data_set

    if download:
        from model.training.data.download import download as fetch

        with progress_bars() as bars:
            bar = cache(bars.add_task)  # a file's bar is added at its first report
            fetch(name, folder, lambda file, got, total: bars.update(bar(file), completed=got, total=total))
    return load_data_set(name, folder, unverified=unverified, network=network)
