"""nginx itself, with the file in deploy/nginx, before the service."""

import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
import pytest

from tests.app.support import head_of
from tests.support import A_SEVEN, ROOT, RunningServer, eventually, free_port, nginx_command, running_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(None in map(shutil.which, ("nginx", "openssl")), reason="nginx is not here"),
]

MEBIBYTE = 1024 * 1024
STRANGER = {"x-forwarded-for": "203.0.113.9"}


class Proxied(NamedTuple):
    """A service, the plain and the TLS port of nginx before it, and a client of the latter."""

    service: RunningServer
    plain: int
    secure: int
    client: httpx.Client


@pytest.fixture(scope="module")
def proxied() -> Iterator[Proxied]:
    with (
        TemporaryDirectory() as name,
        running_server(trusted_proxies="127.0.0.1", access_log="all") as service,
        nginx(service, Path(name)) as (plain, secure),
        httpx.Client(base_url=f"https://127.0.0.1:{secure}", verify=False, timeout=60) as client,
    ):
        yield Proxied(service, plain, secure, client)


@contextmanager
def nginx(service: RunningServer, folder: Path) -> Iterator[tuple[int, int]]:
    """nginx before a service; gives its plain and its TLS port."""
    folder.chmod(0o755)  # its workers are another user's
    plain, secure = free_port(), free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=digits.example.org", "-keyout", "digits.key", "-out", "digits.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    text = (ROOT / "deploy" / "nginx" / "digits.conf").read_text()
    text = re.sub(r"listen \[::\]:\d+[^;]*;", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{service.port}")
    text = text.replace("/etc/nginx/certificates", str(folder))
    process = subprocess.Popen(nginx_command(folder, text))
    try:
        with socket.socket() as door:
            assert eventually(lambda: door.connect_ex(("127.0.0.1", secure)) == 0)
        yield plain, secure
    finally:
        process.terminate()
        process.wait(20)


def assert_problem(answer: httpx.Response, status: int) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code == status


def seconds_until_closed(port: int, sent: bytes) -> float:
    """How long the other side waits when `sent` is all that comes by TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as connection:
        connection.settimeout(30)
        connection.sendall(sent)
        with suppress(TimeoutError):
            while connection.recv(4096):
                pass
    return time.monotonic() - start


def test_a_drawing_is_answered_by_tls_alone(proxied: Proxied) -> None:
    answer = proxied.client.post("/predict/strokes", json=A_SEVEN)
    assert answer.json()["digit"] == 7
    assert {"strict-transport-security", "content-security-policy"} <= set(answer.headers)
    assert httpx.get(f"http://127.0.0.1:{proxied.plain}/models").status_code == 308


def test_a_client_cannot_pass_for_another(proxied: Proxied) -> None:
    proxied.client.get("/nothing", headers=STRANGER)
    assert json.loads(proxied.service.wait_for_line('"/nothing"'))["client"] == "127.0.0.1"


def test_a_body_that_is_too_large_is_413_in_the_one_shape(proxied: Proxied) -> None:
    for size, by_service in ((65 * MEBIBYTE, False), (11 * MEBIBYTE, True)):
        headers = {"content-type": "image/png"}
        answer = proxied.client.post("/predict", content=b"\0" * size, headers=headers)
        assert_problem(answer, 413)
        assert ("request_id" in answer.json()) is by_service


def test_who_is_slow_is_cut_off_and_never_reaches_the_service(proxied: Proxied) -> None:
    for sent in (b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", head_of("/predict", "image/png", 500)):
        assert 8 < seconds_until_closed(proxied.secure, sent) < 15
    assert 'status="408"' not in proxied.client.get("/metrics").text


def test_who_asks_too_often_and_who_finds_nobody_is_told_when_to_come_back(proxied: Proxied) -> None:
    client = proxied.client
    refused = next(answer for _ in range(2000) if (answer := client.get("/healthz")).status_code != 200)
    assert_problem(refused, 429)
    assert refused.headers["retry-after"] == "1"
    assert proxied.service.stop() == 0
    assert eventually(lambda: client.get("/models").status_code != 429)
    away = client.get("/models")
    assert_problem(away, 503)
    assert away.headers["retry-after"] == "5"
