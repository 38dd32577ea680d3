"""See both halves of this folder keep their promise on one machine: `python -m deploy.ray.check`.

It starts a Ray of its own on the loopback interface, with two CPUs, and ends it afterwards.

1. `serve run deploy.ray.serve:app` with two replicas, behind nginx with nginx.conf of this folder, answers
   clients that never pause, while first one replica and then the other is killed (SIGKILL): every request
   must be answered, and each image always alike.
2. `python -m deploy.ray.label` labels a folder of digits; a worker is killed, then the job itself; it is
   started again, with new images in the folder, and once more: each image must have one row, and the row say
   what the service said.

Needs Linux, nginx, `pip install '.[ray,onnx]'` (or torch), and the images of tests/data. Ends with 1 when a
promise is broken.
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
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from model.training.idx import read_idx
from tests.support import ROOT, free_port, nginx_command

MNIST = ROOT / "tests" / "data" / "mnist"
HOST = "127.0.0.1"
NODE = "127.0.0.2"
"""Ray takes 127.0.0.1 to mean the machine's outer address."""

CLIENTS = 8
ALIKE = 1e-5
"""What two batches of another size may differ by, in a probability."""

Answer = tuple[int, Any]
"""Status and parsed body."""


class BrokenPromise(Exception):
    """What was to be shown is not so; the message says what was seen."""


def wait_for(what: str, is_so: Callable[[], bool], seconds: float = 300) -> None:
    """Wait until `is_so`.

    Raises:
        BrokenPromise: it did not become so in time.
    """
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise BrokenPromise(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


def write_images(folder: Path, first: int, count: int) -> dict[str, int]:
    """MNIST's test images as files of many sizes, dark on light and light on dark; gives path -> digit."""
    images = read_idx(MNIST / "t10k-images-idx3-ubyte.gz")[first : first + count]
    labels = read_idx(MNIST / "t10k-labels-idx1-ubyte.gz")[first : first + count]
    written = {}
    for number, (pixels, digit) in enumerate(zip(images, labels, strict=True), first):
        side = 28 + 12 * (number % 7)
        ink = pixels if number % 3 else 255 - pixels
        name = f"{number % 10}/{number:05}.{'jpg' if number % 5 == 0 else 'png'}"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(ink).resize((side, side), Image.Resampling.BICUBIC).save(folder / name)
        written[name] = int(digit)
    return written


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


class Clients:
    """Several clients that send one image after the other, in turn, until they are stopped."""

    def __init__(self, port: int, folder: Path, names: list[str]) -> None:
        self.port = port
        self.bodies = {name: (folder / name).read_bytes() for name in names}
        self.turn = itertools.cycle(names)
        self.lock = threading.Lock()
        self.answers: list[tuple[str, Answer]] = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _send(self) -> None:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        while not self.stopped.is_set():
            with self.lock:
                name = next(self.turn)
            try:
                connection.request("POST", "/predict", self.bodies[name], {"Content-Type": "image/png"})
                response = connection.getresponse()
                answer: Answer = response.status, response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                answer = 0, repr(error)
            with self.lock:
                self.answers.append((name, answer))

    def stop(self) -> list[tuple[str, Answer]]:
        """Wait for the last answers; gives all of them, with the images' names."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return self.answers


def ready(port: int) -> bool:
    """Whether the service answers on `port`."""
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
    """nginx before `service`, with the file that is beside this one; gives its port."""
    port = free_port()
    site = (ROOT / "deploy" / "ray" / "nginx.conf").read_text()
    site = site.replace("listen 8080;", f"listen {HOST}:{port};").replace(
        "127.0.0.1:8000", f"{HOST}:{service}"
    )
    running = subprocess.Popen(nginx_command(folder, site))
    try:
        wait_for("nginx", lambda: ready(port), 30)
        yield port
    finally:
        running.terminate()
        running.wait(30)


def check_serve(ray: Cluster, images: Path, names: list[str], pause: float) -> dict[str, Any]:
    """Kill both replicas, one after the other, under load; gives what the service said of each image."""
    port = free_port(NODE)
    ray.start(
        ray.command / "serve", "start", f"--http-host={HOST}", f"--http-port={port}", log="serve.log"
    ).wait(90)
    service = ray.start(ray.command / "serve", "run", "deploy.ray.serve:app", log="serve.log")
    try:
        wait_for("the service on Ray Serve", lambda: ready(port))
        wait_for("two replicas", lambda: len(ray.workers("ServeReplica")) == 2)
        with nginx(ray.folder, port) as door:
            answers = answers_while_killing(ray, Clients(door, images, names), pause)
    finally:
        service.send_signal(signal.SIGINT)
        service.wait(60)
    return judge_answers(answers)


def replaced(ray: Cluster, victim: int) -> Callable[[], bool]:
    """Tells whether there are two replicas again, of which `victim` is none."""

    def is_so() -> bool:
        there = ray.workers("ServeReplica")
        return len(there) == 2 and victim not in there

    return is_so


def answers_while_killing(ray: Cluster, clients: Clients, pause: float) -> list[tuple[str, Answer]]:
    """Kill one replica, wait for the one in its place, kill the other; gives all answers."""
    try:
        for _ in range(2):
            time.sleep(pause)
            victim = ray.workers("ServeReplica")[0]
            os.kill(victim, signal.SIGKILL)
            wait_for("another replica", replaced(ray, victim))
            time.sleep(pause)  # the new one has to load its model, and the proxy to find it
    finally:
        answers = clients.stop()
    return answers


def judge_answers(answers: list[tuple[str, Answer]]) -> dict[str, Any]:
    """Whether every request was answered, and always alike; gives the answers by name."""
    statuses = Counter(status for _, (status, _) in answers)
    print(
        f"Ray Serve: {len(answers):,} requests while each of two replicas was killed once: {dict(statuses)}"
    )
    lost = [answer for _, answer in answers if answer[0] != 200]
    if lost:
        raise BrokenPromise(f"{len(lost)} requests lost, for example {lost[0]}")
    said: dict[str, Any] = {}
    for name, (_, body) in answers:
        answer = json.loads(body)
        first = said.setdefault(name, answer)
        if not alike(answer["probabilities"], first["probabilities"]):
            raise BrokenPromise(f"{name} was answered {first}, then {answer}")
    return said


def alike(one: list[float], other: list[float]) -> bool:
    """Whether two answers' probabilities are the same but for rounding."""
    return float(np.abs(np.subtract(one, other)).max()) < ALIKE


class Job:
    """The labelling job and what it has written."""

    def __init__(self, ray: Cluster, source: Path, target: Path, rows: int) -> None:
        self.ray, self.target = ray, target
        module = "deploy.ray.label"
        self.command = [sys.executable, "-m", module, str(source), str(target), f"--rows={rows}"]

    def start(self) -> subprocess.Popen[bytes]:
        """Start it."""
        return self.ray.start(*self.command, log="label.log")

    def files(self) -> list[Path]:
        """The files of labels that are there."""
        return sorted((self.target / "labels").glob("*.parquet"))

    def run(self) -> None:
        """Run it to its end."""
        if self.start().wait(600) != 0:
            raise BrokenPromise("the job failed:\n" + (self.ray.folder / "label.log").read_text()[-2000:])

    def rows(self) -> list[dict[str, Any]]:
        """Every row of every file."""
        return [row for file in self.files() for row in pq.read_table(file).to_pylist()]


def check_label(ray: Cluster, images: Path, truth: dict[str, int], said: dict[str, Any], rows: int) -> None:
    """Label `images`, with a worker and then the job killed midway, and with images that come later."""
    job = Job(ray, images, ray.folder / "labels", rows)
    lists = -(-len(truth) // rows)
    running = job.start()
    wait_for("the first labels", lambda: len(job.files()) >= 2)
    os.kill(ray.workers("MapWorker")[0], signal.SIGKILL)
    there = len(job.files())
    wait_for("labels after a worker was killed", lambda: len(job.files()) >= there + 2)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    wait_for("the killed job's workers to end", lambda: not ray.workers("MapWorker"))
    kept = {file: file.stat().st_mtime_ns for file in job.files()}
    print(f"Ray Data: a worker killed, then the job, when {len(kept)} of {lists} lists were labelled")
    if not len(kept) < lists:
        raise BrokenPromise("the job was over before it could be killed: give more --images")

    truth = truth | write_images(images, len(truth), 200)
    (images / "no-image.png").write_bytes(b"this is no image")
    Image.new("L", (40, 40), 255).save(images / "empty.png")
    job.run()
    if any(file.stat().st_mtime_ns != time_ns for file, time_ns in kept.items()):
        raise BrokenPromise("labels that were there have been made anew")
    judge_rows(job.rows(), truth, said)
    count = len(job.files())
    job.run()
    if len(job.files()) != count:
        raise BrokenPromise("a job with nothing to do wrote labels")


def judge_rows(rows: list[dict[str, Any]], truth: dict[str, int], said: dict[str, Any]) -> None:
    """Whether each image has one row, and the row says what the service said."""
    times = Counter(row["path"] for row in rows)
    refused = {row["path"]: row["error"] for row in rows if row["error"] is not None}
    print(f"          resumed, with 200 more images and two that are none: {len(rows):,} rows")
    if set(times) != {*truth, "no-image.png", "empty.png"} or set(times.values()) != {1}:
        raise BrokenPromise(f"rows by how often their image has one: {Counter(times.values())}")
    if set(refused) != {"no-image.png", "empty.png"}:
        raise BrokenPromise(f"refused: {refused}")
    labels = {row["path"]: row for row in rows}
    for path, answer in said.items():
        row = labels[path]
        same = all(row[name] == answer[name] for name in ("digit", "is_digit", "reason", "model"))
        if not same or not alike(row["probabilities"], answer["probabilities"]):
            raise BrokenPromise(f"{path}: the service said {answer}, the job {row}")
    right = sum(labels[path]["digit"] == digit for path, digit in truth.items())
    print(f"          each image has one row; {len(said):,} of {len(said):,} rows say what the service said")
    print(f"          {right:,} of {len(truth):,} digits right ({right / len(truth):.2%})")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Check the service and the labelling job on Ray.")
    parser.add_argument(
        "--images", type=int, default=4000, help="how many digits are labelled (at most 9,800)"
    )
    parser.add_argument("--rows", type=int, default=100, help="images of a list")
    parser.add_argument("--pause", type=float, default=5, help="seconds of load before and after each kill")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="digits-") as name:
        folder = Path(name)
        truth = write_images(folder / "images", 0, options.images)
        try:
            with cluster(folder) as ray:
                said = check_serve(
                    ray, folder / "images", sorted(truth)[:: options.images // 1000 or 1], options.pause
                )
                check_label(ray, folder / "images", truth, said, options.rows)
        except BrokenPromise as broken:
            print(f"broken: {broken}", file=sys.stderr)
            for log in ("serve.log", "label.log"):
                if (folder / log).exists():
                    print(
                        f"--- {log}",
                        *(folder / log).read_text().splitlines()[-15:],
                        sep="\n",
                        file=sys.stderr,
                    )
            return 1
    print("kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
