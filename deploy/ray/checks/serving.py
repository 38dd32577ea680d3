"""`serve run deploy.ray.serve:app` with two replicas behind nginx, which are killed under load."""

import http.client
import itertools
import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.ray.checks.cluster import NODE, Cluster
from deploy.ray.checks.promises import BrokenPromise, alike, wait_for
from tests.support import ROOT, free_port, nginx_command

HOST = "127.0.0.1"

CLIENTS = 8

Answer = tuple[int, Any]
"""Status and parsed body."""


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
