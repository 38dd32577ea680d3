"""The short way of small recognitions: from the bytes on a connection to those of the answer, many at a time.

A 28x28 image takes some 20 microseconds of work. The general way of a request (a task, a scope, messages back
and forth, middleware, a router, a response) takes five times as many, whatever the request; it is the way of
all that is unusual. What is usual takes this one:

    connection (`protocol`) -> `heads` -> the queue here -> at the end of the event loop's turn, for all that
    came in it together: body, ink, network (`Batcher.at_once`), answers -> connections

Nothing is ever refused here. Whatever cannot be answered with 200, for whatever reason, is put back on its
connection and goes the general way from its first byte, where it gets the answer that it always got. So what
is promised of refusals, limits, logs and deadlines is kept in one place, and what is here can only be right
or unused: `tests/app/test_express.py` compares the two on random requests.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from app.answers import predictions
from app.batcher import MOST_AT_ONCE
from app.errors import Refusal
from app.heads import Head
from app.keys import Keys
from app.metrics import NORMALISE_SECONDS, QUEUE_SECONDS, REQUEST_SECONDS, REQUESTS
from app.middleware import SECURITY_HEADERS, identity
from app.models import Model
from app.service import Service
from app.together import Together
from model.recognition import Scores

log = logging.getLogger("digits.express")

MOST_BODY = 32 * 1024
"""Longest body (bytes) that is taken."""

TURN_SECONDS = 0.003
"""After so long the event loop gets its turn, whatever is waiting."""

LATER_SECONDS = 0.5
"""How long the answers of the inference thread are waited for before each request asks for its own."""

_HEADERS = ((b"cache-control", b"no-store"), (b"content-type", b"application/json"))
_IMAGE, _STROKES = b"POST /predict HTTP/1.1", b"POST /predict/strokes HTTP/1.1"


class Connection(Protocol):
    """What a request came in by."""

    def is_closing(self) -> bool:
        """Whether nothing can be sent any more."""
        ...

    def answer(self, answer: bytes) -> None:
        """Send an answer, head and body."""
        ...

    def go_the_long_way(self) -> None:
        """Treat the request as if it had never been taken."""
        ...


class Held:
    """A request in hand, whole."""

    __slots__ = ("connection", "data", "head", "left", "since")

    def __init__(self, connection: Connection, head: Head, data: bytes) -> None:
        self.connection = connection
        self.head = head
        self.data = data
        self.since = time.perf_counter()
        self.left = False


class Express:
    """Answers what is small and plain.

    Args:
        service: What answers.
        stamp: The headers that the server adds to each answer.
    """

    def __init__(self, service: Service, stamp: Callable[[], list[tuple[bytes, bytes]]]) -> None:
        settings = service.settings
        self._service = service
        self._keys = Keys(settings.api_keys) if settings.api_keys else None
        self._origins = bool(settings.cors_origins)
        # Whatever is to see every request sees none of these.
        self._shut = settings.otel or settings.access_log == "all"
        self._most = min(MOST_BODY, settings.max_body_bytes)
        self._together = Together(service.decoder, settings, MOST_AT_ONCE)
        self._waiting: deque[Held] = deque()
        self._later: set[asyncio.Task[None]] = set()
        self._stamp = stamp
        self._stamped: list[tuple[bytes, bytes]] = []
        self._opening = b""
        self._requests = {
            call: (REQUESTS.labels(route, "POST", "200"), REQUEST_SECONDS.labels(route))
            for call, route in ((_IMAGE, "/predict"), (_STROKES, "/predict/strokes"))
        }
        self._normalised = {
            _IMAGE: NORMALISE_SECONDS.labels("image"),
            _STROKES: NORMALISE_SECONDS.labels("strokes"),
        }

    def wants(self, head: Head) -> bool:
        """Whether a request with this head may go this way."""
        headers = head.headers
        if self._shut or head.length > self._most or head.call not in self._requests:
            return False
        if self._origins and b"origin" in headers:
            return False
        return self._keys is None or self._keys.open(headers.items())

    def take(self, held: Held) -> bool:
        """Take a request in hand, if there is room; it is answered, or put back, at the end of the turn."""
        service = self._service
        if service.draining or not service.admission.enter():
            return False
        self._waiting.append(held)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._turn)
        return True

    def leave(self, held: Held) -> None:
        """Give a request up that was taken and is not answered yet."""
        if not held.left:
            held.left = True
            self._service.admission.in_hand -= 1

    def _turn(self) -> None:
        """Answer what is waiting, as much as there is time for."""
        taken: list[Held] = []
        try:
            model = self._model()
            if model is None:
                taken, self._waiting = list(self._waiting), deque()
            else:
                self._answer(model, taken)
        except Exception:
            log.exception("an error that only the short way has")
        finally:
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._turn)
        self._put_back(taken)

    def _put_back(self, taken: Iterable[Held]) -> None:
        """Let those that are not answered go the general way."""
        for held in taken:
            if not held.left:
                self.leave(held)
                held.connection.go_the_long_way()

    def _model(self) -> Model | None:
        """The model that answers; None when recognitions are not answered as usual."""
        service = self._service
        return None if service.ailment() is not None else service.models.default

    def _answer(self, model: Model, taken: list[Held]) -> None:
        """Answer some of what is waiting, all that can be together; all that was looked at is `taken`."""
        together, inked = self._together, []
        together.begin()
        start = time.perf_counter()
        while self._waiting:
            held = self._waiting.popleft()
            if held.left:
                continue
            taken.append(held)
            head = held.head
            kind = head.headers.get(b"content-type", b"")
            add = together.add_image if head.call == _IMAGE else together.add_strokes
            if add(kind, held.data[head.size :]):
                inked.append(held)
            if together.full or (self._waiting and time.perf_counter() > start + TURN_SECONDS):
                break
        good, pieces, fields = together.finish()
        if not good:
            return
        inked = [inked[number] for number in good]
        now = time.perf_counter()
        for held in inked:
            self._normalised[held.head.call].observe((now - start) / len(inked))
            QUEUE_SECONDS.observe(now - held.since)
        found = self._service.batcher.at_once(model.recogniser, fields)
        if found is None:
            # Something larger is computed: they wait for it on its thread.
            later = asyncio.ensure_future(self._answer_later(model, inked, pieces, fields.copy()))
            self._later.add(later)
            later.add_done_callback(self._later.discard)
            taken[:] = [held for held in taken if held not in inked]
        else:
            self._send(model, inked, pieces, found)

    async def _answer_later(
        self, model: Model, inked: list[Held], pieces: list[int], fields: NDArray[np.uint8]
    ) -> None:
        try:
            async with asyncio.timeout(LATER_SECONDS):
                found = await self._service.batcher.score(model.recogniser, fields)
            self._send(model, inked, pieces, found)
        except (TimeoutError, Refusal):
            pass  # what they are told of it, the general way knows
        finally:
            self._put_back(inked)

    def _send(self, model: Model, inked: list[Held], pieces: list[int], found: Scores) -> None:
        opening = self._head_of_answers()
        answers = predictions(model, pieces, found, self._service.settings.accept)
        now = time.perf_counter()
        for held, answer in zip(inked, answers, strict=True):
            if held.left or held.connection.is_closing():
                continue
            self.leave(held)
            body = to_json(answer)
            name = identity(held.head.headers.get(b"x-request-id"))
            held.connection.answer(b"%b%d\r\nx-request-id: %b\r\n\r\n%b" % (opening, len(body), name, body))
            requests, seconds = self._requests[held.head.call]
            requests.inc()
            seconds.observe(now - held.since)

    def _head_of_answers(self) -> bytes:
        """All that the answers of this second have in common, up to their length."""
        stamp = self._stamp()
        if stamp is not self._stamped:
            self._stamped = stamp
            lines = [*stamp, *_HEADERS, *SECURITY_HEADERS]
            self._opening = b"HTTP/1.1 200 OK\r\n" + b"".join(b"%b: %b\r\n" % line for line in lines)
            self._opening += b"content-length: "
        return self._opening
