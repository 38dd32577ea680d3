"""Check the service and the labelling job on Ray: `python -m deploy.ray.check`.

The check starts a Ray of its own on the loopback interface, with two CPUs, and stops it afterwards.

1. `serve run deploy.ray.serve:app` runs two replicas behind nginx with nginx.conf of this folder. Clients
   send images without a pause, while one replica is killed (SIGKILL), then the other. Every request must be
   answered, and the same image must always get the same answer.
2. `python -m deploy.ray.label` labels a folder of digits. A worker is killed, then the job itself. It starts
   again with new images in the folder, and a third time with nothing to do. Each image must have one row, and
   the row must say what the service said.

It needs Linux, nginx, `pip install '.[ray,onnx]'` (or torch) and the images of tests/data. The exit status is
1 when a check fails.
"""

import argparse
import http.client
import itertools
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from model.training.data.idx import read_idx
from tests.support import ROOT, free_port, nginx_command

HOST = "127.0.0.1"
NODE = "127.0.0.2"
"""The node's address: Ray replaces 127.0.0.1 by the machine's outer address."""

CLIENTS = 8
TOLERANCE = 1e-5
"""How far a probability may differ between batches of different sizes."""

Answer = tuple[int, bytes]
"""Status and body of a response; status 0 when the connection failed."""


class CheckFailed(Exception):
    """A check failed; the message says what was seen."""


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 300) -> None:
    """Wait until `condition()` is true.

    Raises:
        CheckFailed: it is still false after `seconds`.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise CheckFailed(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


def write_images(folder: Path, first: int, count: int) -> dict[str, int]:
    """Write MNIST's test images as files of many sizes, dark on light and light on dark.

    Returns:
        The digit of each image, by its path below `folder`.
    """
    mnist = ROOT / "tests" / "data" / "mnist"
    images = read_idx(mnist / "t10k-images-idx3-ubyte.gz")[first : first + count]
    labels = read_idx(mnist / "t10k-labels-idx1-ubyte.gz")[first : first + count]
    written = {}
    for number, (pixels, digit) in enumerate(zip(images, labels, strict=True), first):
        side = 28 + 12 * (number % 7)
        name = f"{number % 10}/{number:05}.{'jpg' if number % 5 == 0 else 'png'}"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(pixels if number % 3 else 255 - pixels)
        image.resize((side, side), Image.Resampling.BICUBIC).save(folder / name)
        written[name] = int(digit)
    return written


class Cluster:
    """A Ray of one node on this machine, and the commands that run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []
        port = free_port(NODE)
        self.environment = os.environ | {
            "RAY_ADDRESS": f"{NODE}:{port}",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USAGE_STATS_ENABLED": "0",
            "OMP_NUM_THREADS": "1",
        }
        options = ["--head", "--block", "--num-cpus=2", "--object-store-memory=200000000"]
        options += ["--include-dashboard=false", "--disable-usage-stats", f"--temp-dir={folder / 'ray'}"]
        options += [f"--node-ip-address={NODE}", f"--port={port}"]
        options += [f"--ray-client-server-port={free_port(NODE)}"]
        self.start("ray", "start", *options, log="ray.log")

    def start(self, program: str, *options: str, log: str) -> subprocess.Popen[bytes]:
        """Start a program of this Python's environment, in the project's root, that finds this cluster."""
        with (self.folder / log).open("a") as output:
            process = subprocess.Popen(
                [Path(sys.executable).parent / program, *options],
                env=self.environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.started.append(process)
        return process

    def workers(self, name: str) -> list[int]:
        """The ids of this cluster's processes whose title begins with `ray::name`."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError, NotADirectoryError):
                if (entry / "cmdline").read_bytes().startswith(f"ray::{name}".encode()):
                    parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                    if str(self.folder).encode() in Path(f"/proc/{parent}/cmdline").read_bytes():
                        found.append(int(entry.name))
        return sorted(found)

    def stop(self) -> None:
        """Stop Ray and every command that was started in it."""
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class Clients:
    """Clients that each send one image after the other until they are stopped."""

    def __init__(self, port: int, folder: Path, names: list[str]) -> None:
        self.port = port
        self.bodies = {name: (folder / name).read_bytes() for name in names}
        self.turn = itertools.cycle(names)
        self.answers: list[tuple[str, Answer]] = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _send(self) -> None:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        while not self.stopped.is_set():
            name = next(self.turn)
            try:
                connection.request("POST", "/predict", self.bodies[name], {"Content-Type": "image/png"})
                response = connection.getresponse()
                answer = response.status, response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                answer = 0, repr(error).encode()
            self.answers.append((name, answer))

    def stop(self) -> list[tuple[str, Answer]]:
        """Wait for the last responses; gives all of them, each with its image's name."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return self.answers


def is_ready(port: int) -> bool:
    """Whether the service at `port` says that it is ready."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def nginx(folder: Path, service: int) -> Iterator[int]:
    """Run nginx before the port `service`, with nginx.conf of this folder; gives nginx's port."""
    port = free_port()
    site = Path(__file__).with_name("nginx.conf").read_text()
    site = site.replace("listen 8080;", f"listen {HOST}:{port};").replace(
        "127.0.0.1:8000", f"{HOST}:{service}"
    )
    running = subprocess.Popen(nginx_command(folder, site))
    try:
        wait_for("nginx", lambda: is_ready(port), 30)
        yield port
    finally:
        running.terminate()
        running.wait(30)


def kill_replica(ray: Cluster) -> None:
    """Kill one of the two replicas, and wait until another has taken its place."""
    victim = ray.workers("ServeReplica")[0]
    os.kill(victim, signal.SIGKILL)
    wait_for("another replica", lambda: len({*ray.workers("ServeReplica")} - {victim}) == 2)


def check_same(name: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Check that two answers to the image `name` are the same but for rounding."""
    same = all(one[key] == other[key] for key in ("digit", "is_digit", "reason", "model"))
    if not same or not np.allclose(one["probabilities"], other["probabilities"], rtol=0, atol=TOLERANCE):
        raise CheckFailed(f"{name} was answered {one}, then {other}")


def check_service(ray: Cluster, images: Path, names: list[str], pause: float) -> dict[str, Any]:
    """Kill both replicas under load, one after the other; gives the service's answer to each image."""
    port = free_port(NODE)
    ray.start("serve", "start", f"--http-host={HOST}", f"--http-port={port}", log="serve.log").wait(90)
    service = ray.start("serve", "run", "deploy.ray.serve:app", log="serve.log")
    wait_for("the service on Ray Serve", lambda: is_ready(port))
    wait_for("two replicas", lambda: len(ray.workers("ServeReplica")) == 2)
    with nginx(ray.folder, port) as door:
        clients = Clients(door, images, names)
        try:
            for _ in range(2):
                time.sleep(pause)
                kill_replica(ray)
                time.sleep(pause)  # the new replica loads its model, and the proxy finds it
        finally:
            answers = clients.stop()
    service.send_signal(signal.SIGINT)
    service.wait(60)
    statuses = Counter(status for _, (status, _) in answers)
    print(
        f"Ray Serve: {len(answers):,} requests while each of two replicas was killed once: {dict(statuses)}"
    )
    if set(statuses) != {200}:
        raise CheckFailed(f"lost: {next(answer for _, answer in answers if answer[0] != 200)}")
    first: dict[str, Any] = {}
    for name, (_, body) in answers:
        answer = json.loads(body)
        check_same(name, first.setdefault(name, answer), answer)
    return first


def check_job(ray: Cluster, images: Path, truth: dict[str, int], said: dict[str, Any], rows: int) -> None:
    """Label `images`, with a worker and then the job killed on the way, and with images that come later."""
    target = ray.folder / "labels"

    def start() -> subprocess.Popen[bytes]:
        options = ["-m", "deploy.ray.label", str(images), str(target), f"--rows={rows}"]
        return ray.start("python", *options, log="label.log")

    def files() -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for file in (target / "labels").glob("*.parquet")}

    running = start()
    wait_for("the first labels", lambda: len(files()) >= 2)
    os.kill(ray.workers("MapWorker")[0], signal.SIGKILL)
    before = len(files())
    wait_for("labels after a worker was killed", lambda: len(files()) >= before + 2)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    wait_for("the killed job's workers to end", lambda: not ray.workers("MapWorker"))
    kept, lists = files(), -(-len(truth) // rows)
    print(f"Ray Data: a worker killed, then the job, when {len(kept)} of {lists} lists were labelled")
    if len(kept) >= lists:
        raise CheckFailed("the job ended before it could be killed: give more --images")

    truth = truth | write_images(images, len(truth), 200)
    (images / "no-image.png").write_bytes(b"this is not an image")
    Image.new("L", (40, 40), 255).save(images / "empty.png")
    if start().wait(600) != 0:
        raise CheckFailed("the job that started again failed")
    labelled = files()
    if not kept.items() <= labelled.items():
        raise CheckFailed("labels that existed were written anew")
    if start().wait(600) != 0 or files() != labelled:
        raise CheckFailed("a job with nothing to do failed or wrote labels")
    check_rows([row for file in labelled for row in pq.read_table(file).to_pylist()], truth, said)


def check_rows(rows: list[dict[str, Any]], truth: dict[str, int], said: dict[str, Any]) -> None:
    """Check that each image has one row, and that the row says what the service said."""
    labels = {row["path"]: row for row in rows}
    print(f"          resumed, with 200 more images and two that cannot be read: {len(rows):,} rows")
    if len(labels) != len(rows) or set(labels) != {*truth, "no-image.png", "empty.png"}:
        raise CheckFailed(f"{len(rows)} rows for {len(labels)} images, of {len(truth) + 2}")
    refused = {path for path, row in labels.items() if row["error"] is not None}
    if refused != {"no-image.png", "empty.png"}:
        raise CheckFailed(f"refused: {refused}")
    for path, answer in said.items():
        check_same(path, answer, labels[path])
    right = sum(labels[path]["digit"] == digit for path, digit in truth.items())
    print(f"          each image has one row; {len(said):,} of {len(said):,} rows say what the service said")
    print(f"          {right:,} of {len(truth):,} digits right ({right / len(truth):.2%})")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Check the service and the labelling job on Ray.")
    parser.add_argument("--images", type=int, default=4000, help="digits to label, at most 9,800")
    parser.add_argument("--rows", type=int, default=100, help="images of a list")
    parser.add_argument("--pause", type=float, default=5, help="seconds of load before and after each kill")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="digits-") as name:
        folder = Path(name)
        truth = write_images(folder / "images", 0, options.images)
        sent = sorted(truth)[:: options.images // 1000 or 1]
        ray = Cluster(folder)
        try:
            wait_for("Ray to start", lambda: "--block" in (folder / "ray.log").read_text())
            said = check_service(ray, folder / "images", sent, options.pause)
            check_job(ray, folder / "images", truth, said, options.rows)
        except CheckFailed as failure:
            print(f"failed: {failure}", file=sys.stderr)
            for log in sorted(folder.glob("*.log")):
                print(f"--- {log.name}", *log.read_text().splitlines()[-15:], sep="\n", file=sys.stderr)
            return 1
        finally:
            ray.stop()
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
