"""A Ray of the check's own, on the loopback interface, with two CPUs."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.ray.checks.promises import wait_for
from tests.support import ROOT, free_port

NODE = "127.0.0.2"
"""Ray takes 127.0.0.1 to mean the machine's outer address."""


class Cluster:
    """A Ray on this machine alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []
        self.command = Path(sys.executable).parent
        port = free_port(NODE)
        self.environment = os.environ | {
            "RAY_ADDRESS": f"{NODE}:{port}",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USAGE_STATS_ENABLED": "0",
            "OMP_NUM_THREADS": "1",
        }
        with (folder / "ray.log").open("w") as log:
            self.head = subprocess.Popen(
                [
                    self.command / "ray", "start", "--head", "--block", "--num-cpus=2", f"--port={port}",
                    f"--node-ip-address={NODE}", f"--ray-client-server-port={free_port(NODE)}",
                    "--object-store-memory=200000000", "--include-dashboard=false", "--disable-usage-stats",
                    f"--temp-dir={folder / 'ray'}",
                ],
                env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        started = folder / "ray.log"
        wait_for("Ray to start", lambda: "--block" in started.read_text())

    def start(self, *command: str | Path, log: str) -> subprocess.Popen[bytes]:
        """Start a command in the project's root that finds this cluster."""
        with (self.folder / log).open("a") as output:
            process = subprocess.Popen(
                [str(word) for word in command],
                env=self.environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.started.append(process)
        return process

    def workers(self, name: str) -> list[int]:
        """The processes of this cluster's workers whose title begins with `ray::name`."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                title = (entry / "cmdline").read_bytes()
                if not title.startswith(f"ray::{name}".encode()):
                    continue
                parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                if str(self.folder).encode() in Path(f"/proc/{parent}/cmdline").read_bytes():
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
                continue
        return sorted(found)

    def stop(self) -> None:
        """End it and what was started in it, and wait until they are gone."""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.head.terminate()
        try:
            self.head.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.head.pid, signal.SIGKILL)
            self.head.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A Ray that ends with the block."""
    made = Cluster(folder)
    try:
        yield made
    finally:
        made.stop()
