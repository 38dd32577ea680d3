"""Which device computes: the one asked for, or the best there is."""

import re

import torch


class DeviceError(ValueError):
    """A device was asked for that is not a device or is not there; the message is one clear line."""


def choose_device(wish: str) -> torch.device:
    """The device for `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.

    `auto` takes CUDA where it works, then Apple's MPS, then the CPU. What is asked for by name is given
    or refused, never replaced.

    Raises:
        DeviceError: if the wish is none of these, or the device is not there.
    """
    wish = wish.strip().lower()
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", wish):
        raise DeviceError(f"no device is called {wish!r}; say auto, cpu, cuda, cuda:N or mps")
    if wish == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    device = torch.device(wish)
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceError("mps was asked for, but this machine or this build of torch has no MPS")
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise DeviceError(f"{wish} was asked for, but this machine or this build of torch has no CUDA")
        count = torch.cuda.device_count()
        if device.index is not None and device.index >= count:
            raise DeviceError(f"{wish} was asked for, but the CUDA devices here are 0 to {count - 1}")
    return device
