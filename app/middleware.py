"""What surrounds every request, as plain ASGI: an id, headers for browsers, metrics, and the log."""

import logging
import random
import re
import time
from collections.abc import Callable

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import ClientGone, Refusal, problem_response
from app.logs import request_id, trace_id
from app.metrics import GONE, IN_FLIGHT, REFUSALS, REQUEST_SECONDS, REQUESTS

log = logging.getLogger("digits.request")

CLIENT_GONE = 499
"""nginx's status for a request whose client did not wait; it is counted, never sent."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
)

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Surround:
    """Gives each request an id, counts and times it, logs it, and adds the security headers to its answer.

    Also the last resort: an error that nothing else answered becomes a 500 of the one shape.

    Args:
        app: What answers.
        access_log: `all`, `refused` or `none`: which requests get a line in the log.
        draining: Whether connections are to be closed after their answer.
    """

    def __init__(self, app: ASGIApp, access_log: str, draining: Callable[[], bool]) -> None:
        self._app = app
        self._least_logged = {"all": 100, "refused": 400, "none": 1000}[access_log]
        self._draining = draining
        self._meters: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        ours = _identify(scope)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], *SECURITY_HEADERS, (b"x-request-id", ours)]
                if self._draining():
                    headers.append((b"connection", b"close"))
                message = {**message, "headers": headers}
            await send(message)

        inner = scope
        if scope["method"] == "HEAD":
            # Whatever can be got can be asked about; the server leaves the body out.
            inner = {**scope, "method": "GET"}
        IN_FLIGHT.inc()
        try:
            await self._app(inner, receive, send_with_headers)
        except ClientGone:
            status = CLIENT_GONE
            GONE.inc()
        except Exception:
            log.exception("an error that nothing answered")
            if status:
                raise
            refusal = Refusal("internal-error", "The service failed on this request; the log says why.")
            await problem_response(refusal, inner)(inner, receive, send_with_headers)
        finally:
            IN_FLIGHT.dec()
            self._note(inner, scope["method"], status, time.perf_counter() - start)

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        meters = self._meters.get((route, method, status))
        if meters is None:
            meters = (REQUESTS.labels(route, method, str(status)), REQUEST_SECONDS.labels(route))
            self._meters[route, method, status] = meters
        meters[0].inc()
        meters[1].observe(seconds)
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


def identity(given: bytes | None) -> bytes:
    """The id of a request: the one that it was given, if that is harmless, or a new one."""
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given
    return b"%016x" % random.getrandbits(64)


def _identify(scope: Scope) -> bytes:
    """Take over or make the request's id, and note it and the trace's for the log; gives the id."""
    given = None
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value
        elif name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value)):
            trace_id.set(match[1].decode())
    ours = identity(given)
    scope["request_id"] = ours.decode()
    request_id.set(scope["request_id"])
    return ours
