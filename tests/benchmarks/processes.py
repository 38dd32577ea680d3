"""Servers as processes on a core of their own, and what they take."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.load import LoadError, drive
from tests.support import ROOT, free_port, resident_bytes

START_SECONDS = 60.0
SERVICE = ("-m", "app")
"""How `make run` starts the service."""
MEMORY = {"MALLOC_TRIM_THRESHOLD_": "33554432", "MALLOC_MMAP_THRESHOLD_": "4194304"}
"""glibc keeps what is freed, as in the service's image; all contestants have that."""


@dataclass(frozen=True)
class Contestant:
    """A server that takes part.

    Args:
        name: What it is called in the report.
        arguments: Python's; the port follows where it is a script.
        engine: What computes, where it is the service itself.
        checkout: Whose code it is.
        drawings: Whether it has `/predict/strokes`.
    """

    name: str
    arguments: tuple[str, ...] = SERVICE
    engine: str = "auto"
    checkout: Path = ROOT
    drawings: bool = True


@dataclass(frozen=True)
class Running:
    """A contestant that answers."""

    contestant: Contestant
    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """What it has computed so far: the clock of clock_getcpuclockid(3), finer than that of /proc."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def resident_mebibytes(self) -> float:
        """What it has resident."""
        return resident_bytes(self.pid) / 2**20


@contextmanager
def running(contestant: Contestant, core: int, request: bytes) -> Iterator[Running]:
    """Start a contestant on one core, wait until it answers `request`, stop it.

    Raises:
        RuntimeError: it did not answer in time.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    environment |= MEMORY | {"HOST": "127.0.0.1", "PORT": str(port), "DIGITS_ENGINE": contestant.engine}
    environment["PYTHONPATH"] = str(contestant.checkout)
    command = [sys.executable, *contestant.arguments]
    if contestant.arguments != SERVICE:
        command.append(str(port))
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=contestant.checkout, env=environment, stdout=quiet, stderr=quiet)
    os.sched_setaffinity(process.pid, {core})  # long before its first thread
    try:
        _wait_for(process, contestant.name, port, request)
        yield Running(contestant, process.pid, port)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], name: str, port: int, request: bytes) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            drive(port, [request], clients=1, seconds=0)
            return
        except (OSError, LoadError):
            time.sleep(0.01)
    raise RuntimeError(f"{name} did not answer within {START_SECONDS:g} seconds, or ended")
