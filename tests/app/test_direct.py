"""The shortcut to direct routes answers what the router answers."""

import asyncio
import json
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.main import create_app
from app.routes.direct import Shortcut
from app.settings import Settings


async def answer(app: ASGIApp, method: str, path: str) -> tuple[int, Any, str | None]:
    """Status, body and route of the answer to an empty request."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    told = json.loads(body) if b"json" in dict(sent[0]["headers"])[b"content-type"] else None
    return sent[0]["status"], told, getattr(scope.get("route"), "path", None)


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json"])
def test_the_shortcut_and_the_router_agree(path: str) -> None:
    app = create_app(Settings.read())
    shortcut = Shortcut(app.router, app.routes)

    async def both() -> None:
        assert await answer(shortcut, "GET", path) == await answer(app.router, "GET", path)

    asyncio.run(both())


def test_the_shortcut_takes_direct_routes_only() -> None:
    app = create_app(Settings.read())
    taken: list[str] = []

    async def router(scope: Scope, receive: Receive, send: Send) -> None:
        taken.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"x")]})

    shortcut = Shortcut(router, app.routes)

    async def ask() -> None:
        for method, path in (("POST", "/healthz"), ("GET", "/predict"), ("GET", "/models/lenet5/kernels")):
            await answer(shortcut, method, path)
        await answer(shortcut, "GET", "/healthz")

    asyncio.run(ask())
    assert taken == ["/healthz", "/predict", "/models/lenet5/kernels"]
