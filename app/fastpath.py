"""Small plain recognitions that come together are answered together, in plain ASGI, ahead of FastAPI.

A 28x28 image takes some 40 microseconds of work, and its way through middleware, router and dependencies
several times as many. This application stands in front of the general one and takes what is small and plain:

    request -> its body -> the queue here -> at the end of the event loop's turn, for all that came in it:
    ink, one call of the recogniser, JSON -> answers

It has no decoder, normaliser or answer of its own, and it refuses nothing. Whatever cannot be answered with
200 goes to the general application from its beginning, and so does everything while the inference thread
computes. So limits, refusals, keys and logs have one place.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any, NamedTuple, cast

from fastapi import FastAPI
from pydantic_core import from_json
from starlette.types import Message, Receive, Scope, Send

from app.errors import Refusal
from app.metrics import NORMALISE_SECONDS, QUEUE_SECONDS, REQUEST_SECONDS, REQUESTS
from app.middleware import NO_STORE, SECURITY_HEADERS, request_identifier
from app.models import Model
from app.pool import CHEAP_POINTS, Strokes
from app.predictions import prediction_of
from app.service import Service
from model.ink import NormalisedInk, normalise_drawings, normalise_quickly
from model.recognition import Answer

log = logging.getLogger("digits.fastpath")

MOST_BODY = 32 * 1024
"""The largest body (bytes) that is taken."""

MOST_TOGETHER = 32
"""Most requests that are answered together: the slowest kind, canvases, takes the event loop 0.3 ms each."""

BODY_SECONDS = 0.05
"""How long the rest of a body is waited for before the general application does that, and bounds it."""

_PATHS = ("/predict", "/predict/strokes")
_UNUSUAL = frozenset({b"content-encoding", b"expect", b"te", b"trailer", b"transfer-encoding", b"upgrade"})
"""Headers that ask for more than an answer, or say that a body is not what it looks like."""
_HEADERS = ((b"content-type", b"application/json"), *SECURITY_HEADERS, NO_STORE)

_FORM = re.compile(rb"multipart/form-data; ?boundary=([A-Za-z0-9'()+_,./:=?-]{1,70})")
_IMAGE_HEADERS = re.compile(
    rb'Content-Disposition: form-data; name="image"(?:; filename="[^"\\;=\x00-\x1f\x7f]{0,200}")?'
    rb"(?:\r\nContent-Type: [A-Za-z0-9.+/-]{1,100})?",
    re.IGNORECASE,
)
_MOST_IMAGE_HEADERS = 400
"""More bytes than those have."""
_STROKES, _NUMBERS = b'{"strokes":', b"+-.0123456789Ee,[] }"
"""What a body with strokes begins with, and the characters of the rest."""


class _Waiting(NamedTuple):
    """A request in hand."""

    is_image: bool
    content: bytes | Strokes
    """An image file, or a drawing."""
    answer: "asyncio.Future[bytes | None]"
    """The body of its answer; None sends it to the general application."""
    since: float


class FastPath:
    """Answers what is small and plain, and hands everything else to the general application.

    Args:
        app: The general application, made by `create_app`.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._service: Service = app.state.service
        settings = self._service.settings
        # Requests with keys or traces, and those that are all logged, need what surrounds the general way.
        self._open = not (settings.api_keys or settings.otel or settings.access_log == "all")
        self._shared = bool(settings.cors_origins)
        self._most_body = min(MOST_BODY, settings.max_body_bytes)
        self._queue: list[_Waiting] = []
        self._counters = {
            path: (REQUESTS.labels(path, "POST", "200"), REQUEST_SECONDS.labels(path)) for path in _PATHS
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = self._headers(scope)
        if headers is None:
            await self._app(scope, receive, send)
            return
        since, path = time.perf_counter(), scope["path"]
        messages = await _received(receive)
        content = self._content(path, headers[b"content-type"], messages)
        answer = None if content is None else await self._answer(content, since)
        if answer is None:
            await self._app(scope, _replayed(messages, receive), send)
            return
        identifier = request_identifier(headers.get(b"x-request-id"))
        more = (b"content-length", b"%d" % len(answer)), (b"x-request-id", identifier)
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, *more]})
        await send({"type": "http.response.body", "body": answer})
        requests, seconds = self._counters[path]
        requests.inc()
        seconds.observe(time.perf_counter() - since)

    def _headers(self, scope: Scope) -> dict[bytes, bytes] | None:
        """The headers of a request that may be taken; None for every other one."""
        if not self._open or scope["type"] != "http" or scope["path"] not in _PATHS:
            return None
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        plain = (
            scope["method"] == "POST"
            and not scope["query_string"]
            and len(headers) == len(scope["headers"])  # none is there twice
            and b"content-type" in headers
            and _UNUSUAL.isdisjoint(headers)
            and not (self._shared and b"origin" in headers)
            and length.isdigit()
            and len(length) < 9
            and int(length) <= self._most_body
        )
        return headers if plain else None

    def _content(self, path: str, kind: bytes, messages: Sequence[Message]) -> bytes | Strokes | None:
        """The image or the strokes in a body of this content type; None unless it is whole and plain."""
        if not messages or messages[-1].get("more_body", True):
            return None
        body = b"".join(message["body"] for message in messages)
        if path == "/predict":
            return _image(kind, body)
        settings = self._service.settings
        return _strokes(kind, body, settings.max_strokes, min(CHEAP_POINTS, settings.max_points))

    async def _answer(self, content: bytes | Strokes, since: float) -> bytes | None:
        """The body of the answer, once it is there; None where the general application has to answer."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(isinstance(content, bytes), content, loop.create_future(), since)
        try:
            with self._service.admission.take():
                self._queue.append(waiting)
                if len(self._queue) == 1:
                    loop.call_soon(self._turn)
                return await waiting.answer
        except Refusal:
            return None

    def _turn(self) -> None:
        """Answer what waits, as much as is answered together."""
        some, self._queue = self._queue[:MOST_TOGETHER], self._queue[MOST_TOGETHER:]
        if self._queue:
            asyncio.get_running_loop().call_soon(self._turn)
        some = [one for one in some if not one.answer.done()]
        try:
            if self._service.unavailable_reason() is not None:
                _settle(some, ())
            elif some:
                self._answer_together(some)
        except Exception:
            log.exception("an error that only the fast path has")
            _settle(some, ())

    def _answer_together(self, some: Sequence[_Waiting]) -> None:
        images = [one for one in some if one.is_image]
        drawings = [one for one in some if not one.is_image]
        quickly = partial(normalise_quickly, limits=self._service.limits)
        inks = _normalised("image", quickly, images) + _normalised("strokes", normalise_drawings, drawings)
        taken, good, left = [], [], []
        for one, ink in zip(images + drawings, inks, strict=True):
            if isinstance(ink, NormalisedInk):
                taken.append(one)
                good.append(ink)
            else:
                left.append(one)
        _settle(left, ())
        if not taken:
            return
        service, start = self._service, time.perf_counter()
        model = service.models.default
        answers = None
        if model.recogniser.engine.device == "cpu":  # another device is for the inference thread
            answers = service.batcher.answer_now(model.recogniser, good, service.settings.accept)
        if answers is None:
            _settle(taken, ())
            return
        for one in taken:
            QUEUE_SECONDS.observe(start - one.since)
        _settle(taken, [_json(model, answer) for answer in answers])


def _normalised(
    source: str, normalise: Callable[[list[Any]], Sequence[object]], some: Sequence[_Waiting]
) -> list[object]:
    """The inks of some requests, or what stands in their places; the time they took is shared out."""
    if not some:
        return []
    start = time.perf_counter()
    inks = normalise([one.content for one in some])
    seconds, observed = (time.perf_counter() - start) / len(some), NORMALISE_SECONDS.labels(source)
    for _ in some:
        observed.observe(seconds)
    return list(inks)


def _settle(some: Sequence[_Waiting], answers: Sequence[bytes]) -> None:
    """Give some requests their answers; those for whom there are none go to the general application."""
    for one, answer in zip(some, chain(answers, repeat(None)), strict=False):
        if not one.answer.done():
            one.answer.set_result(answer)


def _json(model: Model, answer: Answer) -> bytes:
    return prediction_of(model, answer).model_dump_json(exclude_unset=True).encode()


def _image(kind: bytes, body: bytes) -> bytes | None:
    """The image that a body is, or the one of a form as browsers, curl and libraries send it.

    None for every other body. The general application finds the same image.
    """
    if kind.startswith(b"image/"):
        return body
    form = _FORM.fullmatch(kind)
    if form is None:
        return None
    delimiter = b"\r\n--" + form[1]
    first, last = delimiter[2:] + b"\r\n", delimiter + b"--\r\n"
    headers_end = body.find(b"\r\n\r\n", len(first), len(first) + _MOST_IMAGE_HEADERS)
    start, end = headers_end + 4, len(body) - len(last)
    if headers_end < 0 or start > end or not body.startswith(first) or not body.endswith(last):
        return None
    if _IMAGE_HEADERS.fullmatch(body, len(first), headers_end) is None:
        return None
    return body[start:end] if body.find(delimiter, start) == end else None


def _strokes(kind: bytes, body: bytes, most_strokes: int, most_points: int) -> Strokes | None:
    """The strokes in JSON that has nothing but them, within these bounds; None for every other body."""
    if kind != b"application/json" or not body.startswith(_STROKES):
        return None
    if body[len(_STROKES) :].translate(None, _NUMBERS):
        return None
    try:
        strokes = from_json(body)["strokes"]
        bounded = len(strokes) <= most_strokes and sum(map(len, strokes)) <= most_points
    except (ValueError, TypeError):
        return None
    return cast(Strokes, strokes) if bounded else None


async def _received(receive: Receive) -> list[Message]:
    """The messages of a body; the last of them tells whether there are more, which did not come soon."""
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body", False):
        message = _arrived(receive)
        if message is None:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    message = await receive()
            except TimeoutError:
                break
        messages.append(message)
    return messages


def _arrived(receive: Receive) -> Message | None:
    """The next message if it is there already, as it nearly always is: to set a timeout takes longer."""
    coming = cast(Coroutine[Any, Any, Message], receive())
    try:
        coming.send(None)
    except StopIteration as there:
        message: Message = there.value
        return message
    coming.close()
    return None


def _replayed(messages: Sequence[Message], receive: Receive) -> Receive:
    """What receives these messages once more, and then what follows."""
    again = iter(messages)

    async def receive_again() -> Message:
        return next(again, None) or await receive()

    return receive_again
