"""The application in this process, and what its tests send."""

import asyncio
import re
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

JSON = {"content-type": "application/json"}


@asynccontextmanager
async def started(**settings: object) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """The service, and a client of its application, while its lifespan lasts."""
    app = create_app(Settings.read(**settings))
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


def read_all(connection: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    connection.settimeout(30)
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def in_flight(server: RunningServer) -> int:
    """How many requests the service has begun and not ended, the one that asks among them."""
    text = httpx.get(f"{server.url}/metrics").text
    found = re.search(r"^digits_http_requests_in_flight (\d+)", text, re.MULTILINE)
    assert found, text
    return int(found[1])
