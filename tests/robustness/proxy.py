"""Start nginx with the file in deploy/nginx before the service, and see whether it keeps its promises.

    python -m tests.robustness.proxy

Needs nginx and openssl; takes half a minute; listens on 127.0.0.1 only. Prints each promise, and exits with
1 when one is not kept.
"""

import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from rich.console import Console

from tests.support import A_SEVEN, ROOT, RunningServer, eventually, free_port, nginx_command, running_server

CONFIGURATION = ROOT / "deploy" / "nginx" / "digits.conf"

MEBIBYTE = 1024 * 1024

console = Console()


@contextmanager
def nginx(service: RunningServer) -> Iterator[tuple[int, int]]:
    """nginx before `service`; gives its plain and its TLS port."""
    plain, secure = free_port(), free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        certificate = ("-subj", "/CN=digits.example.org", "-keyout", "digits.key", "-out", "digits.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *certificate],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        text = CONFIGURATION.read_text()
        text = re.sub(r"listen \[::\]:\d+[^;]*;", "", text)
        text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
        text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;")
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{service.port}")
        text = text.replace("/etc/nginx/certificates", str(folder))
        command = nginx_command(folder, text)
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        process = subprocess.Popen(command)
        try:
            with socket.socket() as door:
                assert eventually(lambda: door.connect_ex(("127.0.0.1", secure)) == 0)
            yield plain, secure
        finally:
            process.terminate()
            process.wait(20)


def is_problem(answer: httpx.Response, status: int) -> bool:
    """Whether an answer is problem details of that status."""
    if answer.status_code != status or answer.headers.get("content-type") != "application/problem+json":
        return False
    return bool(answer.json()["status"] == status)


def by_tls(port: int, sent: bytes, seconds: float = 30) -> float:
    """Send `sent` and nothing more; gives the seconds until the other side closes."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as connection:
        connection.settimeout(seconds)
        connection.sendall(sent)
        with suppress(TimeoutError):
            while connection.recv(4096):
                pass
    return time.monotonic() - start


def check(service: RunningServer, plain: int, secure: int) -> Iterator[tuple[str, bool]]:
    """Each promise, and whether it is kept."""
    client = httpx.Client(base_url=f"https://127.0.0.1:{secure}", verify=False, timeout=60)
    stranger, png = {"x-forwarded-for": "203.0.113.9"}, {"content-type": "image/png"}
    answer = client.post("/predict/strokes", json=A_SEVEN, headers=stranger)
    yield "a drawing is answered by TLS", answer.json()["digit"] == 7
    yield "browsers are told to stay with TLS", "strict-transport-security" in answer.headers
    yield "the service's own headers come through", "content-security-policy" in answer.headers
    moved = httpx.get(f"http://127.0.0.1:{plain}/models")
    yield "plain HTTP is sent on to TLS", moved.status_code == 308
    client.get("/nothing", headers=stranger)
    line = json.loads(service.wait_for_line('"/nothing"'))
    yield "a client cannot pass for another", line["client"] == "127.0.0.1"
    large = client.post("/predict", content=b"\0" * (65 * MEBIBYTE), headers=png)
    yield "a body beyond 64 MiB is 413 in the one shape", is_problem(large, 413)
    between = client.post("/predict", content=b"\0" * (11 * MEBIBYTE), headers=png)
    yield "a smaller one is 413 by the service", "request_id" in between.text
    took = by_tls(secure, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    yield "slow headers are cut off in time", 8 < took < 15
    before = client.get("/metrics").text.count('status="408"')
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 500\r\n\r\n"
    took = by_tls(secure, head)
    after = client.get("/metrics").text.count('status="408"')
    yield "slow bodies never reach the service", 8 < took < 15 and before == after
    refused = next(answer for _ in range(2000) if (answer := client.get("/healthz")).status_code != 200)
    kept = is_problem(refused, 429) and refused.headers["retry-after"] == "1"
    yield "who asks too often gets 429 in the one shape", kept
    yield "the service ends with 0 behind it", service.stop() == 0
    assert eventually(lambda: client.get("/models").status_code != 429)
    away = client.get("/models")
    kept = is_problem(away, 503) and away.headers["retry-after"] == "5"
    yield "a service that is away is 503 with Retry-After", kept
    client.close()


def main() -> int:
    """Check all promises; gives the exit status."""
    for program in ("nginx", "openssl"):
        if shutil.which(program) is None:
            console.print(f"{program} is not installed")
            return 2
    settings = {"trusted_proxies": "127.0.0.1", "access_log": "all"}
    with running_server(**settings) as service, nginx(service) as (plain, secure):
        broken = 0
        for promise, kept in check(service, plain, secure):
            broken += not kept
            console.print(f"{'[green]kept[/]  ' if kept else '[red]broken[/]'}  {promise}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
