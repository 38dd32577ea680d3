"""How the process starts, swaps its models, and ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from model.checkpoints import checkpoint
from model.networks.family import build
from tests.app.support import connect, head_of, in_flight, read_all
from tests.support import (
    A_SEVEN,
    ROOT,
    Digits,
    RunningServer,
    encoded,
    eventually,
    running_server,
    threads_of,
    workers_of,
)

pytestmark = pytest.mark.slow

CHECKPOINT = ROOT / "model" / "weights" / "lenet5.safetensors"


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    """Start the service where it cannot start, and wait for its end."""
    environment = {**os.environ, "PORT": "0"}
    environment |= {f"DIGITS_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("settings", "status", "told"),
    [
        ({"port": "http"}, 2, "DIGITS_PORT"),
        ({"device": "tpu"}, 2, "DIGITS_DEVICE"),
        ({"device": "cuda:7"}, 1, "cuda:7"),
        ({"model": "resnet"}, 1, "resnet.safetensors"),
        ({"model": "/x/model.pt"}, 1, "/x/model.pt: is no checkpoint; `python -m model convert`"),
        ({"corrections": "/nowhere/at/all.db"}, 1, "/nowhere/at/all.db"),
    ],
)
def test_a_start_that_fails_says_why_in_one_line(settings: dict[str, str], status: int, told: str) -> None:
    ended = start(**settings)
    assert ended.returncode == status
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert told in lines[0]


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for workers in ("1", "2"):
            ended = start(port=str(taken.getsockname()[1]), workers=workers)
            assert ended.returncode > 0
            assert "in use" in ended.stderr
            assert "Traceback" not in ended.stderr


def test_a_broken_checkpoint_stops_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "lenet5.safetensors"
    broken.write_bytes(CHECKPOINT.read_bytes()[:5000])
    ended = start(checkpoints=str(tmp_path))
    assert ended.returncode == 1
    (line,) = [line for line in ended.stderr.splitlines() if '"critical"' in line]
    assert str(broken) in line
    assert "Traceback" not in ended.stderr


def test_sigterm_finishes_a_request_that_is_on_its_way(mnist: Digits) -> None:
    data = encoded(mnist.images[0])
    with running_server() as server, connect(server) as connection:
        connection.sendall(head_of("/predict", "image/png", len(data)) + data[:50])
        assert eventually(lambda: in_flight(server) == 1)
        server.process.send_signal(signal.SIGTERM)
        assert eventually(lambda: is_shut(server))
        connection.sendall(data[50:])
        answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b'"digit":7' in answer
        assert b"connection: close" in answer
        assert server.process.wait(20) == 0


def is_shut(server: RunningServer) -> bool:
    """Whether nobody listens any more."""
    try:
        connect(server).close()
    except ConnectionRefusedError:
        return True
    return False


def test_sigterm_waits_for_what_may_be_on_its_way_on_an_open_connection() -> None:
    """A client sends on the connection that it has before it learns that the service ends."""
    with running_server() as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/healthz").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        server.wait_for_line("stopping")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["detail"] == "The service is stopping."
        assert answer.headers["connection"] == "close"
        assert server.process.wait(20) == 0


def test_a_client_that_never_finishes_does_not_hold_up_the_end() -> None:
    with running_server(drain_seconds="1") as server, connect(server) as connection:
        connection.sendall(head_of("/predict", "image/png", 100))
        assert eventually(lambda: in_flight(server) == 1)
        assert server.stop(15) == 0


def models_of(server: RunningServer) -> dict[str, str]:
    models = httpx.get(f"{server.url}/models").json()["models"]
    return {model["name"]: model["digest"] for model in models}


def test_linear_algebra_starts_no_thread_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with running_server() as server:
        fewest = threads_of(server.process.pid)
    monkeypatch.delenv("OMP_NUM_THREADS")
    with running_server() as server:
        assert threads_of(server.process.pid) == fewest


def test_sighup_swaps_new_checkpoints_in_and_a_bad_one_leaves_the_old_serving(
    tmp_path: Path, mnist: Digits
) -> None:
    served = tmp_path / "lenet5.safetensors"
    shutil.copy(CHECKPOINT, served)
    files = {"image": encoded(mnist.images[0])}
    with running_server(checkpoints=str(tmp_path)) as server:
        before = models_of(server)
        threads = threads_of(server.process.pid)

        served.write_bytes(b"no weights at all")
        server.process.send_signal(signal.SIGHUP)
        line = server.wait_for_line("the old ones go on serving")
        assert str(served) in line
        assert models_of(server) == before
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        assert httpx.post(f"{server.url}/predict", files=files).json()["digit"] == 7

        checkpoint.save(served, build("lenet5", seed=5))
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_line("new checkpoints are serving")
        after = models_of(server)
        assert after.keys() == before.keys()
        assert after != before
        assert httpx.post(f"{server.url}/predict", files=files).status_code == 200
        metrics = httpx.get(f"{server.url}/metrics").text
        assert 'digits_model_swaps_total{outcome="done"} 1.0' in metrics
        assert 'digits_model_swaps_total{outcome="refused"} 1.0' in metrics
        assert threads_of(server.process.pid) <= threads + 1


def test_a_swap_under_load_loses_no_request(tmp_path: Path) -> None:
    served = tmp_path / "lenet5.safetensors"
    shutil.copy(CHECKPOINT, served)
    statuses: list[int] = []
    done = threading.Event()
    with running_server(checkpoints=str(tmp_path)) as server:

        def ask() -> None:
            with httpx.Client(base_url=server.url, timeout=30) as client:
                while not done.is_set():
                    statuses.append(client.post("/predict/strokes", json=A_SEVEN).status_code)

        clients = [threading.Thread(target=ask) for _ in range(8)]
        for client in clients:
            client.start()
        for seed in range(3):
            checkpoint.save(served, build("lenet5", seed=seed))
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_line("new checkpoints are serving", times=seed + 1)
        asked = len(statuses)
        assert eventually(lambda: len(statuses) > asked + 20)
        done.set()
        for client in clients:
            client.join()
    assert set(statuses) == {200}


def test_workers_share_a_port_add_up_their_metrics_and_are_replaced() -> None:
    with running_server(workers="2") as server:
        with httpx.Client(base_url=server.url, timeout=30) as client:
            assert client.get("/readyz").status_code == 200
        calls = 60
        for _ in range(calls):
            assert httpx.post(f"{server.url}/predict/strokes", json=A_SEVEN).json()["digit"] == 7
        metrics = httpx.get(f"{server.url}/metrics").text
        counted = (
            f'digits_http_requests_total{{method="POST",route="/predict/strokes",status="200"}} {calls}.0'
        )
        assert counted in metrics
        workers = workers_of(server.process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        server.wait_for_line("is replaced")
        for _ in range(20):
            assert httpx.post(f"{server.url}/predict/strokes", json=A_SEVEN).status_code == 200
        assert eventually(lambda: "digits_ready 1.0" in httpx.get(f"{server.url}/metrics").text)
        assert in_flight(server) == 0
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_line("new checkpoints are serving")
        assert server.stop() == 0
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_workers_that_cannot_start_end_the_service() -> None:
    ended = start(workers="2", model="resnet")
    assert ended.returncode == 1
    assert "resnet.safetensors" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_workers_end_when_their_supervisor_is_gone() -> None:
    with running_server(workers="2") as server:
        assert httpx.get(f"{server.url}/readyz", timeout=60).status_code == 200
        workers = workers_of(server.process.pid)
        server.process.kill()
        server.process.wait()
        assert eventually(lambda: not any(map(is_running, workers)))


def is_running(pid: int) -> bool:
    """Whether a process has not ended; who ended may wait for its new parent to take note of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
