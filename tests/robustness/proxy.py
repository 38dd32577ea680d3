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
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from rich.console import Console

from tests.support import A_SEVEN, ROOT, RunningServer, free_port, nginx_command, running_server

CONFIGURATION = ROOT / "deploy" / "nginx" / "digits.conf"

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
            while True:
                with suppress(OSError), socket.create_connection(("127.0.0.1", secure)):
                    break
                time.sleep(0.05)
            yield plain, secure
        finally:
            process.terminate()
            process.wait(20)


def promise(what: str, kept: bool, seen: object = "") -> bool:
    """Print whether a promise is kept."""
    console.print(f"{'[green]kept[/]  ' if kept else '[red]broken[/]'}  {what} {'' if kept else seen}")
    return kept


def is_problem(answer: httpx.Response, status: int) -> bool:
    """Whether an answer is problem details of that status."""
    if answer.status_code != status or answer.headers.get("content-type") != "application/problem+json":
        return False
    return bool(answer.json()["status"] == status)


def by_tls(port: int, sent: bytes, seconds: float) -> tuple[bytes, float]:
    """Send `sent` and nothing more; what comes until the other side closes, and how long that takes."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as connection:
        connection.settimeout(seconds)
        connection.sendall(sent)
        told = b""
        with suppress(TimeoutError):
            while chunk := connection.recv(4096):
                told += chunk
    return told, time.monotonic() - start


def check(service: RunningServer, plain: int, secure: int) -> Iterator[bool]:
    """Each promise, kept or not."""
    client = httpx.Client(base_url=f"https://127.0.0.1:{secure}", verify=False, timeout=60)
    answer = client.post("/predict/strokes", json=A_SEVEN, headers={"x-forwarded-for": "203.0.113.9"})
    yield promise("a drawing is answered by TLS", answer.json()["digit"] == 7, answer.text)
    yield promise("browsers are told to stay with TLS", "strict-transport-security" in answer.headers)
    yield promise("the service's own headers come through", "content-security-policy" in answer.headers)
    moved = httpx.get(f"http://127.0.0.1:{plain}/models")
    yield promise("plain HTTP is sent on to TLS", moved.status_code == 308, moved.text)
    client.get("/nothing", headers={"x-forwarded-for": "203.0.113.9"})
    line = json.loads(service.wait_for_line('"/nothing"'))
    yield promise("a client cannot pass for another", line["client"] == "127.0.0.1", line)
    large = client.post("/predict", content=b"\0" * (65 * 1024 * 1024), headers={"content-type": "image/png"})
    yield promise("a body beyond 64 MiB is 413 in the one shape", is_problem(large, 413), large.text)
    between = client.post(
        "/predict", content=b"\0" * (11 * 1024 * 1024), headers={"content-type": "image/png"}
    )
    yield promise("a smaller one is 413 by the service", "request_id" in between.text, between.text)
    _, took = by_tls(secure, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", 30)
    yield promise("slow headers are cut off in time", 8 < took < 15, took)
    before = client.get("/metrics").text.count('status="408"')
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 500\r\n\r\n"
    told, took = by_tls(secure, head, 30)
    after = client.get("/metrics").text.count('status="408"')
    yield promise("slow bodies never reach the service", 8 < took < 15 and before == after, (took, told))

    def ask(_: int) -> int:
        return client.get("/healthz").status_code

    with ThreadPoolExecutor(16) as pool:
        seen = Counter(pool.map(ask, range(600)))
    yield promise("who asks too often gets 429", seen[429] > 0 and set(seen) == {200, 429}, seen)
    refused = next(answer for _ in range(2000) if (answer := client.get("/healthz")).status_code == 429)
    kept = is_problem(refused, 429) and refused.headers["retry-after"] == "1"
    yield promise("and is told so in the one shape", kept, refused.text)
    time.sleep(3)
    yield promise("the service ends with 0 behind it", service.stop() == 0)
    away = client.get("/models")
    kept = is_problem(away, 503) and away.headers["retry-after"] == "5"
    yield promise("a service that is away is 503 with Retry-After", kept, away.text)
    client.close()


def main() -> int:
    """Check all promises; gives the exit status."""
    for program in ("nginx", "openssl"):
        if shutil.which(program) is None:
            console.print(f"{program} is not installed")
            return 2
    settings = {"trusted_proxies": "127.0.0.1", "access_log": "all"}
    with running_server(**settings) as service, nginx(service) as (plain, secure):
        return 0 if all(list(check(service, plain, secure))) else 1


if __name__ == "__main__":
    sys.exit(main())
