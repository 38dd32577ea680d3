"""The load: raw keep-alive connections on uvloop; each sends its next request once it has its answer."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop

TIMEOUT = 30.0
"""Seconds beyond the time of a round in which what is under way must end."""


class LoadError(Exception):
    """A contestant did not answer as it should."""


@dataclass
class Sent:
    """What one round saw: seconds of each answer, and of the round."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0


class _Round:
    """Clients at work until so much time has passed."""

    def __init__(self, requests: Sequence[bytes], clients: int, seconds: float) -> None:
        self.requests = requests
        self.error: LoadError | None = None
        self.sent = Sent()
        self.over = asyncio.get_running_loop().create_future()
        self._working = clients
        self._end = time.perf_counter() + seconds

    def answered(self, seconds: float) -> bool:
        """Note an answer; gives whether the client is to go on."""
        self.sent.latencies.append(seconds)
        return time.perf_counter() < self._end

    def left(self, error: Exception | None) -> None:
        """Note that a connection ended."""
        if error is not None:
            self.error = self.error or LoadError(str(error))
        self._working -= 1
        if self._working == 0 and not self.over.done():
            self.over.set_result(None)


class _Client(asyncio.Protocol):
    """One connection; it ends when its round does."""

    def __init__(self, round_: _Round, first: int) -> None:
        self._round = round_
        self._next = first
        self._buffer = b""
        self._whole = 0
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        requests = self._round.requests
        self._since = time.perf_counter()
        self._transport.write(requests[self._next % len(requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self._whole:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            if head[9:12] != b"200":
                self._round.error = self._round.error or LoadError(self._buffer[:300].decode("latin-1"))
                self._transport.close()
                return
            at = head.find(b"content-length:")
            self._whole = end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < self._whole:
            return
        self._buffer = b""
        self._whole = 0
        if self._round.answered(time.perf_counter() - self._since):
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._round.left(exc)


async def _drive(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> Sent:
    loop = asyncio.get_running_loop()
    round_ = _Round(requests, clients, seconds)
    start = time.perf_counter()
    async with asyncio.timeout(seconds + TIMEOUT):
        for number in range(clients):
            first = number * len(requests) // clients
            await loop.create_connection(partial(_Client, round_, first), "127.0.0.1", port)
        await round_.over
    round_.sent.seconds = time.perf_counter() - start
    if round_.error is not None:
        raise round_.error
    return round_.sent


def drive(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> Sent:
    """Send `requests`, over and over, from so many clients at once.

    Args:
        port: Of this machine.
        requests: Whole HTTP requests, head and body.
        clients: Connections, each with one request under way.
        seconds: After which no more are sent: each sends one at least.

    Raises:
        LoadError: an answer was not 200, or a connection broke.
        OSError: nobody listens.
        TimeoutError: answers were still missing long after that time.
    """
    # asyncio's own loop is the slower part
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(port, requests, clients, seconds))
