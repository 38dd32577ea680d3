"""The fast path answers as the general application does, or leaves the request to it."""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
import uvicorn
from numpy.typing import NDArray
from PIL import Image
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from app import fastpath
from app.fastpath import MOST_BODY, MOST_TOGETHER, FastPath
from app.main import create_app
from app.metrics import REGISTRY
from app.protocol import BoundedProtocol
from app.service import Service
from app.settings import Settings
from tests.app.support import Occupied, until
from tests.robustness.corpus import DRAWINGS
from tests.support import A_SEVEN, Digits, encoded

JSON = "application/json"
FORM = "multipart/form-data; boundary=----of-the-test"
DRAWING = json.dumps(A_SEVEN).encode()
Answer = tuple[bytes, dict[str, str], dict[str, Any]]
"""A status line, the headers, and the body."""


def request(path: str, body: bytes, kind: str, **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: digits", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


SEVEN = request("/predict/strokes", DRAWING, JSON)


def form(image: bytes, name: str = "image") -> bytes:
    head = f'------of-the-test\r\nContent-Disposition: form-data; name="{name}"; filename="digit.png"\r\n'
    return head.encode() + b"Content-Type: image/png\r\n\r\n" + image + b"\r\n------of-the-test--\r\n"


class Line(asyncio.Transport):
    """A connection: what is fed to its protocol comes from a client, and what is written goes to it."""

    def __init__(self, protocol: BoundedProtocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.written = b""
        self.closed = False
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """Nothing comes by itself."""

    def resume_reading(self) -> None:
        """Nothing comes by itself."""

    async def answer(self) -> Answer:
        """The next answer, once all of it is there."""
        head, length = b"", 0

        def is_there() -> bool:
            nonlocal head, length
            head, end, body = self.written.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            return bool(end) and len(body) >= length

        await until(is_there)
        start = len(head) + 4
        body, self.written = self.written[start : start + length], self.written[start + length :]
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        assert len(headers) == len(lines)
        return status.encode(), headers, json.loads(body)


class Fast:
    """A service behind the protocol, with the fast path; what is left to the application is counted."""

    def __init__(self, service: Service, app: ASGIApp) -> None:
        self.service = service
        self.left = 0
        self._app = app
        self._state = ServerState()
        self._state.default_headers = [(b"date", b"today")]
        self._config = uvicorn.Config(
            self._counting, interface="asgi3", log_config=None, access_log=False, server_header=False
        )
        self._fast = BoundedProtocol.for_settings(service.settings, FastPath(service))
        self._general = BoundedProtocol.for_settings(service.settings)

    async def _counting(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.left += 1
        await self._app(scope, receive, send)

    def connect(self, *, generally: bool = False) -> Line:
        kind = self._general if generally else self._fast
        return Line(kind(config=self._config, server_state=self._state, app_state={}))

    async def ask(self, *requests: bytes, generally: bool = False) -> list[Answer]:
        """The answers to requests that come together, each on a connection of its own."""
        lines = [self.connect(generally=generally) for _ in requests]
        for line, data in zip(lines, requests, strict=True):
            line.protocol.data_received(data)
        return [await line.answer() for line in lines]


def with_fast(use: Callable[[Fast], Awaitable[None]], **settings: object) -> None:
    """Run `use` with a fast path while its application's lifespan lasts."""

    async def run() -> None:
        app = create_app(Settings.read(**settings))
        async with app.router.lifespan_context(app):
            service: Service = app.state.service
            recogniser = service.models.default.recogniser
            # The inference thread may still be at the warm-up's end.
            await until(lambda: service.batcher.answer_now(recogniser, []) is not None)
            await use(Fast(service, app))

    asyncio.run(run())


def assert_same(answer: Answer, other: Answer) -> None:
    assert answer[0] == other[0]
    told, expected = answer[2], other[2]
    for name in ("probabilities", "confidence", "digit_score"):
        assert told.pop(name, None) == pytest.approx(expected.pop(name, None), abs=1e-5)
    told.pop("request_id", None), expected.pop("request_id", None)
    assert told == expected
    for headers in (answer[1], other[1]):
        assert len(headers.pop("x-request-id")) == 16
        assert int(headers.pop("content-length")) > 0
        assert headers["date"] == "today"
    assert answer[1] == other[1]


def canvas(digit: NDArray[np.uint8], *, clear: bool = False) -> bytes:
    """A drawing canvas with a digit on white paper, or on nothing."""
    ink = np.asarray(Image.fromarray(digit).resize((100, 100), Image.Resampling.BICUBIC))
    pixels = np.zeros((180, 180, 4), np.uint8)
    pixels[40:140, 40:140, 3] = ink
    if not clear:
        pixels[:, :, :3] = 255 - pixels[:, :, 3:]
        pixels[:, :, 3] = 255
    return encoded(pixels)


def images(mnist: Digits, chance: random.Random) -> list[bytes]:
    """Uploads of every small kind, whole and broken, in forms and as they are."""
    digits = [mnist.images[chance.randrange(10_000)] for _ in range(40)]
    files = [encoded(digit) for digit in digits]
    files += [encoded(255 - digit) for digit in digits[:4]]
    files += [encoded(np.roll(digit, chance.randrange(-6, 7), axis=1)) for digit in digits[:6]]
    files += [encoded(np.stack([digit] * 3, axis=2)) for digit in digits[:3]]
    files += [encoded(digits[0], "GIF"), encoded(np.zeros((28, 28), np.uint8)), b"", b"x"]
    files += [canvas(digit, clear=chance.random() < 0.5) for digit in digits[:20]]
    files += [canvas(np.hstack(digits[:2])), canvas(np.zeros((28, 28), np.uint8))]
    for _ in range(20):
        broken = bytearray(chance.choice(files[:40]))
        broken[chance.randrange(len(broken))] ^= chance.randrange(1, 256)
        files.append(bytes(broken))
    asked = [request("/predict", form(file), FORM) for file in files]
    asked += [request("/predict", file, "image/png") for file in files[::3]]
    asked += [request("/predict", form(files[0], "picture"), FORM), request("/predict", b"", FORM)]
    whole, other = form(files[0]), form(files[1])
    return asked + [request("/predict", body, FORM) for body in (whole[:-5], whole + other, whole + b"x")]


def drawings(chance: random.Random) -> list[bytes]:
    """Drawings of every kind, good and bad."""
    drawn = [
        [[[chance.randrange(300), chance.randrange(300)] for _ in range(20)] for _ in range(n)]
        for n in (1, 1, 1, 2, 3) * 4
    ]
    odd: list[Any] = [
        [[[1, 2, 0.5], [3, 9, 0.7]]],
        [[[1, 2], [3, 9, 0.7]]],
        [[[1, 2]] * 600],
        [[[1, 10**400]]],
    ]
    texts = [json.dumps({"strokes": strokes}).encode() for strokes in [*drawn, *odd]]
    texts += [json.dumps({**A_SEVEN, "more": 1}).encode(), DRAWING + b"}", *DRAWINGS]
    asked = [request("/predict/strokes", text, JSON) for text in texts]
    return [*asked, request("/predict/strokes", DRAWING, "text/plain")]


@pytest.mark.parametrize("seed", range(2))
def test_it_answers_as_the_general_application_does(mnist: Digits, seed: int) -> None:
    chance = random.Random(seed)
    asked = images(mnist, chance) + drawings(chance)
    chance.shuffle(asked)

    async def use(fast: Fast) -> None:
        found = await fast.ask(*asked)
        assert fast.left < 0.65 * len(asked)
        for answer, other in zip(found, await fast.ask(*asked, generally=True), strict=True):
            assert_same(answer, other)

    with_fast(use)


def test_what_is_plain_is_answered_on_the_fast_path(mnist: Digits) -> None:
    plain = [request("/predict", form(encoded(digit)), FORM) for digit in mnist.images[:MOST_TOGETHER]]
    plain += [request("/predict", canvas(digit), "image/png") for digit in mnist.images[:3]]

    async def use(fast: Fast) -> None:
        answers = await fast.ask(*plain, *[SEVEN] * MOST_TOGETHER)
        assert {status for status, _, _ in answers} == {b"HTTP/1.1 200 OK"}
        named = request("/predict/strokes", DRAWING, JSON, x_request_id="of-the-client")
        ((_, headers, _),) = await fast.ask(named)
        assert headers["x-request-id"] == "of-the-client"
        assert fast.left == 0

    with_fast(use)


@pytest.mark.parametrize(
    ("asked", "settings"),
    [
        (request("/predict/strokes?include=input", DRAWING, JSON), {}),
        (request("/predict/strokes", DRAWING + b" " * MOST_BODY, JSON), {}),
        (request("/predict/strokes", DRAWING, JSON, content_encoding="identity"), {}),
        (request("/predict/strokes", DRAWING, JSON, connection="close"), {}),
        (
            request("/predict/strokes", DRAWING, JSON, origin="http://other"),
            {"cors_origins": ["http://other"]},
        ),
        (
            request("/predict/strokes", DRAWING, JSON, x_api_key="secret-of-16-characters"),
            {"api_keys": ["secret-of-16-characters"]},
        ),
        (SEVEN, {"access_log": "all"}),
        (request("/read/strokes", DRAWING, JSON), {}),
    ],
)
def test_everything_else_is_left_to_the_general_application(asked: bytes, settings: dict[str, Any]) -> None:
    async def use(fast: Fast) -> None:
        ((status, _, _),) = await fast.ask(asked)
        assert status == b"HTTP/1.1 200 OK"
        assert fast.left == 1

    with_fast(use, **settings)


def test_while_the_service_cannot_answer_the_general_application_says_so() -> None:
    async def use(fast: Fast) -> None:
        async with Occupied(fast.service.batcher):
            waiting = asyncio.ensure_future(fast.ask(SEVEN, SEVEN))
            await until(lambda: fast.left == 2)
        assert {status for status, _, _ in await waiting} == {b"HTTP/1.1 200 OK"}
        fast.service.admission.in_hand = fast.service.admission.capacity
        ((_, _, problem),) = await fast.ask(SEVEN)
        assert problem["type"].endswith("overloaded")
        fast.service.admission.in_hand = 0
        fast.service.drain()
        ((_, headers, _),) = await fast.ask(SEVEN)
        assert headers["connection"] == "close"
        assert fast.left == 4

    with_fast(use)


def test_an_error_of_its_own_goes_to_the_log_and_not_to_the_client(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> list[object]:
        raise RuntimeError("broken")

    monkeypatch.setattr(fastpath, "normalise_drawings", fail)

    async def use(fast: Fast) -> None:
        ((status, _, _),) = await fast.ask(SEVEN)
        assert status == b"HTTP/1.1 200 OK"
        assert fast.left == 1

    with caplog.at_level(logging.ERROR):
        with_fast(use)
    assert "an error that only the fast path has" in caplog.text


def test_the_metrics_count_as_those_of_the_general_application() -> None:
    def counts() -> dict[str, float]:
        samples = [sample for family in REGISTRY.collect() for sample in family.samples]
        counted = [one for one in samples if not one.name.endswith(("_sum", "_bucket"))]
        return {f"{one.name}{one.labels}": one.value for one in counted}

    async def use(fast: Fast) -> None:
        changes = []
        for generally in (False, True):
            before = counts()
            for _ in range(2):
                await fast.ask(SEVEN, generally=generally)
            changes.append({name: value - before[name] for name, value in counts().items()})
        assert fast.left == 2
        assert changes[0] == changes[1]
        assert any(changes[0].values())

    with_fast(use)


def test_a_body_may_come_in_parts() -> None:
    async def use(fast: Fast) -> None:
        for pause, left in ((False, 0), (True, 1)):
            line = fast.connect()
            line.protocol.data_received(SEVEN[:-9])
            if pause:  # what is late is waited for by the general application, which has a deadline for it
                await until(lambda: fast.left == 1)
            line.protocol.data_received(SEVEN[-9:])
            status, _, _ = await line.answer()
            assert status == b"HTTP/1.1 200 OK"
            assert fast.left == left

    with_fast(use)


def test_answers_keep_the_order_of_their_requests() -> None:
    async def use(fast: Fast) -> None:
        line = fast.connect()
        line.protocol.data_received(SEVEN + request("/read/strokes", DRAWING, JSON) + SEVEN + SEVEN)
        kinds = ["digits" in body for _, _, body in [await line.answer() for _ in range(4)]]
        assert kinds == [False, True, False, False]
        assert fast.left == 1

    with_fast(use)


def test_whoever_leaves_is_not_answered() -> None:
    async def use(fast: Fast) -> None:
        line = fast.connect()
        line.protocol.data_received(SEVEN)
        line.protocol.connection_lost(None)
        await until(lambda: fast.left == 1)
        assert not line.written
        assert [status for status, _, _ in await fast.ask(SEVEN)] == [b"HTTP/1.1 200 OK"]

    with_fast(use)
