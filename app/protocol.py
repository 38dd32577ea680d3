"""HTTP/1.1 on a connection, with the bounds that uvicorn leaves to others.

Headers that do not arrive or never end, bodies that go on after their answer, and connections beyond what
the process can serve are answered in the common error shape where possible, and the connection is closed.
"""

from asyncio import BaseTransport, TimerHandle, Transport
from functools import partial
from http import HTTPStatus
from typing import ClassVar, cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.errors import Refusal, problem_response
from app.fastpath import FastPath
from app.metrics import REFUSALS
from app.settings import Settings

LINGER_SECONDS = 1.0
"""How long an idle connection is kept at shutdown: a request may be on its way."""

_HOST = b"!$%&'()*+,-.:;=[]_~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The characters of a name or an address, and of a port (RFC 3986, section 3.2)."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol on httptools, bounded; `for_settings` gives the class to use."""

    settings: ClassVar[Settings]
    fastpath: ClassVar[FastPath | None]

    _timer: TimerHandle | None = None
    _in_headers = True
    _in_body = False
    _header_bytes = 0
    _refusal: Refusal | None = None
    _broken = False

    @classmethod
    def for_settings(cls, settings: Settings, fastpath: FastPath | None = None) -> type["BoundedProtocol"]:
        """The protocol with the bounds of `settings`, and with a fast path if there is one."""
        return type("BoundedProtocol", (cls,), {"settings": settings, "fastpath": fastpath})

    def connection_made(self, transport: BaseTransport) -> None:
        """Refuse the connection if there are too many; otherwise start the first request's timer."""
        super().connection_made(cast("Transport", transport))
        if len(self.connections) > self.settings.max_connections:
            self._refuse(Refusal("overloaded", "There are too many connections; try again shortly."))
        else:
            self._arm(self.settings.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer when the connection ends."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in, and see that headers stay within their bounds."""
        if self.transport.is_closing() or self._broken:
            return
        super().data_received(data)
        if self._in_headers and not self.transport.is_closing() and not self._broken:
            self._header_bytes += len(data)
            if self._header_bytes > self.settings.max_header_bytes:
                self._refuse(self._headers_too_large())
            elif self._timer is None:
                self._arm(self.settings.header_seconds)

    def shutdown(self) -> None:
        """Close after the request in progress, or after a short wait for one that may be on its way."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        elif not (self._in_headers and self._header_bytes):
            self._arm(LINGER_SECONDS)

    def on_message_begin(self) -> None:
        """Note that a request begins."""
        self._in_headers = True
        self._in_body = True
        self._header_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Check the complete headers: their size, and the Host header."""
        self._disarm()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.settings.max_header_bytes:
            self._refusal = self._headers_too_large()
            raise ValueError("headers too large")  # ends in send_400_response
        hosts = [value for name, value in self.headers if name == b"host"]
        missing = not hosts and self.parser.get_http_version() == "1.1"
        if missing or len(hosts) > 1 or any(host.translate(None, _HOST) for host in hosts):
            detail = "An HTTP/1.1 request has one Host header, naming the service."  # RFC 9112, section 3.2
            self._refusal = Refusal("bad-request", detail)
            raise ValueError("no host")  # ends in send_400_response
        super().on_headers_complete()
        self._in_headers = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Start the application on a request, or let the fast path do so if it cannot answer."""
        start = partial(super()._start_asgi_task, cycle, app)
        if self.fastpath is None or not self.fastpath.take(cycle, start):
            start()

    def on_message_complete(self) -> None:
        """Note that the request has arrived, body included."""
        self._in_body = False
        if self._timer is not None and self.cycle.response_complete:
            self._disarm()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """After the answer, let a body that is still arriving run out, within a time limit."""
        super().on_response_complete()
        if self._in_body and not self.transport.is_closing() and not self._broken:
            if self.expect_100_continue:
                # The client may never send that body; what comes next could be either.
                self.transport.close()
            else:
                self._arm(self.settings.body_seconds)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        unknown = Refusal("bad-request", "This is no HTTP request that can be understood.")
        self._refuse(self._refusal or unknown)

    def _headers_too_large(self) -> Refusal:
        most = self.settings.max_header_bytes
        return Refusal("headers-too-large", f"The headers have more than the {most} bytes that are taken.")

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, self._late)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self._in_headers and self._header_bytes:
            seconds = self.settings.header_seconds
            self._refuse(Refusal("too-slow", f"The headers had not arrived after {seconds:g} seconds."))
        else:
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer without the application, and close."""
        self._disarm()
        REFUSALS.labels(refusal.slug).inc()
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._in_headers or not self._in_body or self.pipeline:
                # The broken bytes follow a complete request, which still gets its answer.
                self._broken = True
                cycle.keep_alive = False
                return
            cycle.disconnected = True
            cycle.message_event.set()
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_response(refusal))
        self.transport.close()


def _response(refusal: Refusal) -> bytes:
    """The answer to a request that the application never sees."""
    answer = problem_response(refusal, {})
    first = f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}".encode()
    headers = [b"%b: %b" % header for header in (*answer.raw_headers, (b"connection", b"close"))]
    return b"\r\n".join([first, *headers, b"", bytes(answer.body)])
