"""Check that a service under load feeds the dashboard and the alerts: `python -m tests.deploy.monitoring`.

It needs Debian's prometheus, takes half a minute and listens on 127.0.0.1 only. Each query of each panel must
give numbers, each rule must be evaluated, and an alert must fire for what is done to the service here: it is
flooded, sent scribbles, given broken weights and ended. For that, rates and alerts have shorter windows;
`promtool test rules` checks the times as written.
"""

import json
import math
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.support import A_SEVEN, ROOT, RunningServer, eventually, free_port, running_server

DASHBOARD = ROOT / "deploy" / "grafana" / "digits.json"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
CONFIGURATION = ROOT / "deploy" / "prometheus" / "prometheus.yml"
WINDOW = "15s"
LOADED = {"DigitsOverloaded", "DigitsSwapRefused", "DigitsManyNonDigits"}
"""The alerts that must fire under this load; `DigitsDown` must fire once the service has ended."""


@contextmanager
def prometheus(service: RunningServer) -> Iterator[httpx.Client]:
    """Run Prometheus with the files of deploy/prometheus and short windows; gives a client of its API."""
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
                wait_for("Prometheus", lambda: series(client, "vector(1)") == 1)
                yield client
        finally:
            process.terminate()
            process.wait(30)


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until `condition()` is true; `TimeoutError` with `what` after `seconds`."""

    def met() -> bool:
        with suppress(httpx.HTTPError):
            return condition()
        return False

    if not eventually(met, seconds):
        raise TimeoutError(what)


def series(client: httpx.Client, expression: str) -> int:
    """How many series with a number an expression gives; `ValueError` if Prometheus refuses it."""
    answer = client.get("/query", params={"query": expression}).json()
    if answer["status"] != "success":
        raise ValueError(answer["error"])
    return sum(not math.isnan(float(one["value"][1])) for one in answer["data"]["result"])


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
        """Stop all clients."""
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _repeat(self, work: Callable[[httpx.Client], object]) -> None:
        with httpx.Client(base_url=self.server.url, timeout=30) as client:
            while not self.ended.is_set():
                with suppress(httpx.HTTPError, OSError):
                    work(client)

    def _draw(self, client: httpx.Client) -> None:
        client.post("/predict/strokes", json=A_SEVEN)

    def _scribble(self, client: httpx.Client) -> None:
        points = [[random.uniform(0, 100), random.uniform(0, 100)] for _ in range(40)]
        client.post("/predict/strokes", json={"strokes": [points]})

    def _send(self, client: httpx.Client) -> None:
        seven = (ROOT / "docs" / "seven.png").read_bytes()
        for path, image in (("/predict", seven), ("/read", seven), ("/predict", b"no image")):
            client.post(path, files={"image": image})
        client.get("/models")
        self.ended.wait(0.1)

    def _leave(self, client: httpx.Client) -> None:
        client.post("/predict", content=self._half_a_body(), headers={"Content-Length": "1000"})

    def _half_a_body(self) -> Iterator[bytes]:
        yield b"half of it"
        self.ended.wait(0.1)
        raise httpx.WriteError("the client leaves")

    def _swap(self, client: httpx.Client) -> None:
        weights = next(self.checkpoints.glob("*.safetensors"))
        whole = weights.read_bytes()
        for content in (whole[:-100], whole):
            weights.write_bytes(content)
            self.server.process.send_signal(signal.SIGHUP)
            self.ended.wait(2)


def ask_dashboard(client: httpx.Client, *, idle: bool = False) -> int:
    """Ask what each panel asks, of an `idle` service only the single figures; gives how many gave nothing."""
    empty = 0
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"] if panel["type"] == "stat" or not idle else []:
            expression = target["expr"].replace("$instance", ".*").replace("$__rate_interval", WINDOW)
            count = series(client, expression)
            empty += count == 0
            print(f"{'idle' if idle else 'loaded':6} {panel['title']:30} {target['refId']}: {count} series")
    return empty


def rules_of(client: httpx.Client) -> list[dict[str, Any]]:
    """The alerts as Prometheus has read them, each with how many `series` it looks at."""
    rules = [rule for group in client.get("/rules").json()["data"]["groups"] for rule in group["rules"]]
    for rule in rules:
        names = set(re.findall(r"\b(?:digits_\w+|up)\b", rule["query"]))
        rule["series"] = min(series(client, name) for name in names)
    return rules


def judge(rules: list[dict[str, Any]], fired: set[str]) -> int:
    """Print each rule; gives how many are not evaluated, look at nothing, or did not fire as they must."""
    wrong = 0
    for rule in rules:
        silent = rule["name"] in LOADED | {"DigitsDown"} and rule["name"] not in fired
        wrong += rule["health"] != "ok" or not rule["series"] or silent
        print(f"{rule['name']:22} {rule['health']}, {rule['series']} series, fired: {rule['name'] in fired}")
    return wrong


def main() -> int:
    """Run the command line."""
    for program in ("prometheus", "promtool"):
        if shutil.which(program) is None:
            print(f"{program} is not here")
            return 1
    subprocess.run(["promtool", "check", "config", str(CONFIGURATION)], check=True)
    subprocess.run(["promtool", "test", "rules", str(ALERTS.with_name("alerts_test.yml"))], check=True)
    with tempfile.TemporaryDirectory() as name:
        for file in (ROOT / "model" / "weights").glob("lenet5.*"):
            shutil.copy(file, name)
        with running_server(checkpoints=name, queue_size="4") as server, prometheus(server) as client:
            wait_for("a scrape", lambda: series(client, "sum(rate(digits_http_requests_total[15s])) > 0") > 0)
            empty = ask_dashboard(client, idle=True)
            load = Load(server, Path(name))
            try:
                wait_for(f"{LOADED} to fire", lambda: firing(client) >= LOADED)
                rules, fired = rules_of(client), firing(client)
                empty += ask_dashboard(client)
            finally:
                load.stop()
            server.stop()
            wait_for("DigitsDown to fire", lambda: "DigitsDown" in firing(client))
            wrong = judge(rules, fired | firing(client))
    print(f"{empty} queries without an answer, {wrong} alerts amiss")
    return 1 if empty or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
