"""The fast path: the answers of the general application, and whatever it cannot answer left to that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from app.fastpath import FastPath
from app.main import create_app
from app.settings import Settings
from tests.app.support import JSON, Occupied
from tests.support import A_SEVEN, ROOT, encoded, mnist_test

PNG = {"content-type": "image/png"}
SEVEN = (ROOT / "docs" / "seven.png").read_bytes()
FIELD = encoded(mnist_test().images[0])

PLAIN: dict[str, dict[str, Any]] = {
    "a field in a form": {"url": "/predict", "files": {"image": ("digit.png", FIELD, "image/png")}},
    "a field as the body": {"url": "/predict", "content": FIELD, "headers": PNG},
    "strokes": {"url": "/predict/strokes", "json": A_SEVEN},
}
UNUSUAL: dict[str, dict[str, Any]] = {
    "a query": {"url": "/predict?include=input", "content": FIELD, "headers": PNG},
    "no image": {"url": "/predict", "content": b"nothing", "headers": PNG},
    "no ink": {"url": "/predict/strokes", "json": {"strokes": []}},
    "no number": {"url": "/predict/strokes", "content": b'{"strokes": [[[1, "x"]]]}', "headers": JSON},
    "broken JSON": {"url": "/predict/strokes", "content": b'{"strokes": [[[1, 2]', "headers": JSON},
    "another type": {"url": "/predict", "content": FIELD, "headers": {"content-type": "text/plain"}},
    "two images": {"url": "/predict", "files": [("image", ("a.png", FIELD)), ("image", ("b.png", FIELD))]},
    "a cut form": {
        "url": "/predict",
        "content": b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\n',
        "headers": {"content-type": "multipart/form-data; boundary=b"},
    },
    "another path": {"url": "/read", "content": SEVEN, "headers": PNG},
}


class Counting(FastAPI):
    """The general application, which counts what comes to it."""

    calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        await super().__call__(scope, receive, send)


@asynccontextmanager
async def both(**settings: object) -> AsyncIterator[tuple[Counting, httpx.AsyncClient, httpx.AsyncClient]]:
    """The general application, a client of it, and one of the fast path before it."""
    app = create_app(Settings.read(**settings))
    app.__class__ = Counting
    assert isinstance(app, Counting)
    async with app.router.lifespan_context(app):
        general = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://digits")
        fast = httpx.AsyncClient(transport=httpx.ASGITransport(FastPath(app)), base_url="http://digits")
        async with general, fast:
            yield app, general, fast


async def idle(app: FastAPI) -> None:
    """Wait until the inference thread is done with what came before."""
    service = app.state.service
    while service.batcher.answer_now(service.models.default.recogniser, []) is None:
        await asyncio.sleep(0)


def told(response: httpx.Response) -> tuple[int, set[str], dict[str, Any]]:
    """What an answer says; the length and the request's id differ from one to the next."""
    body = response.json()
    body.pop("request_id", None)
    for name, value in body.items():
        if name in ("confidence", "digit_score", "probabilities"):
            body[name] = pytest.approx(value, abs=1e-5)
    return response.status_code, set(response.headers) - {"vary"}, body


@pytest.mark.parametrize("request_of", [*PLAIN.values(), *UNUSUAL.values()], ids=[*PLAIN, *UNUSUAL])
def test_the_answer_is_that_of_the_general_application(request_of: dict[str, Any]) -> None:
    async def run() -> None:
        async with both() as (app, general, fast):
            expected = told(await general.post(**request_of))
            await idle(app)
            calls = app.calls
            found = await fast.post(**request_of)
            body = {name: value for name, value in found.json().items() if name != "request_id"}
            assert (found.status_code, set(found.headers) - {"vary"}, body) == expected
            assert (app.calls == calls) == (request_of in PLAIN.values())

    asyncio.run(run())


def test_requests_that_come_together_have_their_own_answers() -> None:
    images, labels = mnist_test().images[:48], mnist_test().labels[:48]

    async def run() -> None:
        async with both() as (app, _, fast):
            await idle(app)
            files = [encoded(image) for image in images]
            sent = [fast.post("/predict", content=file, headers=PNG) for file in files]
            drawings = [fast.post("/predict/strokes", json=A_SEVEN) for _ in range(8)]
            answers = [answer.json()["digit"] for answer in await asyncio.gather(*sent, *drawings)]
            assert sum(found == label for found, label in zip(answers, labels, strict=False)) >= 47
            assert answers[48:] == [7] * 8
            assert app.calls == 0

    asyncio.run(run())


@pytest.mark.parametrize("settings", [{"api_keys": "a-secret-key"}, {"access_log": "all"}], ids=str)
def test_what_needs_more_than_an_answer_goes_the_general_way(settings: dict[str, str]) -> None:
    async def run() -> None:
        async with both(**settings) as (app, _, fast):
            await fast.post("/predict", content=FIELD, headers=PNG)
            assert app.calls == 1

    asyncio.run(run())


def test_while_the_thread_computes_the_general_way_waits_for_it() -> None:
    async def run() -> None:
        async with both() as (app, _, fast):
            async with Occupied(app.state.service.batcher):
                answer = asyncio.create_task(fast.post("/predict", content=FIELD, headers=PNG))
                while not app.calls:
                    await asyncio.sleep(0)
            assert (await answer).json()["digit"] == mnist_test().labels[0]
            assert app.state.service.admission.in_hand == 0

    asyncio.run(run())
