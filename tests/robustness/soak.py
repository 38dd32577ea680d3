"""Send many requests, good and bad, and see whether the service takes more and more for them.

    python -m tests.robustness.soak --requests 20000

Prints memory, threads and open files as the requests go by; exits with 1 when one of them grew, when a
good request was not answered rightly, or when anything but 2xx, 4xx and 503 came back. Bounded by
`--requests` and `--seconds`, and to 127.0.0.1.
"""

import argparse
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx
import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.robustness.corpus import DRAWINGS, broken
from tests.support import (
    A_SEVEN,
    RunningServer,
    encoded,
    files_of,
    mnist_test,
    resident_bytes,
    running_server,
    threads_of,
)

MEBIBYTE = 1024 * 1024
WARM_SHARE = 0.15
"""The part of the requests after which caches, pools and the allocator have grown to their size."""

GROWTH_MEBIBYTES = 15
GROWTH_THREADS = 1
GROWTH_FILES = 2

console = Console()


class Call(NamedTuple):
    """One request, and the digit that must be answered where one must."""

    path: str
    body: bytes
    kind: str
    digit: int | None = None


class Sample(NamedTuple):
    """What the process takes after so many requests; memory in MiB."""

    requests: int
    memory: float
    threads: int
    files: int


@dataclass
class Tally:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many requests have been sent and have ended."""
        return sum(self.statuses.values()) + len(self.failed)


def calls() -> list[Call]:
    """A hundred and more requests of every kind: right, odd, broken, for addresses that are none."""
    digits, labels = mnist_test().images, mnist_test().labels
    made = [Call("/predict", encoded(digits[i]), "image/png", labels[i]) for i in range(5)]
    for i in range(5):
        large = np.kron(255 - digits[i], np.ones((10, 10), np.uint8))
        made.append(Call("/predict", encoded(large), "image/png", labels[i]))
    photograph = np.kron(255 - digits[0], np.ones((40, 40), np.uint8))
    made.append(Call("/predict", encoded(photograph, "JPEG"), "image/jpeg", 7))
    drawing = json.dumps(A_SEVEN).encode()
    for query in ("", "?include=layers"):
        made.append(Call(f"/predict/strokes{query}", drawing, "application/json", 7))
    made.append(Call("/read/strokes", drawing, "application/json"))
    made += [Call("/predict", data, "image/png") for _, data in broken(digits[0])]
    made += [Call("/predict/strokes", body, "application/json") for body in DRAWINGS]
    made += [
        Call("/nothing", b"", "text/plain"),
        Call("/predict", b"x", "multipart/form-data; boundary=x"),
        Call("/predict?model=none", encoded(digits[0]), "image/png"),
        Call("/predict", encoded(digits[0]), "text/plain"),
    ]
    return made


def send(url: str, made: list[Call], numbers: Iterator[int], end: float, tally: Tally) -> None:
    """Send one request after another, as one client, while there are numbers and time left."""
    with httpx.Client(base_url=url, timeout=60) as client:
        while (number := next(numbers, None)) is not None and time.monotonic() < end:
            call = made[number % len(made)]
            try:
                answer = client.post(call.path, content=call.body, headers={"content-type": call.kind})
            except httpx.HTTPError as error:
                tally.failed.append(f"{call.path}: {error!r}")
                continue
            tally.statuses[answer.status_code] += 1
            if call.digit is not None and answer.status_code == 200 and answer.json()["digit"] != call.digit:
                tally.wrong.append(f"{call.path}: {answer.json()['digit']} for {call.digit}")


def sample(server: RunningServer, requests: int) -> Sample:
    """What the process takes now."""
    pid = server.process.pid
    return Sample(requests, resident_bytes(pid) / MEBIBYTE, threads_of(pid), files_of(pid))


def soak(requests: int, clients: int, seconds: float) -> int:
    """Do it; gives the exit status."""
    made = calls()
    tally = Tally()
    samples: list[Sample] = []
    end = time.monotonic() + seconds
    with running_server() as server, Progress(console=console, transient=True) as progress:
        numbers = iter(range(requests))
        arguments = (server.url, made, numbers, end, tally)
        senders = [threading.Thread(target=send, args=arguments) for _ in range(clients)]
        bar = progress.add_task("requests", total=requests)
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            time.sleep(0.2)
            progress.update(bar, completed=tally.done)
            if tally.done >= (len(samples) / 10 + WARM_SHARE) * requests:
                samples.append(sample(server, tally.done))
        samples.append(sample(server, tally.done))
        status = server.stop()
    return report(samples, tally, requests, status)


def report(samples: list[Sample], tally: Tally, requests: int, status: int) -> int:
    """Print what the process took, what came back and what is amiss; gives the exit status."""
    table = Table("requests", "resident MiB", "threads", "files")
    for requests_, memory, threads, files in samples:
        table.add_row(f"{requests_:,}", f"{memory:.1f}", str(threads), str(files))
    console.print(table)
    answers = ", ".join(f"{number:,} x {status}" for status, number in sorted(tally.statuses.items()))
    console.print(f"answers: {answers}; wrong: {len(tally.wrong)}; failed: {len(tally.failed)}")
    first, last = samples[0], samples[-1]
    bad = [number for number in tally.statuses if number >= 500 and number != 503]
    grown = last.memory - first.memory
    checks = {
        f"memory grew by {grown:.1f} MiB": grown > GROWTH_MEBIBYTES,
        f"threads: {first.threads} to {last.threads}": last.threads - first.threads > GROWTH_THREADS,
        f"open files: {first.files} to {last.files}": last.files - first.files > GROWTH_FILES,
        f"statuses that may not be: {bad}": bad,
        f"wrong answers: {tally.wrong[:5]}": tally.wrong,
        f"requests without an answer: {tally.failed[:5]}": tally.failed,
        f"only {last.requests:,} of {requests:,} requests fitted in the time": last.requests < requests,
        f"the service ended with {status}": status != 0,
    }
    amiss = [words for words, is_so in checks.items() if is_so]
    console.print("\n".join(amiss) or "memory, threads and files are flat; every answer was right")
    return int(bool(amiss))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send many requests, and see what it takes.")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1200)
    sys.exit(soak(**vars(parser.parse_args())))
