"""Which device computes: the one asked for, or the best there is.

torch is imported only where its answer is needed, so that a service on the ONNX engine starts without it.
"""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class DeviceError(ValueError):
    """The device asked for does not exist, or is not available; the message is one clear line."""


def parse_device(wish: str) -> str:
    """Give a device's name its plain form: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.

    Raises:
        DeviceError: it is none of these.
    """
    plain = wish.strip().lower()
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d{1,3})?", plain):
        raise DeviceError(f"no device is called {wish!r}; say auto, cpu, cuda, cuda:N or mps")
    return plain


def choose_device(wish: str) -> "torch.device":
    """Choose the torch device for `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.

    `auto` takes CUDA where it works, then Apple's MPS, then the CPU. A device asked for by name is given or
    refused, never replaced.

    Raises:
        DeviceError: the name is none of these, or the device is not there.
    """
    import torch

    wish = parse_device(wish)
    mps, cuda = torch.backends.mps.is_available(), torch.cuda.is_available()
    if wish == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    device = torch.device(wish)
    if not {"cpu": True, "mps": mps, "cuda": cuda}[device.type]:
        kind = device.type.upper()
        raise DeviceError(f"{wish} was asked for, but this machine or this build of torch has no {kind}")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        last = torch.cuda.device_count() - 1
        raise DeviceError(f"{wish} was asked for, but the CUDA devices here are 0 to {last}")
    return device


def accelerator_in_sight() -> bool:
    """Whether CUDA or MPS may be there, judged by a driver's device file or the platform, without torch.

    False is certain. True must be confirmed by torch.
    """
    drivers = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
    return sys.platform in ("darwin", "win32") or any(Path(driver).exists() for driver in drivers)
