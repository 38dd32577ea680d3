"""What a connection may do: be slow, endless, broken, or one of too many."""

import json
import re
import select
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.app.support import in_flight, read_all
from tests.support import A_SEVEN, Digits, RunningServer, encoded, eventually, running_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def strict() -> Iterator[RunningServer]:
    """A service with short deadlines and narrow bounds."""
    bounds = {"max_header_bytes": "4096", "max_connections": "40", "max_held_bytes": "1000000"}
    with running_server(body_seconds="1", header_seconds="1", **bounds) as server:
        yield server


def connect(server: RunningServer) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.settimeout(20)
    return connection


def test_a_slow_body_is_408_at_its_deadline_and_others_do_not_feel_it(strict: RunningServer) -> None:
    slow = [connect(strict) for _ in range(20)]
    start = time.monotonic()
    for connection in slow:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\n"
        )

    def trickle() -> None:
        while time.monotonic() < start + 3:
            for connection in slow:
                try:
                    connection.sendall(b"x")
                except OSError:
                    return
            time.sleep(0.05)

    feeding = threading.Thread(target=trickle)
    feeding.start()
    while time.monotonic() < start + 0.8:
        assert httpx.post(f"{strict.url}/predict/strokes", json=A_SEVEN).json()["digit"] == 7
    answers = [connection.recv(65536) for connection in slow]
    took = time.monotonic() - start
    feeding.join()
    for connection, answer in zip(slow, answers, strict=True):
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert b"application/problem+json" in answer
        assert b"connection: close" in answer
        connection.close()
    assert took > 0.9


def test_headers_that_do_not_end_are_408(strict: RunningServer) -> None:
    with connect(strict) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in answer


def test_a_connection_that_says_nothing_is_closed(strict: RunningServer) -> None:
    with connect(strict) as connection:
        assert read_all(connection) == b""


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 5000 + b"\r\n\r\n",
        b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 2000,
    ],
)
def test_headers_that_are_too_large_are_431(strict: RunningServer, head: bytes) -> None:
    with connect(strict) as connection:
        connection.sendall(head)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 431")
    assert b"/docs#headers-too-large" in answer


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"HELLO\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_no_http_is_400_in_the_one_shape(strict: RunningServer, garbage: bytes) -> None:
    with connect(strict) as connection:
        connection.sendall(garbage)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 400"), answer
    assert b"application/problem+json" in answer
    assert httpx.get(f"{strict.url}/healthz").status_code == 200


@pytest.mark.parametrize(
    ("version", "hosts", "status"),
    [
        (b"1.1", b"", b"400"),
        (b"1.1", b"Host: a\r\nHost: a\r\n", b"400"),
        (b"1.1", b"Host: a, b\r\n", b"400"),
        (b"1.1", b"Host: a/b\r\n", b"400"),
        (b"1.0", b"Host: a\r\nHost: a\r\n", b"400"),
        (b"1.0", b"", b"200"),
        (b"1.1", b"Host:\r\n", b"200"),
        (b"1.1", b"HOST: [::1]:8000\r\n", b"200"),
    ],
)
def test_a_request_names_its_host_once(
    strict: RunningServer, mnist: Digits, version: bytes, hosts: bytes, status: bytes
) -> None:
    """RFC 9112, section 3.2; a small image goes the short way, where it may."""
    image = encoded(mnist.images[0])
    end = b" HTTP/" + version + b"\r\n" + hosts
    sized = b"Content-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(image)
    for request in (
        b"GET /healthz" + end + b"Connection: close\r\n\r\n",
        b"POST /predict" + end + b"Connection: close\r\n" + sized + image,
        b"POST /predict" + end + sized + image,
    ):
        with connect(strict) as connection:
            connection.sendall(request)
            answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 " + status), answer
        assert (b"/docs#bad-request" in answer) == (status == b"400")
    assert httpx.get(f"{strict.url}/healthz").status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello, and more\r\n",
        b"Transfer-Encoding: foo\r\n\r\n",
    ],
)
def test_a_body_that_no_length_fits_is_400(strict: RunningServer, more: bytes) -> None:
    """In one piece with its headers, and after them, when the service waits for it already."""
    head, blank, body = more.partition(b"\r\n\r\n")
    start = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n" + head + blank
    for together in (True, False):
        with connect(strict) as connection:
            connection.sendall(start + body if together else start)
            if not together and body:
                assert eventually(lambda: in_flight(strict) == 2)
                connection.sendall(body)
            answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 400"), answer
        assert answer.count(b"HTTP/1.1 ") == 1
        assert b"/docs#bad-request" in answer
    assert httpx.get(f"{strict.url}/healthz").status_code == 200


def test_junk_behind_a_request_takes_nobodys_answer(strict: RunningServer, mnist: Digits) -> None:
    """A Content-Length that is too short: what is left is no request, what came before it is one."""
    image = encoded(mnist.images[0])
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n"
    strokes = json.dumps(A_SEVEN).encode()
    whole = (
        b"POST /predict/strokes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(strokes) + strokes
    )
    long = b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n"
    for request, answers in (
        (head % 100 + image, [b"400"]),
        (head % len(image) + image + image, [b"200"]),
        (whole + head % len(image) + image + b"\x89junk", [b"200", b"200"]),
        (whole + head % len(image) + image + long, [b"200", b"200"]),
    ):
        with connect(strict) as connection:
            connection.sendall(request)
            answer = read_all(connection)
        found = re.findall(rb"HTTP/1\.1 (\d+)", answer)
        assert found[: len(answers)] == answers, answer
        assert found[len(answers) :] in ([], [b"400"], [b"431"])
    assert httpx.get(f"{strict.url}/healthz").status_code == 200


def test_a_body_that_goes_on_after_its_answer_is_cut_off(strict: RunningServer) -> None:
    with connect(strict) as connection:
        connection.sendall(b"POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 404")

        def closed() -> bool:
            try:
                connection.sendall(b"4\r\nabcd\r\n")
            except OSError:
                return True
            return False

        assert eventually(closed)


def test_one_connection_too_many_is_503(strict: RunningServer) -> None:
    held = [connect(strict) for _ in range(40)]
    with connect(strict) as connection:
        answer = read_all(connection)
    for one in held:
        one.close()
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after" in answer
    assert eventually(lambda: httpx.get(f"{strict.url}/healthz").status_code == 200)


def test_bodies_held_at_once_are_bounded(strict: RunningServer) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 600000\r\n\r\n"
    with connect(strict) as first, connect(strict) as second:
        for connection in (first, second):
            connection.sendall(head + b"x" * 599_000)
        (refused, *_), _, _ = select.select([first, second], [], [], 20)
        answer = refused.recv(65536)
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after" in answer

    def is_read() -> bool:
        data, png = b"\0" * 900_000, {"content-type": "image/png"}
        return httpx.post(f"{strict.url}/predict", content=data, headers=png).status_code == 400

    assert eventually(is_read)  # what was held has been let go


def test_clients_that_go_away_leave_nothing_behind(server: RunningServer, mnist: Digits) -> None:
    data = encoded(mnist.images[0])
    head = (
        f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    for cut in (10, len(head), len(head) + len(data) // 2, len(head) + len(data)):
        for _ in range(25):
            with connect(server) as connection:
                connection.sendall((head.encode() + data)[:cut])
    assert eventually(lambda: in_flight(server) == 1)
    assert httpx.post(f"{server.url}/predict", files={"image": data}).json()["digit"] == 7


def test_expecting_a_go_ahead_for_too_large_a_body(server: RunningServer) -> None:
    with connect(server) as connection:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
            b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
        )
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 413")
