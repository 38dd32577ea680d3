"""HTTP/1.1 on a connection, with the bounds that uvicorn leaves to others, and a short way past it.

Headers that do not arrive or do not end, bodies that go on after their answer, and more connections than
the process can serve: each is answered in the one error shape where it can be, and closed.

A small recognition that arrives whole, or nearly so, on a connection without anything else under way is held
for `express`, before any of it reaches uvicorn; put back, it is fed to uvicorn as if it came just then.
"""

import json
from asyncio import BaseTransport, TimerHandle, Transport
from http import HTTPStatus
from typing import ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import PROBLEM_TYPE, PROBLEMS
from app.express import Express, Held
from app.heads import Head, is_host, read_head
from app.metrics import REFUSALS
from app.settings import Settings

PART_SECONDS = 0.05
"""How long the rest of a small request may take before uvicorn sees it arrive."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol on httptools, bounded; `for_settings` gives the class to use."""

    settings: ClassVar[Settings]
    express: ClassVar[Express | None]

    _held: Held | None = None
    _part: tuple[Head, bytes] | None = None
    _part_timer: TimerHandle | None = None
    _idle_timer: TimerHandle | None = None
    _idle_since = 0.0
    _timer: TimerHandle | None = None
    _in_headers = True
    _in_body = False
    _header_bytes = 0
    _refusal: tuple[str, str] | None = None
    _broken = False

    @classmethod
    def for_settings(cls, settings: Settings, express: Express | None = None) -> type["BoundedProtocol"]:
        """The protocol with the bounds of `settings`, and with a short way if there is one."""
        return type("BoundedProtocol", (cls,), {"settings": settings, "express": express})

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin: refuse one connection too many, and give the first request its time."""
        super().connection_made(cast("Transport", transport))
        if len(self.connections) > self.settings.max_connections:
            self._refuse("overloaded", "There are too many connections; try again shortly.")
        else:
            self._arm(self.settings.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._recall()  # those that leave are counted there
        self._disarm()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in."""
        if self.transport.is_closing() or self._broken:
            return
        if self._part is not None:
            self._complete(data)
        elif self._held is not None:
            # The next request, before this one is answered: uvicorn keeps such in their order.
            self._recall()
            self._feed(data)
        elif not self._begin(data):
            self._feed(data)

    def _feed(self, data: bytes) -> None:
        """Let uvicorn have bytes, and see that headers stay within their bounds."""
        super().data_received(data)
        if self._in_headers and not self.transport.is_closing() and not self._broken:
            self._header_bytes += len(data)
            if self._header_bytes > self.settings.max_header_bytes:
                self._refuse("headers-too-large", self._too_large())
            elif self._timer is None:
                self._arm(self.settings.header_seconds)

    # The short way.

    def _begin(self, data: bytes) -> bool:
        """Hold `data` if it is, or begins, a request for the short way and nothing else is under way."""
        express = self.express
        if express is None or self._in_body or self.flow.write_paused:
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        head = read_head(data)
        if head is None or not express.wants(head):
            return False
        missing = head.size + head.length - len(data)
        if missing < 0:
            return False
        if missing:
            self._part = (head, data)
            self._part_timer = self.loop.call_later(PART_SECONDS, self._recall)
        elif not self._hold(express, head, data):
            return False
        self._unset_keepalive_if_required()
        self._disarm()
        return True

    def _hold(self, express: Express, head: Head, data: bytes) -> bool:
        held = Held(self, head, data)
        if not express.take(held):
            return False
        self._held = held
        return True

    def _complete(self, more: bytes) -> None:
        """More of a request of which a part is held."""
        assert self._part is not None
        assert self.express is not None
        head, part = self._part
        data = part + more
        missing = head.size + head.length - len(data)
        self._part = (head, data)
        if missing > 0:
            return
        self._forget_part()
        if missing < 0 or not self._hold(self.express, head, data):
            self._feed(data)

    def _forget_part(self) -> None:
        self._part = None
        if self._part_timer is not None:
            self._part_timer.cancel()
            self._part_timer = None

    def _recall(self) -> None:
        """Let uvicorn have what is held, if anything is."""
        if self._part is not None:
            _, data = self._part
            self._forget_part()
            self._feed(data)
        elif self._held is not None and self.express is not None:
            self.express.leave(self._held)
            self.go_the_long_way()

    def go_the_long_way(self) -> None:
        """Let uvicorn have the request that was held."""
        if self._held is not None:
            data, self._held = self._held.data, None
            self._feed(data)

    def is_closing(self) -> bool:
        """Whether nothing can be sent any more."""
        return self.transport.is_closing()

    def answer(self, answer: bytes) -> None:
        """Send the answer to the request that was held, and wait for the next one."""
        self._held = None
        self.server_state.total_requests += 1
        self.transport.write(answer)
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._idle)

    def _idle(self) -> None:
        """Close if nothing has come since the last short answer for as long as a connection is kept.

        A timer set once and looked at when it is over costs less than one set and cancelled for each request.
        """
        self._idle_timer = None
        under_way = self._in_body or self._timer is not None or self.timeout_keep_alive_task is not None
        if under_way or (self.cycle is not None and not self.cycle.response_complete):
            return  # uvicorn sees to the time after its answer
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left <= 0 and self._held is None and self._part is None:
            self.transport.close()
        else:
            self._idle_timer = self.loop.call_later(max(left, PART_SECONDS), self._idle)

    def shutdown(self) -> None:
        """End after what is under way."""
        self._recall()
        super().shutdown()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_headers = True
        self._in_body = True
        self._header_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The headers are there."""
        self._disarm()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.settings.max_header_bytes:
            self._refusal = ("headers-too-large", self._too_large())
            raise ValueError("headers too large")  # ends in send_400_response
        hosts = [value for name, value in self.headers if name == b"host"]
        missing = not hosts and self.parser.get_http_version() == "1.1"
        if missing or len(hosts) > 1 or not all(map(is_host, hosts)):
            self._refusal = ("bad-request", "An HTTP/1.1 request has one Host header, naming the service.")
            raise ValueError("no host")  # ends in send_400_response
        super().on_headers_complete()
        self._in_headers = False

    def on_message_complete(self) -> None:
        """The request is there, body included."""
        self._in_body = False
        if self._timer is not None and self.cycle.response_complete:
            self._disarm()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is sent: a body that is still coming is let run out, but not for ever."""
        super().on_response_complete()
        if self._in_body and not self.transport.is_closing() and not self._broken:
            if self.expect_100_continue:
                # The client may never send that body; what comes next could be either.
                self.transport.close()
            else:
                self._arm(self.settings.body_seconds)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        slug, detail = self._refusal or ("bad-request", "This is no HTTP request that can be understood.")
        self._refuse(slug, detail)

    def _too_large(self) -> str:
        return f"The headers have more than the {self.settings.max_header_bytes} bytes that are taken."

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
            self._refuse("too-slow", f"The headers had not arrived after {seconds:g} seconds.")
        else:
            self.transport.close()

    def _refuse(self, slug: str, detail: str) -> None:
        """Answer without the application, and close."""
        self._disarm()
        kind = PROBLEMS[slug]
        REFUSALS.labels(slug).inc()
        members = {"type": f"/docs#{slug}", "title": kind.title, "status": kind.status, "detail": detail}
        body = json.dumps({**members, "instance": ""}).encode()
        head = [
            f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}",
            f"content-type: {PROBLEM_TYPE}",
            f"content-length: {len(body)}",
            "connection: close",
        ]
        if kind.retry_after is not None:
            head.append(f"retry-after: {kind.retry_after}")
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._in_headers or not self._in_body or self.pipeline:
                # What is broken stands behind a request that is whole: that one still gets its answer.
                self._broken = True
                cycle.keep_alive = False
                return
            cycle.disconnected = True
            cycle.message_event.set()
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write("\r\n".join([*head, "", ""]).encode() + body)
        self.transport.close()
