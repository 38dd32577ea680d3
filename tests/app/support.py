"""The application in this process, bare connections to the service, and what is sent."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from threading import Event

import httpx

from app.batcher import Batcher
from app.main import create_app
from app.service import Service
from app.settings import Settings
from tests.support import RunningServer

JSON, PNG = {"content-type": "application/json"}, {"content-type": "image/png"}


@asynccontextmanager
async def started(
    on_death: Callable[[], None] = lambda: None, /, **settings: object
) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """The service, and a client of its application, while its lifespan lasts."""
    app = create_app(Settings.read(**settings), on_death)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://digits") as client:
            yield app.state.service, client


def with_service(use: Callable[[Service, httpx.AsyncClient], Awaitable[None]], **settings: object) -> None:
    """Run `use` with a service, and a client of its application."""

    async def run() -> None:
        async with started(**settings) as (service, client):
            await use(service, client)

    asyncio.run(run())


class Occupied:
    """Keeps the inference thread busy while the block lasts, and everyone else waiting."""

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self._held = Event()

    async def __aenter__(self) -> None:
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        def hold() -> None:
            loop.call_soon_threadsafe(begun.set)
            self._held.wait(30)

        self._task = asyncio.create_task(self._batcher.call(hold))
        await begun.wait()

    async def __aexit__(self, *_: object) -> None:
        self._held.set()
        await self._task


async def until(is_so: Callable[[], bool]) -> None:
    """Let everything else on the event loop go on until `is_so`."""
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0)


def connect(server: RunningServer) -> socket.socket:
    """A bare connection."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def read_all(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def head_of(path: str, kind: str, length: int) -> bytes:
    """The head of a request with a body."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Type: {kind}", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


def in_flight(server: RunningServer) -> int:
    """How many requests the service has in hand, beside the one that asks."""
    text = httpx.get(f"{server.url}/metrics", timeout=30).text
    (line,) = [line for line in text.splitlines() if line.startswith("digits_http_requests_in_flight")]
    return int(float(line.split()[1])) - 1
