"""What surrounds every request, as plain ASGI: ids, headers, metrics and log; and bounds on its body."""

import asyncio
import logging
import random
import re
import time
from collections.abc import Callable, Mapping

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Refusal, problem_response
from app.logs import request_id, trace_id
from app.metrics import GONE, IN_FLIGHT, REFUSALS, REQUEST_SECONDS, REQUESTS

log = logging.getLogger("digits.request")

CLIENT_GONE = 499
"""nginx's status for a request whose client did not wait; it is counted, never sent."""

CONTENT_SECURITY_POLICY = (
    b"default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    b"form-action 'self'; frame-ancestors 'none'"
)

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
)
NO_STORE = (b"cache-control", b"no-store")
ASK_FIRST = (b"cache-control", b"no-cache")
"""For what has an ETag: a browser may keep it, and asks whether its copy is still good."""

_LEAST_LOGGED = {"all": 100, "refused": 400, "none": 1000}
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class RequestMiddleware:
    """Gives each request an id, counts, times and logs it, and adds headers to its answer.

    It is the outermost: what no handler has answered is answered here, so that it has these headers too.

    Args:
        app: What answers.
        access_log: `all`, `refused` or `none`: which requests get a line in the log.
        draining: Whether connections are to be closed after their answer.
    """

    def __init__(self, app: ASGIApp, access_log: str, draining: Callable[[], bool]) -> None:
        self._app = app
        self._least_logged = _LEAST_LOGGED[access_log]
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        identifier = _identify(scope)
        method, status = scope["method"], 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], *SECURITY_HEADERS, (b"x-request-id", identifier)]
                headers.append(ASK_FIRST if any(name == b"etag" for name, _ in headers) else NO_STORE)
                if self._draining():
                    headers.append((b"connection", b"close"))
                message = {**message, "headers": headers}
            await send(message)

        if method == "HEAD":
            # Whatever GET gives can be asked about with HEAD; the server leaves the body out.
            scope = {**scope, "method": "GET"}
        IN_FLIGHT.inc()
        try:
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = CLIENT_GONE
            GONE.inc()
        except Exception as error:
            if not isinstance(error, Refusal):
                log.exception("an error that nothing answered")
                if status:
                    raise
                error = Refusal("internal-error", "The service failed on this request; the log says why.")
            await problem_response(error, scope)(scope, receive, send_with_headers)
        finally:
            IN_FLIGHT.dec()
            self._note(scope, method, status, time.perf_counter() - start)

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        """Count one request, and log it where that is wanted."""
        route = getattr(scope.get("route"), "path", "other")
        REQUESTS.labels(route, method, str(status)).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        refusal = scope.get("refusal")
        if refusal is not None:
            REFUSALS.labels(refusal).inc()
        if status >= self._least_logged:
            client = scope.get("client")
            fields = {
                "method": method,
                "path": scope["path"],
                "status": status,
                "milliseconds": round(1000 * seconds, 2),
                "client": client[0] if client else None,
                "refusal": refusal,
            }
            log.info("request", extra={"fields": fields})


def request_identifier(given: bytes | None) -> bytes:
    """The id of a request: the one that its client gave, if that is harmless, or else a new one."""
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given
    return b"%016x" % random.getrandbits(64)


def _identify(scope: Scope) -> bytes:
    """Give a request its id, and note it and the id of its trace for the log."""
    given = None
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value
        elif name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value)):
            trace_id.set(match[1].decode())
    identifier = request_identifier(given)
    scope["request_id"] = identifier.decode()
    request_id.set(scope["request_id"])
    return identifier


class BodyMiddleware:
    """Bounds the bodies of requests as they arrive: their size, their time, and the memory of all together.

    What is over a bound is a `Refusal` out of `receive`.

    Args:
        app: What answers.
        limit: The most bytes of a body.
        seconds: The time in which all of a body must arrive.
        most_held: The most bytes of all bodies in hand, until they are answered.
        larger: The most bytes for the paths that take larger bodies.
    """

    def __init__(
        self, app: ASGIApp, limit: int, seconds: float, most_held: int, larger: Mapping[str, int]
    ) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger
        self.seconds = seconds
        self.most_held = most_held
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(self, scope, receive, self._larger.get(scope["path"], self._limit))
        try:
            await self._app(scope, body.receive, send)
        finally:
            self.held -= body.size


class _Body:
    """One body, as far as it has arrived."""

    def __init__(self, bounds: BodyMiddleware, scope: Scope, receive: Receive, limit: int) -> None:
        self.size = 0
        self._bounds = bounds
        self._scope = scope
        self._receive = receive
        self._limit = limit
        self._deadline: float | None = None
        self._complete = False

    async def receive(self) -> Message:
        """Receive the next part.

        Raises:
            Refusal: 413 over the limit, 408 after the deadline, 503 when too much is held already.
        """
        if self._complete:
            return await self._receive()  # nothing but the client's leaving can follow
        if self._deadline is None:
            self._check_declared_length()
            self._deadline = asyncio.get_running_loop().time() + self._bounds.seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            detail = f"The body had not arrived after {self._bounds.seconds:g} seconds."
            raise Refusal("too-slow", detail, {"connection": "close"}) from None
        self._add(len(message.get("body", b"")))
        self._complete = not message.get("more_body", False)
        return message

    def _check_declared_length(self) -> None:
        declared = next((value for name, value in self._scope["headers"] if name == b"content-length"), b"")
        if declared.isdigit() and (len(declared) > 18 or int(declared) > self._limit):
            raise self._too_large()

    def _add(self, count: int) -> None:
        if self.size + count > self._limit:
            raise self._too_large()
        if self._bounds.held + count > self._bounds.most_held:
            raise Refusal("overloaded", "Too many large bodies are arriving at once; try again shortly.")
        self.size += count
        self._bounds.held += count

    def _too_large(self) -> Refusal:
        return Refusal("too-large", f"The body has more than the {self._limit} bytes that are taken.")
