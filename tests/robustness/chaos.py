"""Break things while clients ask, and count what became of every request.

    python -m tests.robustness.chaos

Kills a worker, fills the queue, trickles bodies, drops clients, and ends the service under load. For each it
prints what was sent, answered, refused (503, or no connection) and lost: sent, and neither. Lost must be 0.
What a killed process had in hand is cut off by the kernel; its clients ask again, and only a request that is
never answered is lost. Each run is bounded in time, and to 127.0.0.1.
"""

import argparse
import json
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx
from rich.console import Console
from rich.table import Table

from tests.support import A_SEVEN, RunningServer, eventually, running_server, workers_of

DRAWING = json.dumps(A_SEVEN).encode()
JSON = {"content-type": "application/json"}
HEAD = (
    b"POST /predict/strokes HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)
TRIES = 20

console = Console()


FATES = ("sent", "answered", "refused", "asked again", "lost")


class Tally:
    """What became of the requests of one run; any thread may add to it."""

    def __init__(self) -> None:
        self.fates: list[str] = []
        self.amiss: list[str] = []

    def check(self, is_so: bool, what: str) -> None:
        """Note `what` when it is not so."""
        if not is_so:
            self.amiss.append(what)


def ask(client: httpx.Client, tally: Tally, *, again: bool = False) -> bool:
    """Send one request and note its fate; with `again`, ask once more when the connection breaks.

    Gives whether the service still takes connections.
    """
    tally.fates.append("sent")
    for _ in range(TRIES if again else 1):
        try:
            answer = client.post("/predict/strokes", content=DRAWING, headers=JSON)
        except httpx.ConnectError:
            if not again:
                tally.fates.append("refused")
                return False
            time.sleep(0.1)
        except httpx.HTTPError as error:
            if not again:
                tally.check(False, repr(error))
            tally.fates.append("asked again")
        else:
            if answer.status_code == 503:
                tally.check("retry-after" in answer.headers, "a 503 without Retry-After")
                tally.fates.append("refused")
            else:
                right = answer.status_code == 200 and answer.json()["digit"] == 7
                tally.check(right, f"{answer.status_code}: {answer.text[:100]}")
                tally.fates.append("answered")
            return True
    tally.fates.append("lost")
    return True


@contextmanager
def crowd(*groups: tuple[int, Callable[[], None]]) -> Iterator[None]:
    """Have so many threads do each work; in the end waits for all of them."""
    threads = [threading.Thread(target=work) for number, work in groups for _ in range(number)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


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


@contextmanager
def served(tally: Tally, **settings: str) -> Iterator[RunningServer]:
    """The service, ready; it must end with 0 when it is told to."""
    with running_server(**settings) as server:
        httpx.get(f"{server.url}/readyz", timeout=60)
        yield server
        tally.check(server.stop() == 0, "the service did not end with 0")


def kill_the_worker(tally: Tally, seconds: float) -> None:
    """Two workers, and again and again one of them is killed at once."""
    with served(tally, workers="2") as server:
        end = time.monotonic() + seconds
        with crowd((8, asking(server, tally, end, again=True))):
            while time.monotonic() < end - seconds / 3:
                time.sleep(seconds / 4)
                assert eventually(lambda: workers_of(server.process.pid)), "no worker is left"
                os.kill(random.choice(workers_of(server.process.pid)), signal.SIGKILL)
        tally.check(any("is replaced" in line for line in server.lines()), "no worker was replaced")


def fill_the_queue(tally: Tally, seconds: float) -> None:
    """Many more clients than the queue holds."""
    with served(tally, queue_size="4", decode_threads="1") as server:
        end = time.monotonic() + seconds
        with crowd((60, asking(server, tally, end))):
            healthy(server, tally, end)


def trickle_bodies(tally: Tally, seconds: float) -> None:
    """Bodies that come byte by byte, beside clients that are quick."""
    with served(tally, body_seconds="1") as server:
        end = time.monotonic() + seconds

        def trickle() -> None:
            while time.monotonic() < end:
                tally.fates.append("sent")
                with socket.create_connection(("127.0.0.1", server.port)) as connection:
                    connection.settimeout(0.05)
                    connection.sendall(HEAD % 5000)
                    answer = b""
                    while not answer:
                        with suppress(OSError):
                            connection.sendall(b" ")
                        with suppress(TimeoutError):
                            answer = connection.recv(4096) or b"closed"
                right = answer.startswith(b"HTTP/1.1 408")
                tally.check(right, f"a slow body got {answer[:40]!r}")
                tally.fates.append("answered" if right else "lost")

        with crowd((40, trickle), (4, asking(server, tally, end))):
            healthy(server, tally, end)


def drop_clients(tally: Tally, seconds: float) -> None:
    """Clients that leave in the middle, beside clients that stay; the leaving ones are not counted."""
    with served(tally) as server:
        end = time.monotonic() + seconds
        whole = HEAD % len(DRAWING) + DRAWING

        def leave() -> None:
            while time.monotonic() < end:
                with socket.create_connection(("127.0.0.1", server.port)) as connection:
                    connection.sendall(whole[: random.randrange(1, len(whole) + 1)])

        def none_is_left() -> bool:
            return "\ndigits_http_requests_in_flight 1.0\n" in httpx.get(f"{server.url}/metrics").text

        with crowd((6, leave), (6, asking(server, tally, end))):
            healthy(server, tally, end)
        tally.check(eventually(none_is_left), "requests of clients that left are still in flight")


def end_under_load(tally: Tally, seconds: float) -> None:
    """SIGTERM while many clients ask: what was accepted is answered, the rest is not let in."""
    for workers in ("1", "2"):
        with (
            served(tally, workers=workers) as server,
            crowd((24, asking(server, tally, time.monotonic() + 60))),
        ):
            time.sleep(seconds / 2)
            tally.check(server.stop() == 0, "the service did not end with 0")
    tally.fates += ["lost"] * tally.fates.count("asked again")


RUNS = kill_the_worker, fill_the_queue, trickle_bodies, drop_clients, end_under_load


def chaos(seconds: float) -> int:
    """Do all runs, and print what became of the requests; gives the exit status."""
    table = Table("run", *FATES, "amiss")
    failed = False
    for run in RUNS:
        name, tally = run.__name__.replace("_", " "), Tally()
        with console.status(name):
            run(tally, seconds)
        failed = failed or "lost" in tally.fates or bool(tally.amiss)
        counts = (f"{tally.fates.count(fate):,}" for fate in FATES)
        table.add_row(name, *counts, "; ".join(tally.amiss[:3]))
    console.print(table)
    return int(failed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Break things while clients ask.")
    parser.add_argument("--seconds", type=float, default=10, help="how long each run lasts (default: 10)")
    sys.exit(chaos(parser.parse_args().seconds))
