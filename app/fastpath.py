"""Small plain recognitions that come together are answered together, without a task, a scope or a router.

A 28x28 image takes some 40 microseconds of work, and the general application adds several times as much. So
uvicorn's protocol (`app.protocol`) hands small plain requests to this module instead:

    request -> the queue here -> at the end of the event loop's turn, for all that came in it:
    ink, one call of the recogniser, JSON -> answers

The fast path has no decoder, normaliser or answer of its own, and refuses nothing. A request that it cannot
answer with 200 goes through the general application from the start, and so does every request while the
inference thread computes. So limits, deadlines, refusals, keys and logs are handled in one place.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from pydantic_core import from_json
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.metrics import NORMALISE_SECONDS, QUEUE_SECONDS, REQUEST_SECONDS, REQUESTS
from app.middleware import NO_STORE, request_identifier, security_headers
from app.pool import CHEAP_POINTS, Strokes
from app.predictions import count, prediction_of
from app.service import Service
from model.ink import NormalisedInk, normalise_drawings, normalise_quickly

log = logging.getLogger("digits.fastpath")

MOST_BODY = 32 * 1024
"""The largest body (bytes) that is taken."""
MOST_TOGETHER = 32
"""The most requests answered together; the slowest kind, canvases, holds the event loop 0.3 ms each."""
_PATHS = {"/predict": "image", "/predict/strokes": "strokes"}
"""The paths that are answered here, and where their ink comes from (the label of a metric)."""
_UNUSUAL = frozenset({b"content-encoding", b"expect", b"te", b"trailer", b"transfer-encoding", b"upgrade"})
"""Headers that ask for more than an answer, or say that a body is not what it looks like."""
_FORM = re.compile(rb"multipart/form-data; ?boundary=([A-Za-z0-9'()+_,./:=?-]{1,70})")
_IMAGE_HEADERS = re.compile(
    rb'Content-Disposition: form-data; name="image"(?:; filename="[^"\\;=\x00-\x1f\x7f]{0,200}")?'
    rb"(?:\r\nContent-Type: [A-Za-z0-9.+/-]{1,100})?",
    re.IGNORECASE,
)
_MOST_IMAGE_HEADERS = 400
"""More bytes than headers that match `_IMAGE_HEADERS` can have."""
_STROKES, _NUMBERS = b'{"strokes":', b"+-.0123456789Ee,[] }"
"""How a body with strokes begins, and the only characters that may follow."""


class _Held(NamedTuple):
    """A request that waits to be answered."""

    cycle: RequestResponseCycle
    """uvicorn's object for the request and for the connection that the answer goes to."""
    start: Callable[[], None]
    """Hands the request to the general application."""
    headers: dict[bytes, bytes]
    since: float


class FastPath:
    """Answers what is small and plain, and lets the general application answer everything else.

    Args:
        service: What both use to answer.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        settings = service.settings
        # Keys, traces and a log of every request need the middleware of the general application.
        self._open = not (settings.api_keys or settings.otel or settings.access_log == "all")
        self._shared = bool(settings.cors_origins)
        self._most_body = min(MOST_BODY, settings.max_body_bytes)
        self._most_strokes, self._most_points = settings.max_strokes, min(CHEAP_POINTS, settings.max_points)
        security = security_headers(settings.frame_ancestors)
        self._lines = ((b"content-type", b"application/json"), *security, NO_STORE)
        self._queue: list[_Held] = []
        self._counters = {
            path: (
                REQUESTS.labels(path, "POST", "200"),
                REQUEST_SECONDS.labels(path),
                NORMALISE_SECONDS.labels(source),
            )
            for path, source in _PATHS.items()
        }

    def take(self, cycle: RequestResponseCycle, start: Callable[[], None]) -> bool:
        """Take a request whose headers have arrived, if it qualifies; it is then answered or handed on."""
        headers = self._headers(cycle) if self._open and cycle.scope["path"] in _PATHS else None
        if headers is None:
            return False
        self._queue.append(_Held(cycle, start, headers, time.perf_counter()))
        if len(self._queue) == 1:
            asyncio.get_running_loop().call_soon(self._turn)
        return True

    def _headers(self, cycle: RequestResponseCycle) -> dict[bytes, bytes] | None:
        """The headers of a request that qualifies for the fast path; None for any other."""
        scope = cycle.scope
        sent = cast(list[tuple[bytes, bytes]], scope["headers"])
        headers = dict(sent)
        length = headers.get(b"content-length", b"")
        plain = (
            scope["method"] == "POST"
            and not scope["query_string"]
            and len(headers) == len(sent)  # none is repeated
            and b"content-type" in headers
            and _UNUSUAL.isdisjoint(headers)
            and not (self._shared and b"origin" in headers)
            and length.isdigit()
            and len(length) < 9
            and int(length) <= self._most_body
        )
        return headers if plain else None

    def _turn(self) -> None:
        """Answer up to `MOST_TOGETHER` held requests, and hand on those that could not be answered."""
        some, self._queue = self._queue[:MOST_TOGETHER], self._queue[MOST_TOGETHER:]
        if self._queue:
            asyncio.get_running_loop().call_soon(self._turn)
        service = self._service
        room = service.admission.capacity - service.admission.in_hand - len(self._queue)
        try:
            if service.unavailable_reason() is None and len(some) <= room:
                self._answer(some)
        except Exception:
            log.exception("an error that only the fast path has")
        for held in some:
            if not held.cycle.response_complete:
                held.start()

    def _answer(self, some: Sequence[_Held]) -> None:
        """Answer those of some requests that the fast path can answer."""
        service, start = self._service, time.perf_counter()
        asked = [(held, content) for held in some if (content := self._content(held)) is not None]
        images = [(held, content) for held, content in asked if isinstance(content, bytes)]
        drawings = [(held, content) for held, content in asked if not isinstance(content, bytes)]
        found = [
            *normalise_quickly([file for _, file in images], limits=service.limits),
            *normalise_drawings([strokes for _, strokes in drawings]),
        ]
        inks = zip((held for held, _ in (*images, *drawings)), found, strict=True)
        good = [(held, ink) for held, ink in inks if isinstance(ink, NormalisedInk)]
        took = (time.perf_counter() - start) / max(1, len(asked))
        model = service.models.default
        if not good or model.recogniser.engine.device != "cpu":
            return  # another device is for the inference thread
        accept = service.settings.accept
        answers = service.batcher.answer_now(model.recogniser, [ink for _, ink in good], accept)
        if answers is None:
            return
        head = _head((*good[0][0].cycle.default_headers, *self._lines))
        for (held, _), answer in zip(good, answers, strict=True):
            _send(held, head, prediction_of(model, answer).model_dump_json(exclude_unset=True).encode())
        # Counting waits until the last answer is sent: a lone client can already work on its answer.
        end = time.perf_counter()
        for (held, _), answer in zip(good, answers, strict=True):
            requests, seconds, normalising = self._counters[held.cycle.scope["path"]]
            requests.inc()
            seconds.observe(end - held.since)
            QUEUE_SECONDS.observe(start - held.since)
            normalising.observe(took)
            count(model, answer)

    def _content(self, held: _Held) -> bytes | Strokes | None:
        """The image file or drawing in a request; None unless it has arrived in full and is plain."""
        cycle, kind = held.cycle, held.headers[b"content-type"]
        if cycle.more_body or cycle.disconnected or not cycle.keep_alive or cycle.flow.write_paused:
            return None
        if cycle.scope["path"] == "/predict":
            return _image(kind, bytes(cycle.body))
        strokes = _strokes(kind, bytes(cycle.body))
        if strokes is None or len(strokes) > self._most_strokes:
            return None
        return strokes if sum(map(len, strokes)) <= self._most_points else None


def _send(held: _Held, head: bytes, body: bytes) -> None:
    cycle, identifier = held.cycle, request_identifier(held.headers.get(b"x-request-id", b""))
    cycle.response_started = cycle.response_complete = True
    cycle.transport.write(
        b"%bcontent-length: %d\r\nx-request-id: %b\r\n\r\n%b" % (head, len(body), identifier, body)
    )
    cycle.on_response()


def _head(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The status line and the headers that all answers share."""
    return b"HTTP/1.1 200 OK\r\n" + b"".join(b"%b: %b\r\n" % line for line in headers)


def _image(kind: bytes, body: bytes) -> bytes | None:
    """The image in a body: the body itself, or a form's one field as browsers, curl and libraries send it.

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


def _strokes(kind: bytes, body: bytes) -> Strokes | None:
    """The strokes of a JSON body that holds nothing else; None for every other body.

    The normaliser checks how the lists are nested.
    """
    if kind != b"application/json" or not body.startswith(_STROKES):
        return None
    if body[len(_STROKES) :].translate(None, _NUMBERS):
        return None
    try:
        strokes = from_json(body)["strokes"]
        return strokes if all(isinstance(stroke, list) for stroke in strokes) else None
    except (ValueError, TypeError):
        return None
