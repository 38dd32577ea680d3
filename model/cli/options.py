"""Options that several commands have, each with one help text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

from model.engines.device import choose_device
from model.training.data import DATA_SETS

Data = Annotated[Path, typer.Option(help="the folder with the data sets, or with the files of one")]
DataSetName = Annotated[str, typer.Option(help=", ".join(DATA_SETS))]
Unverified = Annotated[bool, typer.Option(help="accept files whose checksum is not the published one")]
Download = Annotated[bool, typer.Option(help="fetch what is missing from the public mirrors")]
Batch = Annotated[int, typer.Option(help="images a step, at most as many as there are", min=1)]
Seed = Annotated[int, typer.Option(help="of the weights and of every random draw", min=0)]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")]


def device_named(wish: str) -> torch.device:
    """The device asked for; on a CPU with one thread: networks as small as these gain nothing from more.

    Raises:
        DeviceError: it is none, or is not there.
    """
    device = choose_device(wish)
    if device.type == "cpu":
        torch.set_num_threads(1)
    return device
