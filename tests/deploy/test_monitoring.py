"""Prometheus itself, as deploy/prometheus sets it up: a service feeds every panel and every alert."""

import json
import math
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests.app.support import connect, head_of
from tests.support import A_SEVEN, ROOT, RunningServer, eventually, free_port, running_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="Debian's prometheus is not here"),
]

FOLDER = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "digits.json"
WINDOW = "15s"


@contextmanager
def prometheus(service: RunningServer, folder: Path) -> Iterator[httpx.Client]:
    """Run Prometheus with the files of deploy/prometheus and short windows; gives a client of its API."""
    configuration = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{service.port}"]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    hurried = re.sub(r"for: \d+m", "for: 3s", (FOLDER / "alerts.yml").read_text())
    (folder / "alerts.yml").write_text(re.sub(r"(\[|offset )\d+m", rf"\g<1>{WINDOW}", hurried))
    port = free_port()
    files = f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"
    with (folder / "log").open("w") as log:
        command = ["prometheus", *files, f"--web.listen-address=127.0.0.1:{port}"]
        process = subprocess.Popen(command, stderr=log)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.wait(30)


def series(client: httpx.Client, expression: str) -> int:
    """How many series with a number an expression gives: none yet while Prometheus starts."""
    try:
        answer = client.get("/query", params={"query": expression})
    except httpx.HTTPError:
        return 0
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return 0
    assert answer.is_success, answer.text
    return sum(not math.isnan(float(one["value"][1])) for one in answer.json()["data"]["result"])


def use(server: RunningServer) -> None:
    """Do all that is counted: answers, refusals, a client that leaves, weights that are swapped or not."""
    seven = (ROOT / "docs" / "seven.png").read_bytes()
    with httpx.Client(base_url=server.url, timeout=30) as client:
        client.post("/predict/strokes", json=A_SEVEN)
        for path, image in (("/predict", seven), ("/read", seven), ("/predict", b"no image")):
            client.post(path, files={"image": image})
    with connect(server) as connection:
        connection.sendall(head_of("/predict", "image/png", 1000) + b"half of it")
    server.process.send_signal(signal.SIGHUP)


def test_the_rules_fire_when_they_should() -> None:
    for command in (("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")):
        subprocess.run(["promtool", *command], cwd=FOLDER, check=True, capture_output=True)


def test_a_service_feeds_every_panel_and_every_alert(tmp_path: Path) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = {target["expr"]: panel["type"] for panel in panels for target in panel["targets"]}
    queries = {
        expression.replace("$instance", ".*").replace("$__rate_interval", WINDOW): kind
        for expression, kind in asked.items()
    }
    with running_server() as server, prometheus(server, tmp_path) as client:
        figures = [query for query, kind in queries.items() if kind == "stat"]
        assert eventually(lambda: all(series(client, query) for query in figures), 60)  # while it is idle

        def empty() -> list[str]:
            use(server)
            return [query for query in queries if not series(client, query)]

        assert eventually(lambda: not empty(), 60), empty()
        groups = client.get("/rules").json()["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        for rule in rules:
            assert rule["health"] == "ok", rule
            for name in re.findall(r"\b(?:digits_\w+|up)\b", rule["query"]):
                assert series(client, name), f"{rule['name']}: {name}"
        server.stop()

        def is_down() -> bool:
            alerts = client.get("/alerts").json()["data"]["alerts"]
            firing = {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}
            return "DigitsDown" in firing

        assert eventually(is_down, 60)
