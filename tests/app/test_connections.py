"""What a connection may do: be slow, endless, broken, or one of too many."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from app.errors import PROBLEMS
from tests.app.support import connect, head_of, in_flight, read_all
from tests.support import A_SEVEN, Digits, RunningServer, encoded, eventually, running_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def strict() -> Iterator[RunningServer]:
    """A service with short deadlines and narrow bounds."""
    with running_server(body_seconds="1", header_seconds="1", max_header_bytes="4096") as server:
        yield server


def answer_to(server: RunningServer, sent: bytes) -> bytes:
    """All that comes on a connection that `sent` was sent on."""
    with connect(server) as connection:
        connection.sendall(sent)
        return read_all(connection)


def test_a_connection_that_says_nothing_is_closed(strict: RunningServer) -> None:
    assert answer_to(strict, b"") == b""


SIZED = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: "


@pytest.mark.parametrize(
    ("sent", "slug"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "too-slow"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 5000 + b"\r\n\r\n", "headers-too-large"),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "headers-too-large"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 2000, "headers-too-large"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "bad-request"),
        (b"HELLO\r\n\r\n", "bad-request"),
        (b"GET / HTTP/9.9\r\n\r\n", "bad-request"),
        (SIZED + b"abc\r\n\r\n", "bad-request"),
        (SIZED + b"-5\r\n\r\n", "bad-request"),
        (SIZED + b"5\r\nTransfer-Encoding: chunked\r\n\r\n", "bad-request"),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", "bad-request"),
    ],
)
def test_what_is_no_request_is_refused_in_the_one_shape(
    strict: RunningServer, sent: bytes, slug: str
) -> None:
    answer = answer_to(strict, sent)
    assert answer.startswith(f"HTTP/1.1 {PROBLEMS[slug].status} ".encode()), answer
    assert b"application/problem+json" in answer
    assert f'"/docs#{slug}"'.encode() in answer
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
    """RFC 9112, section 3.2."""
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
                assert eventually(lambda: in_flight(strict) == 1)
                connection.sendall(body)
            answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 400"), answer
        assert answer.count(b"HTTP/1.1 ") == 1
        assert b"/docs#bad-request" in answer
    assert httpx.get(f"{strict.url}/healthz").status_code == 200


def test_junk_behind_a_request_takes_nobodys_answer(strict: RunningServer, mnist: Digits) -> None:
    """A Content-Length that is too short: what is left is no request, what came before it is one."""
    image = encoded(mnist.images[0])
    upload = head_of("/predict", "image/png", len(image)) + image
    strokes = json.dumps(A_SEVEN).encode()
    drawing = head_of("/predict/strokes", "application/json", len(strokes)) + strokes
    long = b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n"
    for request, answers in (
        (head_of("/predict", "image/png", 100) + image, [b"400"]),
        (upload + image, [b"200"]),
        (drawing + upload + b"\x89junk", [b"200", b"200"]),
        (drawing + upload + long, [b"200", b"200"]),
    ):
        answer = answer_to(strict, request)
        found = re.findall(rb"HTTP/1\.1 (\d+)", answer)
        assert found[: len(answers)] == answers, answer
        assert found[len(answers) :] in ([], [b"400"], [b"431"])
    assert httpx.get(f"{strict.url}/healthz").status_code == 200


def test_a_body_that_goes_on_after_its_answer_is_cut_off(strict: RunningServer) -> None:
    with connect(strict) as connection:
        connection.sendall(b"POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 404")
        assert eventually(lambda: is_cut_off(connection))


def is_cut_off(connection: socket.socket) -> bool:
    """Whether no more of a body is taken; sends a little more of it to see."""
    try:
        connection.sendall(b"4\r\nabcd\r\n")
    except OSError:
        return True
    return False


def test_one_connection_too_many_is_503() -> None:
    with running_server(max_connections="40") as server, ExitStack() as held:
        for _ in range(40):
            held.enter_context(connect(server))
        answer = answer_to(server, b"")
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"retry-after" in answer
        held.close()
        assert eventually(lambda: httpx.get(f"{server.url}/healthz").status_code == 200)


def test_expecting_a_go_ahead_for_too_large_a_body(server: RunningServer) -> None:
    head = head_of("/predict", "image/png", 99_999_999)
    answer = answer_to(server, head.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue"))
    assert answer.startswith(b"HTTP/1.1 413")
