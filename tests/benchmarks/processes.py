"""Servers as processes on a core of their own, and what they take."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import ROOT, eventually, free_port, resident_bytes

START_SECONDS = 60.0
SERVICE = ["-m", "app"]
"""How `make run` starts the service."""


@dataclass(frozen=True)
class Contestant:
    """A server that takes part.

    Args:
        name: What it is called in the report.
        arguments: Python's, the port to follow where it is a script.
        settings: Added to the environment.
        drawings: Whether it has `/predict/strokes`.
    """

    name: str
    arguments: list[str]
    settings: dict[str, str]
    drawings: bool = True

    @property
    def is_service(self) -> bool:
        """Whether it is the service itself, with some settings."""
        return self.arguments == SERVICE


@dataclass
class Running:
    """A contestant that answers."""

    contestant: Contestant
    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """What it and its children have computed so far."""
        return sum(map(_cpu_seconds, family(self.process.pid)))

    def resident_mebibytes(self) -> float:
        """What it and its children have resident."""
        return sum(map(resident_bytes, family(self.process.pid))) / 2**20


@contextmanager
def running(contestant: Contestant, core: int) -> Iterator[Running]:
    """Start a contestant on one core, wait until it listens, stop it.

    Raises:
        RuntimeError: it ended, or did not listen in time.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    environment |= {"HOST": "127.0.0.1", "PORT": str(port), "PYTHONPATH": str(ROOT)} | contestant.settings
    arguments = contestant.arguments if contestant.is_service else [*contestant.arguments, str(port)]
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.sched_setaffinity(process.pid, {core})  # long before its first thread
    try:
        _wait_for(process, contestant.name, port)
        yield Running(contestant, process, port)
    finally:
        _stop(process)


def _wait_for(process: subprocess.Popen[bytes], name: str, port: int) -> None:
    def ended_or_listens() -> bool:
        with socket.socket() as connection:
            return process.poll() is not None or connection.connect_ex(("127.0.0.1", port)) == 0

    if not eventually(ended_or_listens, START_SECONDS):
        raise RuntimeError(f"{name} did not listen within {START_SECONDS:g} seconds")
    if process.poll() is not None:
        raise RuntimeError(f"{name} ended with status {process.returncode} before it listened")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def _cpu_seconds(pid: int) -> float:
    # The clock of a process's CPU time, as clock_getcpuclockid(3) makes it: to the nanosecond, where
    # /proc/PID/stat counts hundredths of a second.
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
