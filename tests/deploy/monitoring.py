"""Start Prometheus beside a service under load, and see whether the dashboard and the alerts are fed.

    python -m tests.deploy.monitoring

Needs Debian's prometheus; takes half a minute; listens on 127.0.0.1 only. Every query
of every panel must give numbers, every rule be evaluated, and the alerts for what is done to the service here
must fire: it is flooded, sent scribbles, given broken weights and ended. The windows of rates and alerts are
shortened for that; `promtool test rules` checks the times that are written down.
"""

import json
import math
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import yaml
from rich.console import Console
from rich.table import Table

from tests.support import ROOT, RunningServer, free_port, running_server

DASHBOARD = ROOT / "deploy" / "grafana" / "digits.json"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
CONFIGURATION = ROOT / "deploy" / "prometheus" / "prometheus.yml"
WINDOW = "15s"
SEVEN = {"strokes": [[[10, 10], [60, 10], [30, 90]]]}
LOADED = ("DigitsOverloaded", "DigitsSwapRefused", "DigitsManyNonDigits")
"""What must fire under this load; `DigitsDown` must once the service has ended."""

console = Console(width=110)


@contextmanager
def prometheus(service: RunningServer) -> Iterator[httpx.Client]:
    """Prometheus with the files of deploy/prometheus, hurried; gives a client of its API."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configuration = yaml.safe_load(CONFIGURATION.read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        configuration["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{service.port}"]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        hurried = re.sub(r"for: \d+m", "for: 3s", ALERTS.read_text())
        (folder / "alerts.yml").write_text(re.sub(r"(\[|offset )\d+m", rf"\g<1>{WINDOW}", hurried))
        command = [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
        ]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30) as client:
                wait_until(lambda: answers(client), "Prometheus answers")
                yield client
        finally:
            process.terminate()
            process.wait(30)


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until `is_so`; `TimeoutError` with `what` if it does not become so."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.2)


def answers(client: httpx.Client) -> bool:
    """Whether Prometheus takes queries."""
    try:
        return client.get("/query", params={"query": "1"}).status_code == 200
    except httpx.HTTPError:
        return False


def ask(client: httpx.Client, expression: str) -> int:
    """How many series with a number an expression gives; `ValueError` if Prometheus refuses it."""
    answer = client.get("/query", params={"query": expression}).json()
    if answer["status"] != "success":
        raise ValueError(answer["error"])
    series = answer["data"]["result"]
    return sum(not math.isnan(float(one["value"][1])) for one in series)


def firing(client: httpx.Client) -> set[str]:
    """The names of the alerts that fire now."""
    alerts = client.get("/alerts").json()["data"]["alerts"]
    return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}


class Load:
    """Clients of every kind, until they are stopped."""

    def __init__(self, server: RunningServer, checkpoints: Path) -> None:
        self.server, self.checkpoints = server, checkpoints
        self.ended = threading.Event()
        work = [self._draw] * 6 + [self._scribble] * 8 + [self._send, self._leave, self._swap]
        self.threads = [threading.Thread(target=self._repeat, args=(one,)) for one in work]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """End all clients."""
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _repeat(self, work: Callable[[httpx.Client], None]) -> None:
        with httpx.Client(base_url=self.server.url, timeout=30) as client:
            while not self.ended.is_set():
                with suppress(httpx.HTTPError, OSError):
                    work(client)

    def _draw(self, client: httpx.Client) -> None:
        client.post("/predict/strokes", json=SEVEN)

    def _scribble(self, client: httpx.Client) -> None:
        points = [[random.uniform(0, 100), random.uniform(0, 100)] for _ in range(40)]
        client.post("/predict/strokes", json={"strokes": [points]})

    def _send(self, client: httpx.Client) -> None:
        seven = (ROOT / "docs" / "seven.png").read_bytes()
        client.post("/predict", files={"image": seven})
        client.post("/read", files={"image": seven})
        client.post("/predict", files={"image": b"no image"})
        client.get("/models")
        time.sleep(0.1)

    def _leave(self, client: httpx.Client) -> None:
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.server.port)) as connection:
            connection.sendall(head + b"half of it")
            time.sleep(0.1)

    def _swap(self, client: httpx.Client) -> None:
        weights = next(self.checkpoints.glob("*.safetensors"))
        whole = weights.read_bytes()
        for content in (whole[:-100], whole):
            weights.write_bytes(content)
            self.server.process.send_signal(signal.SIGHUP)
            time.sleep(2)


def look_at_dashboard(client: httpx.Client, *, idle: bool = False) -> int:
    """Ask what each panel asks, of an `idle` service only the single figures; gives how many gave nothing."""
    empty = 0
    table = Table("panel", "query", "series", title=f"Dashboard, {'idle' if idle else 'under load'}")
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        if idle and panel["type"] != "stat":
            continue
        for target in panel["targets"]:
            expression = target["expr"].replace("$instance", ".*").replace("$__rate_interval", WINDOW)
            count = ask(client, expression)
            empty += count == 0
            table.add_row(panel["title"], target["legendFormat"] or target["refId"], str(count or "none"))
    console.print(table)
    return empty


def look_at_rules(client: httpx.Client, series: dict[str, int], fired: set[str]) -> int:
    """Print each rule; gives how many are ill, ask for what is not there, or had to fire and did not."""
    wrong = 0
    table = Table("alert", "evaluated", "series it looks at", "fired", title="Alerts")
    for rule in rules_of(client):
        count, must = series[rule["name"]], rule["name"] in (*LOADED, "DigitsDown")
        wrong += rule["health"] != "ok" or not count or (must and rule["name"] not in fired)
        seen = "yes" if rule["name"] in fired else "NO" if must else "no cause here"
        table.add_row(rule["name"], rule["health"], str(count or "none"), seen)
    console.print(table)
    return wrong


def rules_of(client: httpx.Client) -> list[dict[str, Any]]:
    """The alerts as Prometheus has read them."""
    groups = client.get("/rules").json()["data"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def series_of(client: httpx.Client) -> dict[str, int]:
    """How many series there are of the metric that each alert looks at; 0 if it looks at one without any."""
    found = {}
    for rule in rules_of(client):
        names = set(re.findall(r"\b(?:digits_\w+|up)\b", rule["query"]))
        found[rule["name"]] = min(ask(client, name) for name in names)
    return found


def main() -> int:
    """Run the command line."""
    for program in ("prometheus", "promtool"):
        if shutil.which(program) is None:
            console.print(f"{program} is not here")
            return 1
    subprocess.run(["promtool", "check", "config", str(CONFIGURATION)], check=True)
    subprocess.run(["promtool", "test", "rules", str(ALERTS.with_name("alerts_test.yml"))], check=True)
    with tempfile.TemporaryDirectory() as name:
        for file in (ROOT / "model" / "weights").glob("lenet5.*"):
            shutil.copy(file, name)
        with running_server(checkpoints=name, queue_size="4") as server, prometheus(server) as client:
            wait_until(
                lambda: ask(client, "sum(rate(digits_http_requests_total[15s])) > 0") > 0, "a scrape is seen"
            )
            empty = look_at_dashboard(client, idle=True)
            load = Load(server, Path(name))
            try:
                wait_until(lambda: set(LOADED) <= firing(client), f"{LOADED} fire")
                fired, series = firing(client), series_of(client)
                empty += look_at_dashboard(client)
            finally:
                load.stop()
            server.stop()
            wait_until(lambda: "DigitsDown" in firing(client), "DigitsDown fires")
            wrong = look_at_rules(client, series, fired | firing(client))
    console.print(f"{empty} queries without an answer, {wrong} alerts amiss")
    return 1 if empty or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
