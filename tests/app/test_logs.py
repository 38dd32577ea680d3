"""The log: one JSON object a line, with the request's id, and nothing of what was sent."""

import json
import os
import signal
import subprocess
import sys

import httpx
import pytest

from tests.support import ROOT, Digits, encoded, running_server

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_lines_tell_who_asked_for_what_and_how_it_ended(mnist: Digits) -> None:
    with running_server(access_log="all", api_keys="a-key-of-mine") as server:
        headers = {"x-request-id": "mine-1", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        files = {"image": ("name-of-a-file.png", encoded(mnist.images[0]), "image/png")}
        key = {"authorization": "Bearer a-key-of-mine"}
        httpx.post(f"{server.url}/predict?model=lenet5", files=files, headers={**headers, **key})
        httpx.post(f"{server.url}/predict", files=files, headers={"x-api-key": "a-wrong-key"})
        server.wait_for_line("key-required")
        assert server.stop() == 0
        lines = [json.loads(line) for line in server.lines()]
        text = "\n".join(server.lines())
    requests = [line for line in lines if line["message"] == "request"]
    first, second = requests
    assert first["request_id"] == "mine-1"
    assert first["trace_id"] == TRACE
    assert (first["method"], first["path"], first["status"]) == ("POST", "/predict", 200)
    assert first["client"] == "127.0.0.1"
    assert first["milliseconds"] >= 0
    assert second["status"] == 401
    assert second["refusal"] == "key-required"
    assert second["request_id"] != "mine-1"
    for secret in ("a-key-of-mine", "a-wrong-key", "name-of-a-file", "IHDR"):
        assert secret not in text
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)


@pytest.mark.slow
def test_a_forwarded_address_is_believed_only_of_a_proxy_that_is_named() -> None:
    for proxies, client in (("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9")):
        with running_server(access_log="all", trusted_proxies=proxies) as server:
            httpx.get(f"{server.url}/nothing", headers={"x-forwarded-for": "203.0.113.9"})
            assert json.loads(server.wait_for_line('"request"'))["client"] == client


@pytest.mark.slow
def test_a_log_that_nobody_reads_stops_nothing() -> None:
    environment = {**os.environ, "PORT": "0", "DIGITS_ACCESS_LOG": "all", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "app"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    line = ""
    while "listening on" not in line:
        line = process.stderr.readline()
        assert line
    url = json.loads(line)["message"].removeprefix("listening on ")
    # A pipe holds 64 KiB; these are some hundreds more.
    with httpx.Client(base_url=url) as client:
        for _ in range(1500):
            assert client.get("/nothing-at-all-" + "x" * 200).status_code == 404
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    process.stderr.close()
