"""The short way gives what the general way gives, or leaves the request to it."""

import asyncio
import json
import random
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, BinaryIO

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.express import Express, Held
from app.heads import read_head
from app.main import Application, create_app
from app.settings import Settings
from app.together import MOST_CANVASES
from model.ink.runs import is_one_piece
from tests.support import Digits, RunningServer, encoded, running_server

BOUNDARY = "----of-the-test"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
DRAWING = {"strokes": [[[10, 10], [60, 10], [30, 90]]]}
STAMP = [(b"date", b"today")]


class Line:
    """A connection: it keeps what is sent on it."""

    def __init__(self) -> None:
        self.sent: bytes | None = None
        self.put_back = False

    def is_closing(self) -> bool:
        return False

    def answer(self, answer: bytes) -> None:
        assert self.sent is None
        assert not self.put_back
        self.sent = answer

    def go_the_long_way(self) -> None:
        assert self.sent is None
        self.put_back = True


def request(path: str, body: bytes, kind: str, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: digits", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


def form(image: bytes, name: str = "image") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="digit.png"\r\n'
    return head.encode() + b"Content-Type: image/png\r\n\r\n" + image + f"\r\n--{BOUNDARY}--\r\n".encode()


def with_express(use: Callable[[Application, Express], Awaitable[None]], **settings: object) -> None:
    async def run() -> None:
        app = create_app(Settings.read(**settings))
        async with app.router.lifespan_context(app):
            await use(app, Express(app.service, lambda: STAMP))

    asyncio.run(run())


async def short(express: Express, requests: Sequence[bytes]) -> list[bytes | None]:
    """The answers on the short way to requests that come together; None for those that it does not give."""
    lines: list[Line] = []
    for data in requests:
        head = read_head(data)
        line = Line()
        lines.append(line)
        taken = head is not None and express.wants(head) and express.take(Held(line, head, data))
        line.put_back = not taken
    while any(line.sent is None and not line.put_back for line in lines):
        await asyncio.sleep(0)
    return [line.sent for line in lines]


def field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value


async def general(app: Application, data: bytes) -> httpx.Response:
    """The answer on the general way."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = [field(line) for line in lines[1:]]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://digits") as client:
        return await client.post(lines[0].split(" ")[1], content=body, headers=httpx.Headers(headers))


def parsed(answer: bytes) -> tuple[bytes, dict[str, str], Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = [field(line.decode()) for line in lines]
    assert len(dict(headers)) == len(headers)
    return status, dict(headers), json.loads(body)


def assert_same(answer: bytes, other: httpx.Response) -> None:
    status, headers, told = parsed(answer)
    assert status == b"HTTP/1.1 200 OK"
    assert other.status_code == 200, other.text
    expected = other.json()
    for name in ("probabilities", "confidence", "digit_score"):
        assert told.pop(name) == pytest.approx(expected.pop(name), abs=1e-5)
    assert told == expected
    del headers["x-request-id"], headers["content-length"]
    assert headers.pop("date") == "today"
    assert headers.items() == {
        (name, value)
        for name, value in other.headers.items()
        if name not in ("x-request-id", "content-length")
    }


def canvas(digit: NDArray[np.uint8], *, clear: bool = False) -> bytes:
    """A drawing canvas with a digit on white paper, or on nothing."""
    ink = np.asarray(Image.fromarray(digit).resize((140, 140), Image.Resampling.BICUBIC))
    pixels = np.zeros((180, 180, 4), np.uint8)
    pixels[20:160, 20:160, 3] = ink
    if not clear:
        pixels[:, :, :3] = 255 - pixels[:, :, 3:]
        pixels[:, :, 3] = 255
    return encoded(pixels)


def pictures(mnist: Digits, chance: random.Random) -> list[bytes]:
    """Image files of every small kind, whole and broken."""
    digits = [mnist.images[chance.randrange(10_000)] for _ in range(60)]
    files = [encoded(digit) for digit in digits]
    files += [encoded(255 - digit) for digit in digits[:8]]
    files += [encoded(np.roll(digit, chance.randrange(-6, 7), axis=1)) for digit in digits[:8]]
    files += [encoded(np.repeat(np.repeat(digit[4:24, 4:24], 2, 0), 2, 1)) for digit in digits[:4]]
    files += [encoded(np.repeat(np.repeat(digit[::2, ::2], 2, 0), 2, 1)) for digit in digits[:4]]
    files += [encoded(np.stack([digit] * 3, axis=2)) for digit in digits[:4]]
    files += [encoded(digit, "GIF") for digit in digits[:2]]
    files += [canvas(digit, clear=chance.random() < 0.5) for digit in digits[:30]]
    files += [canvas(np.hstack(digits[:2])), canvas(np.zeros((28, 28), np.uint8))]
    files += [encoded(np.zeros((28, 28), np.uint8)), encoded(np.full((28, 28), 255, np.uint8)), b"", b"x"]
    files += [encoded(np.random.default_rng(3).integers(0, 256, (28, 28), np.uint8))]
    for _ in range(60):
        broken = bytearray(chance.choice(files[:60]))
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        files.append(
            bytes(broken[: chance.choice([len(broken), len(broken), chance.randrange(len(broken))])])
        )
    chance.shuffle(files)
    return files


def requests_with(files: Sequence[bytes], chance: random.Random) -> list[bytes]:
    kinds = [(lambda file: request("/predict", form(file), FORM))] * 4
    kinds += [
        lambda file: request("/predict", file, "image/png"),
        lambda file: request("/predict", form(file, "picture"), FORM),
        lambda file: request("/predict", form(file)[:-5], FORM),
        lambda file: request("/predict", file, "text/plain"),
    ]
    return [chance.choice(kinds)(file) for file in files]


def drawings(chance: random.Random) -> list[bytes]:
    bodies: list[object] = []
    for _ in range(40):
        strokes = [
            [[chance.uniform(0, 300), chance.uniform(0, 300)] for _ in range(chance.randrange(1, 30))]
            for _ in range(chance.randrange(1, 4))
        ]
        bodies.append({"strokes": strokes})
        if chance.random() < 0.3:
            bodies.append({"strokes": [[[*point, 0.5] for point in stroke] for stroke in strokes]})
    bodies += [DRAWING, {"strokes": []}, {"strokes": [[]]}, {"strokes": [[[1, "2"]]]}, [], 1, {}]
    odd = (
        None,
        1,
        True,
        [True],
        [[1, 2]],
        [[[1, True]]],
        [[[1, [2]]]],
        [[[1, 2], []]],
        [[[1, 2], [3]]],
        [[1, [2, 3]]],
    )
    bodies += [{"strokes": strokes} for strokes in odd]
    bodies += [{"strokes": [[[1, 2], [3, 10**n]]]} for n in (8, 9, 10, 400)]
    bodies += [{**DRAWING, "more": 1}, {"more": 1, **DRAWING}]
    bodies += [{"strokes": [[[0.5 * at, at] for at in range(600)]]}]
    chance.shuffle(bodies)
    found = [request("/predict/strokes", json.dumps(body).encode(), "application/json") for body in bodies]
    texts = (
        "{",
        "",
        '{"strokes": [[[1, 2], [3, 4]]]',
        '{"strokes": [[[1, 2], [3, 4]]]}}',
        '{"strokes": [[[01, 2], [3, 4]]]}',
        '{"strokes":[[[1,2],[3,1e2]]]}',
        '{"strokes":[[[1,2],[3,1e999]]]}',
        '{"strokes":[[[1,2],[3,.5]]]}',
        '{"strokes":[[[1,2],[3,NaN]]]}',
        '{"strokes":\n[[[1,2],[3,4]]]\n}',
        '{"strokes":[[[1 2],[3,4]]]}',
    )
    return [*found, *(request("/predict/strokes", text.encode(), "application/json") for text in texts)]


@pytest.mark.parametrize("model", ["lenet5", "lenet5-1998"])
def test_random_requests_are_answered_as_on_the_general_way(mnist: Digits, model: str) -> None:
    chance = random.Random(7)
    requests = [*requests_with(pictures(mnist, chance), chance), *drawings(chance)]
    chance.shuffle(requests)

    async def use(app: Application, express: Express) -> None:
        answers = await short(express, requests)
        assert app.service.admission.in_hand == 0
        assert sum(answer is not None for answer in answers) > 100
        for data, answer in zip(requests, answers, strict=True):
            other = await general(app, data)
            if answer is not None:
                assert_same(answer, other)
            if other.status_code != 200:
                assert answer is None

    with_express(use, model=model)


def test_plain_small_requests_take_the_short_way(mnist: Digits) -> None:
    requests = [request("/predict", form(encoded(image)), FORM) for image in mnist.images[:100]]
    requests += [request("/predict/strokes", json.dumps(DRAWING).encode(), "application/json")]

    async def use(app: Application, express: Express) -> None:
        answers = await short(express, requests)
        digits = [parsed(answer)[2]["digit"] for answer in answers if answer is not None]
        assert digits == [*(await batch(app, mnist)), 7]

    async def batch(app: Application, mnist: Digits) -> list[int]:
        found = await app.service.batcher.score(app.service.models.default.recogniser, mnist.images[:100])
        digits: list[int] = found.digits.tolist()
        return digits

    with_express(use)


def test_canvases_that_come_together_take_the_short_way(mnist: Digits) -> None:
    whole = [digit for digit in mnist.images[:60] if is_one_piece(digit >= 64)]
    requests = [request("/predict", canvas(digit, clear=digit[14, 14] > 0), "image/png") for digit in whole]
    assert len(requests) > 2 * MOST_CANVASES

    async def use(app: Application, express: Express) -> None:
        answers = await short(express, requests)
        for data, answer in zip(requests, answers, strict=True):
            assert answer is not None
            assert_same(answer, await general(app, data))

    with_express(use)


def test_while_something_else_is_computed_they_wait_for_the_thread(mnist: Digits) -> None:
    requests = [request("/predict", form(encoded(image)), FORM) for image in mnist.images[:10]]

    async def use(app: Application, express: Express) -> None:
        busy, free = threading.Event(), threading.Event()

        def occupy() -> None:
            busy.set()
            free.wait(30)

        occupied = asyncio.create_task(app.service.batcher.call(occupy))
        while not busy.is_set():
            await asyncio.sleep(0.001)
        asyncio.get_running_loop().call_later(0.05, free.set)
        answers = await short(express, requests)
        assert [parsed(answer)[2]["digit"] for answer in answers if answer] == mnist.labels[:10].tolist()
        await occupied
        assert app.service.admission.in_hand == 0

    with_express(use)


def test_what_cannot_be_answered_as_usual_is_put_back(mnist: Digits) -> None:
    data = request("/predict", form(encoded(mnist.images[0])), FORM)

    async def when_full(app: Application, express: Express) -> None:
        assert [answer is None for answer in await short(express, [data] * 5)] == [False] * 3 + [True] * 2
        assert app.service.admission.in_hand == 0

    async def when_draining(app: Application, express: Express) -> None:
        line, head = Line(), read_head(data)
        assert head is not None
        assert express.take(Held(line, head, data))
        app.service.drain()
        while not line.put_back:
            await asyncio.sleep(0)
        assert await short(express, [data]) == [None]

    async def never(app: Application, express: Express) -> None:
        assert await short(express, [data]) == [None]

    async def when_dead(app: Application, express: Express) -> None:
        with pytest.raises(Exception, match="died"):
            await app.service.batcher.call(lambda: exec("raise SystemExit"))
        assert await short(express, [data]) == [None]

    with_express(when_full, queue_size=3)
    with_express(when_draining)
    with_express(when_dead)
    with_express(never, access_log="all")


def test_keys_and_origins_are_looked_at(mnist: Digits) -> None:
    body = form(encoded(mnist.images[0]))

    async def use(app: Application, express: Express) -> None:
        headers = [
            (),
            ("X-API-Key: wrong-key",),
            ("X-API-Key: first-key",),
            ("Authorization: Bearer first-key",),
        ]
        answers = await short(express, [request("/predict", body, FORM, *some) for some in headers])
        assert [answer is not None for answer in answers] == [False, False, True, True]
        other = request("/predict", body, FORM, "X-API-Key: first-key", "Origin: https://friend.example")
        assert await short(express, [other]) == [None]

    with_express(use, api_keys="first-key", cors_origins="https://friend.example")


def test_a_harmless_id_is_kept(mnist: Digits) -> None:
    body = form(encoded(mnist.images[0]))

    async def use(app: Application, express: Express) -> None:
        names = ("abc-1.2_3", "a b", "x" * 65)
        requests = [request("/predict", body, FORM, f"X-Request-ID: {name}") for name in names]
        ids = [parsed(answer)[1]["x-request-id"] for answer in await short(express, requests) if answer]
        assert ids[0] == "abc-1.2_3"
        assert [len(one) for one in ids[1:]] == [16, 16]

    with_express(use)


# On real connections.


def ask(server: RunningServer, pieces: Sequence[bytes], answers: int) -> list[bytes]:
    """Send pieces on one connection, some time apart; the bodies of so many answers."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.02)
        stream = connection.makefile("rb")
        return [next_body(stream) for _ in range(answers)]


def next_body(stream: BinaryIO) -> bytes:
    assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
    headers = dict(line.split(b": ", 1) for line in iter(stream.readline, b"\r\n"))
    return stream.read(int(headers[b"content-length"]))


def test_requests_in_pieces_together_and_one_behind_the_other(server: RunningServer, mnist: Digits) -> None:
    one = [request("/predict", form(encoded(image)), FORM) for image in mnist.images[:6]]
    health = b"GET /healthz HTTP/1.1\r\nHost: digits\r\n\r\n"
    slow = [one[0][:200], *(one[0][at : at + 40] for at in range(200, len(one[0]), 40))]
    cases: list[tuple[list[bytes], list[int | None]]] = [
        (one, [7, 2, 1, 0, 4, 1]),
        ([b"".join(one)], [7, 2, 1, 0, 4, 1]),
        ([one[0] + health + one[1], one[2] + health], [7, None, 2, 1, None]),
        ([health, one[0], health, one[1]], [None, 7, None, 2]),
        ([one[0][:100], one[0][100:]], [7]),
        ([one[0][:-10], one[0][-10:]], [7]),
        ([one[0][:-10], one[0][-10:] + one[1]], [7, 2]),
        ([one[0] + one[1][:50], one[1][50:]], [7, 2]),
        ([b"\r\n" + one[0], b"\r\n", one[1]], [7, 2]),
        (slow, [7]),
    ]
    for pieces, digits in cases:
        bodies = ask(server, pieces, len(digits))
        assert [json.loads(body).get("digit") for body in bodies] == digits


def test_a_refusal_goes_the_general_way_on_the_same_connection(server: RunningServer, mnist: Digits) -> None:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for _ in range(3):
            refused = client.post("/predict", files={"image": b"no image"})
            assert refused.status_code == 400
            assert refused.json()["request_id"] == refused.headers["x-request-id"]
            assert client.post("/predict", files={"image": encoded(mnist.images[0])}).json()["digit"] == 7


def test_a_connection_is_kept_while_it_is_used_and_closed_when_it_is_not(mnist: Digits) -> None:
    one = request("/predict", form(encoded(mnist.images[0])), FORM)
    health = b"GET /healthz HTTP/1.1\r\nHost: digits\r\n\r\n"
    for last in (one, health):
        with (
            running_server(keep_alive_seconds="1") as server,
            socket.create_connection(("127.0.0.1", server.port)) as connection,
        ):
            connection.settimeout(20)
            stream = connection.makefile("rb")
            for piece in (one, health, one, one, one, last):
                connection.sendall(piece)
                assert next_body(stream)
                time.sleep(0.6)  # together longer than a connection that says nothing is kept
            assert stream.read() == b""
