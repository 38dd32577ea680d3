"""What many tests use: the service as a process, images as files, and what a process takes."""

import gzip
import io
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

ROOT = Path(__file__).parents[1]

A_SEVEN = {"strokes": [[[10, 10], [60, 10], [30, 90]]]}
"""A drawing, as it is sent."""

START_SECONDS = 60

_NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def nginx_command(folder: Path, site: str) -> list[str]:
    """What starts an nginx that keeps everything in `folder`, with `site` in its http block."""
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(folder=folder, site=site))
    return ["nginx", "-p", str(folder), "-c", str(configuration)]


def free_port(address: str = "127.0.0.1") -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def eventually(is_so: Callable[[], object], seconds: float = 30) -> bool:
    """Whether `is_so` gives something true before the time is over; asks again and again."""
    end = time.monotonic() + seconds
    while not (found := is_so()) and time.monotonic() < end:
        time.sleep(0.01)
    return bool(found)


@dataclass
class RunningServer:
    """`python -m app` on a free port of this machine."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def lines(self) -> list[str]:
        """What it has logged so far."""
        return self.log.read_text().splitlines()

    def wait_for_line(self, pattern: str, seconds: float = 30, times: int = 1) -> str:
        """The last line of the log in which `pattern` is found, once it is in so many."""

        def found() -> list[str]:
            return [line for line in self.lines() if re.search(pattern, line)]

        words = f"no line with {pattern!r} in:\n"
        assert eventually(lambda: len(found()) >= times, seconds), words + "\n".join(self.lines())
        return found()[-1]

    def stop(self, seconds: float = 30) -> int:
        """Send SIGTERM and wait; gives the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


@contextmanager
def running_server(**settings: str) -> Iterator[RunningServer]:
    """Start the service with `settings` (names without their prefix), wait until it is ready, stop it."""
    with running([sys.executable, "-m", "app"], ROOT, **settings) as server:
        yield server


@contextmanager
def running(command: Sequence[str | Path], folder: Path, **settings: str) -> Iterator[RunningServer]:
    """Start a command that serves, in a folder, as `running_server` does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    environment |= {"HOST": "127.0.0.1", "PORT": "0", "PYTHONUNBUFFERED": "1"}
    environment |= {f"DIGITS_{name.upper()}": value for name, value in settings.items()}
    with tempfile.TemporaryDirectory() as logs:
        log = Path(logs) / "log"
        with log.open("w") as stderr:
            process = subprocess.Popen(command, cwd=folder, env=environment, stderr=stderr, text=True)
        server = RunningServer(process, "", log)
        try:
            line = server.wait_for_line(r"listening on http|exited|critical", START_SECONDS)
            found = re.search(r"listening on (http://[\d.]+:\d+)", line)
            assert found, line
            server.url = found[1]
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@dataclass(frozen=True)
class Digits:
    """MNIST's test set: (10000, 28, 28) images, 255 is ink, and their labels."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def first(self, digit: int) -> NDArray[np.uint8]:
        """The first image of a digit."""
        image: NDArray[np.uint8] = self.images[self.labels == digit][0]
        return image


@cache
def mnist_test() -> Digits:
    """MNIST's 10,000 test images, as the repository carries them."""
    folder = ROOT / "tests" / "data" / "mnist"
    images = gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "t10k-labels-idx1-ubyte.gz").read_bytes())
    return Digits(
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8),
    )


def encoded(picture: Image.Image | NDArray[np.generic], kind: str = "PNG", **options: object) -> bytes:
    """A picture, or its pixels, as the bytes of an image file."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def bold(digit: NDArray[np.uint8], side: int, fade: float, *, dark: bool, grow: int = 3) -> NDArray[np.uint8]:
    """A digit written with a marker, cut close, on grey paper whose brightness fades by so many levels."""
    broad = ndimage.grey_dilation(np.pad(digit, 4), size=(grow, grow))
    rows, columns = (np.flatnonzero((broad > 100).any(axis=axis)) for axis in (1, 0))
    close = broad[rows[0] - 2 : rows[-1] + 3, columns[0] - 2 : columns[-1] + 3]
    width = round(close.shape[1] * side / close.shape[0])
    ink = np.asarray(Image.fromarray(close).resize((width, side), Image.Resampling.BICUBIC)) / 255.0
    across, down = np.linspace(0, 1, width), np.linspace(0, 1, side)[:, None]
    light = fade * (across + down) / 2
    grain = np.random.default_rng(int(digit.sum())).normal(0, 3, ink.shape)
    picture = 170 - light - 70 * ink if dark else 80 + light + 70 * ink
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def workers_of(pid: int) -> list[int]:
    """The worker processes of a supervisor."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def threads_of(pid: int) -> int:
    """How many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def files_of(pid: int) -> int:
    """How many files and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def cpu_seconds(pid: int) -> float:
    """What a process has computed so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """How much memory a process has resident."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write an array as an IDX file of bytes, gzipped if the name ends in .gz."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    content = header + array.tobytes()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
