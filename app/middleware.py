"""What surrounds requests: ids, headers, metrics, log; bounds on bodies; calls from other origins (CORS)."""

import asyncio
import logging
import random
import re
import time
import zlib
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Refusal, problem_response, refusal_of
from app.logs import request_id, trace_id
from app.metrics import GONE, IN_FLIGHT, REFUSALS, REQUEST_SECONDS, REQUESTS
from app.settings import Settings

log = logging.getLogger("digits.request")

CLIENT_GONE = 499
"""nginx's status for a request whose client did not wait; it is counted, never sent."""


def security_headers(frame_ancestors: Sequence[str] = ()) -> tuple[tuple[bytes, bytes], ...]:
    """Headers that restrict browsers; only the sites in `frame_ancestors` may show the page in a frame."""
    policy = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    policy += "form-action 'self'; frame-ancestors " + (" ".join(frame_ancestors) or "'none'")
    return (
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        *(() if frame_ancestors else ((b"x-frame-options", b"DENY"),)),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
    )


NO_STORE = (b"cache-control", b"no-store")
ASK_FIRST = (b"cache-control", b"no-cache")
"""For answers with an ETag: a browser may keep them, but must ask whether its copy is still good."""

_LEAST_LOGGED = {"all": 100, "refused": 400, "none": 1000}
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class RequestMiddleware:
    """Gives each request an id, counts, times and logs it, and adds headers to its answer.

    It is the outermost middleware: errors that no handler answers are answered here, with these headers.

    Args:
        app: The application that answers.
        settings: Which requests to log, who may frame the page, and which proxy prefix to cut off.
        draining: Whether connections are to be closed after their answer.
    """

    def __init__(self, app: ASGIApp, settings: Settings, draining: Callable[[], bool]) -> None:
        self._app = app
        self._least_logged = _LEAST_LOGGED[settings.access_log]
        self._root = settings.root_path
        self._headers = security_headers(settings.frame_ancestors)
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
                headers = [*message["headers"], *self._headers, (b"x-request-id", identifier)]
                headers.append(ASK_FIRST if any(name == b"etag" for name, _ in headers) else NO_STORE)
                if self._draining():
                    headers.append((b"connection", b"close"))
                message = {**message, "headers": headers}
            await send(message)

        if self._root and scope["path"].startswith(f"{self._root}/"):
            scope = {**scope, "path": scope["path"].removeprefix(self._root)}
        if method == "HEAD":
            # HEAD is answered as GET is; the server leaves the body out.
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
            await problem_response(refusal_of(error), scope)(scope, receive, send_with_headers)
        finally:
            IN_FLIGHT.dec()
            self._note(scope, method, status, time.perf_counter() - start)

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        """Count one request, and log it where that is wanted."""
        route = getattr(scope.get("route"), "path", "other")
        REQUESTS.labels(route, method, str(status)).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        if (refusal := scope.get("refusal")) is not None:
            REFUSALS.labels(refusal).inc()
        if status >= self._least_logged:
            fields = {
                "method": method,
                "path": scope["path"],
                "status": status,
                "milliseconds": round(1000 * seconds, 2),
                "client": (scope.get("client") or [None])[0],
                "refusal": refusal,
            }
            log.info("request", extra={"fields": fields})


def request_identifier(given: bytes) -> bytes:
    """The id of a request: the one that its client gave, if that is harmless, or else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else b"%016x" % random.getrandbits(64)


def _identify(scope: Scope) -> bytes:
    """Give a request its id, and note it and the id of its trace for the log."""
    headers = Headers(scope=scope)
    if match := _TRACEPARENT.fullmatch(headers.get("traceparent", "")):
        trace_id.set(match[1])
    identifier = request_identifier(headers.get("x-request-id", "").encode("latin-1"))
    scope["request_id"] = identifier.decode()
    request_id.set(scope["request_id"])
    return identifier


class BodyMiddleware:
    """Bounds the bodies of requests as they arrive: their size, their time, and the memory of all together.

    A gzip-compressed body is decompressed, and the result is bounded too. Beyond a bound, `receive` raises a
    `Refusal`.

    Args:
        app: The application that answers.
        settings: The bounds.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, settings = Headers(scope=scope), self._settings
        limit = settings.max_batch_bytes if scope["path"].endswith("/batch") else settings.max_body_bytes
        too_large = Refusal("too-large", f"The body has more than the {limit} bytes that are taken.")
        size, complete = 0, False
        deadline: float | None = None
        inflate = _decoder(headers)

        async def bounded() -> Message:
            """Receive the next part; 413 over the limit, 408 after the deadline, 503 if too much is held."""
            nonlocal size, complete, deadline
            if complete:
                return await receive()  # only the client's disconnect can follow
            if deadline is None:
                declared = headers.get("content-length", "")
                if declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
                    raise too_large
                deadline = asyncio.get_running_loop().time() + settings.body_seconds
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                detail = f"The body had not arrived after {settings.body_seconds:g} seconds."
                raise Refusal("too-slow", detail, {"connection": "close"}) from None
            complete = not message.get("more_body", False)
            if inflate is not None and message["type"] == "http.request":
                message = {**message, "body": inflate(message.get("body", b""), limit + 1 - size, complete)}
            count = len(message.get("body", b""))
            if size + count > limit:
                raise too_large
            if self._held + count > settings.max_held_bytes:
                raise Refusal("overloaded", "Too many large bodies are arriving at once; try again shortly.")
            size += count
            self._held += count
            return message

        try:
            await self._app(scope, bounded, send)
        finally:
            self._held -= size


def _decoder(headers: Headers) -> Callable[[bytes, int, bool], bytes] | None:
    """A function that decompresses a body: from (part, most bytes to give, whether it is the last)."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        return None
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def inflate(part: bytes, most: int, last: bool) -> bytes:
        if coding not in ("gzip", "x-gzip"):
            detail = "Send the body as it is, or compressed by gzip."
            raise Refusal("unsupported-type", detail, {"accept-encoding": "gzip"})  # RFC 9110, section 12.5.3
        try:
            found = inflater.decompress(part, most)
        except zlib.error:
            found, last = b"", True
        if inflater.unused_data or (last and len(found) < most and not inflater.eof):
            raise Refusal("malformed-body", "The body is not what gzip makes, or is cut short.")
        return found

    return inflate


class Origins(CORSMiddleware):
    """Starlette's CORS middleware for some origins, which rejects a preflight request with a `Refusal`."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type", "x-api-key", "x-request-id"),
            expose_headers=("x-request-id", "retry-after"),
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a browser that asks whether a call is allowed."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        detail = f"{bytes(answer.body).decode()}: the operator names the origins that may call."
        raise Refusal("bad-request", detail, headers)
