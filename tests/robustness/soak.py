"""Send many requests, good and bad, and see whether the service takes more and more for them.

    python -m tests.robustness.soak --requests 20000

Prints memory, threads and open files as the requests go by; exits with 1 when one of them grew, when a good
request was not answered rightly, or when anything but 2xx, 4xx and 503 came back. All on 127.0.0.1.
"""

import argparse
import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from tests.robustness.corpus import DRAWINGS, broken
from tests.support import A_SEVEN, encoded, files_of, mnist_test, resident_bytes, running_server, threads_of

ROUNDS = 10
"""The process is looked at after each; in the first one caches, pools and the allocator find their size."""

GROWTH = {"MiB": 15, "threads": 1, "files": 2}
"""How much more the process may have after the last round than after the first."""

console = Console()


class Call(NamedTuple):
    """One request, and the digit that must be answered where one must."""

    path: str
    body: bytes
    kind: str
    digit: int | None = None


def calls() -> list[Call]:
    """Two hundred and more requests of every kind: right, odd, broken, for addresses that are none."""
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


def fate_of(call: Call, client: httpx.Client) -> str:
    """Send one request; gives the status, or what is amiss."""
    try:
        answer = client.post(call.path, content=call.body, headers={"content-type": call.kind})
    except httpx.HTTPError as error:
        return f"{call.path}: {error!r}"
    if call.digit is not None and answer.status_code == 200 and answer.json()["digit"] != call.digit:
        return f"{call.path}: {answer.json()['digit']} for {call.digit}"
    return str(answer.status_code)


def soak(requests: int, clients: int) -> int:
    """Do it, and print what the process took, what came back and what is amiss; gives the exit status."""
    made, fates = calls(), Counter[str]()
    table = Table("requests", *GROWTH)
    samples: list[tuple[float, int, int]] = []
    with (
        running_server() as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
        ThreadPoolExecutor(clients) as pool,
    ):
        pid = server.process.pid
        for number in range(ROUNDS):
            sent = range(number * requests // ROUNDS, (number + 1) * requests // ROUNDS)
            fates.update(pool.map(lambda n: fate_of(made[n % len(made)], client), sent))
            samples.append((resident_bytes(pid) / 2**20, threads_of(pid), files_of(pid)))
            table.add_row(f"{sent.stop:,}", *(f"{value:,.0f}" for value in samples[-1]))
        status = server.stop()
    console.print(table)
    console.print(", ".join(f"{count:,} x {fate}" for fate, count in sorted(fates.items())))
    amiss = [fate for fate in fates if not (fate[0] in "24" and fate.isdigit()) and fate != "503"]
    for what, most, first, last in zip(GROWTH, GROWTH.values(), samples[0], samples[-1], strict=True):
        if last - first > most:
            amiss.append(f"{what}: {first:,.0f} to {last:,.0f}")
    if status != 0:
        amiss.append(f"the service ended with {status}")
    console.print("\n".join(amiss[:10]) or "memory, threads and files are flat; every answer was right")
    return int(bool(amiss))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send many requests, and see what it takes.")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=8)
    sys.exit(soak(**vars(parser.parse_args())))
