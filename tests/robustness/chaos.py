"""Break things while clients ask, and count what became of every request.

    python -m tests.robustness.chaos

Kills a worker, fills the queue, trickles bodies, drops clients, and ends the service under load. For each it
prints what was sent, answered, refused (503, or no connection) and lost: sent, and neither. Lost must be 0.
What a killed process had in hand is cut off by the kernel; its clients ask again, and only a request that is
never answered is lost. Each run is bounded in time, and to 127.0.0.1.
"""

import argparse
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from tests.support import RunningServer, running_server

DRAWING = b'{"strokes": [[[10, 10], [60, 10], [30, 90]]]}'
JSON = {"content-type": "application/json"}
HEAD = (
    b"POST /predict/strokes HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)
TRIES = 20

console = Console()


@dataclass
class Tally:
    """What became of the requests of one run."""

    sent: int = 0
    answered: int = 0
    refused: int = 0
    asked_again: int = 0
    lost: int = 0
    amiss: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, **counts: int) -> None:
        """Add to the counts named."""
        with self.lock:
            for name, number in counts.items():
                setattr(self, name, getattr(self, name) + number)

    def check(self, is_so: bool, what: str) -> None:
        """Note `what` when it is not so."""
        if not is_so:
            with self.lock:
                self.amiss.append(what)


def ask(client: httpx.Client, tally: Tally, *, again: bool = False) -> bool:
    """Send one request and note its fate; with `again`, ask once more when the connection breaks.

    Gives whether the service still takes connections.
    """
    tally.note(sent=1)
    for _ in range(TRIES if again else 1):
        try:
            answer = client.post("/predict/strokes", content=DRAWING, headers=JSON)
        except httpx.ConnectError:
            if not again:
                tally.note(refused=1)
                return False
            time.sleep(0.1)
        except httpx.HTTPError as error:
            if not again:
                tally.check(False, repr(error))
            tally.note(asked_again=1)
        else:
            if answer.status_code == 503:
                tally.check("retry-after" in answer.headers, "a 503 without Retry-After")
                tally.note(refused=1)
            else:
                right = answer.status_code == 200 and answer.json()["digit"] == 7
                tally.check(right, f"{answer.status_code}: {answer.text[:100]}")
                tally.note(answered=1)
            return True
    tally.note(lost=1)
    return True


def crowd(number: int, work: Callable[[], None]) -> list[threading.Thread]:
    """Start `number` threads that do `work`."""
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads


def asking(server: RunningServer, tally: Tally, end: float, *, again: bool = False) -> Callable[[], None]:
    """What one client does until `end`, or until it is no longer let in."""

    def work() -> None:
        # Loading certificates, which plain HTTP has no use for, would keep the crowd from gathering.
        with httpx.Client(base_url=server.url, timeout=30, verify=False) as client:
            while time.monotonic() < end and ask(client, tally, again=again):
                pass

    return work


def healthy(server: RunningServer, tally: Tally, end: float) -> None:
    """See that health is told throughout."""
    with httpx.Client(base_url=server.url, timeout=10) as client:
        while time.monotonic() < end:
            for path in ("/healthz", "/metrics"):
                tally.check(client.get(path).status_code == 200, f"{path} did not answer")
            time.sleep(0.05)


def kill_the_worker(seconds: float) -> Tally:
    """Two workers, and again and again one of them is killed at once."""
    tally = Tally()
    with running_server(workers="2") as server:
        httpx.get(f"{server.url}/readyz", timeout=60)
        time.sleep(6)  # until the supervisor has seen that they can live
        end = time.monotonic() + seconds
        threads = crowd(8, asking(server, tally, end, again=True))
        pid = server.process.pid
        while time.monotonic() < end - seconds / 3:
            time.sleep(seconds / 4)
            workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            if workers:
                os.kill(int(random.choice(workers)), signal.SIGKILL)
        for thread in threads:
            thread.join()
        replaced = sum("is replaced" in line for line in server.lines())
        tally.check(replaced >= 1, "no worker was replaced")
        tally.check(server.stop() == 0, "the supervisor did not end with 0")
    return tally


def fill_the_queue(seconds: float) -> Tally:
    """Many more clients than the queue holds."""
    tally = Tally()
    with running_server(queue_size="4", decode_threads="1") as server:
        end = time.monotonic() + seconds
        threads = crowd(60, asking(server, tally, end))
        healthy(server, tally, end)
        for thread in threads:
            thread.join()
        tally.check(server.stop() == 0, "the service did not end with 0")
    return tally


def trickle_bodies(seconds: float) -> Tally:
    """Bodies that come byte by byte, beside clients that are quick."""
    tally = Tally()
    with running_server(body_seconds="1") as server:
        end = time.monotonic() + seconds

        def trickle() -> None:
            while time.monotonic() < end:
                tally.note(sent=1)
                with socket.create_connection(("127.0.0.1", server.port)) as connection:
                    connection.settimeout(20)
                    connection.sendall(HEAD % 5000)
                    told = b""
                    while not told:
                        with suppress(OSError):
                            connection.sendall(b" ")
                        connection.settimeout(0.05)
                        with suppress(TimeoutError):
                            told = connection.recv(4096) or b"closed"
                right = told.startswith(b"HTTP/1.1 408")
                tally.check(right, f"a slow body got {told[:40]!r}")
                tally.note(answered=1 if right else 0, lost=0 if right else 1)

        threads = crowd(40, trickle) + crowd(4, asking(server, tally, end))
        healthy(server, tally, end)
        for thread in threads:
            thread.join()
        tally.check(server.stop() == 0, "the service did not end with 0")
    return tally


def drop_clients(seconds: float) -> Tally:
    """Clients that leave in the middle, beside clients that stay; the leaving ones are not counted."""
    tally = Tally()
    with running_server() as server:
        end = time.monotonic() + seconds
        whole = HEAD % len(DRAWING) + DRAWING

        def leave() -> None:
            while time.monotonic() < end:
                with socket.create_connection(("127.0.0.1", server.port)) as connection:
                    connection.sendall(whole[: random.randrange(1, len(whole) + 1)])

        threads = crowd(6, leave) + crowd(6, asking(server, tally, end))
        healthy(server, tally, end)
        for thread in threads:
            thread.join()
        time.sleep(1)
        text = httpx.get(f"{server.url}/metrics").text
        left = [line for line in text.splitlines() if line.startswith("digits_http_requests_in_flight")]
        tally.check(left == ["digits_http_requests_in_flight 1.0"], f"left behind: {left}")
        tally.check(server.stop() == 0, "the service did not end with 0")
    return tally


def end_under_load(seconds: float) -> Tally:
    """SIGTERM while many clients ask: what was accepted is answered, the rest is not let in."""
    tally = Tally()
    for workers in ("1", "2"):
        with running_server(workers=workers) as server:
            httpx.get(f"{server.url}/readyz", timeout=60)
            threads = crowd(24, asking(server, tally, time.monotonic() + 60))
            time.sleep(seconds / 2)
            tally.check(server.stop() == 0, "the service did not end with 0")
            for thread in threads:
                thread.join()
    tally.lost += tally.asked_again
    return tally


RUNS: tuple[Callable[[float], Tally], ...] = (
    kill_the_worker,
    fill_the_queue,
    trickle_bodies,
    drop_clients,
    end_under_load,
)


def main() -> int:
    """Do all runs, and print what became of the requests."""
    parser = argparse.ArgumentParser(description="Break things while clients ask.")
    parser.add_argument("--seconds", type=float, default=10, help="how long each run lasts (default: 10)")
    options = parser.parse_args()
    table = Table("run", "sent", "answered", "refused", "asked again", "lost", "amiss")
    failed = False
    for run in RUNS:
        with console.status(run.__name__.replace("_", " ")):
            tally = run(options.seconds)
        failed = failed or bool(tally.lost or tally.amiss)
        counts = (tally.sent, tally.answered, tally.refused, tally.asked_again, tally.lost)
        table.add_row(run.__name__.replace("_", " "), *map("{:,}".format, counts), "; ".join(tally.amiss[:3]))
    console.print(table)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
