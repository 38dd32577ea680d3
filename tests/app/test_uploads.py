"""Large bodies are put together and taken apart off the event loop, small ones on it."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

import httpx
import numpy as np
import pytest
from starlette.requests import Request
from starlette.types import Message

from app.decoding import LARGE_BYTES, Decoder
from app.errors import Refusal
from app.main import create_app
from app.settings import Settings
from app.uploads import Body, HeldBytes
from tests.support import Digits, encoded

T = TypeVar("T")


class Watched(Decoder):
    """Counts what is given to its threads."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.given = 0

    async def in_thread(self, work: Callable[[], T]) -> T:
        self.given += 1
        return await super().in_thread(work)


@pytest.mark.parametrize(("size", "given"), [(LARGE_BYTES - 1, 0), (LARGE_BYTES, 1), (3 * LARGE_BYTES, 1)])
def test_a_large_body_is_put_together_on_a_thread(size: int, given: int) -> None:
    sent = np.random.default_rng(0).bytes(size)
    chunks = [sent[at : at + 65536] for at in range(0, size, 65536)]
    held, decoder = HeldBytes(size), Watched(Settings.read())

    async def receive() -> Message:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": len(chunks) > 0}

    async def read() -> None:
        async with Body(Request({"type": "http", "headers": []}, receive), size, 60, held, decoder) as body:
            assert body == sent
            assert held.now == size
        assert held.now == 0

    try:
        asyncio.run(read())
    finally:
        decoder.stop()
    assert decoder.given == given


def test_what_is_thrown_on_a_thread_is_thrown_to_whoever_waits() -> None:
    decoder = Decoder(Settings.read())

    def refuse() -> None:
        raise Refusal("malformed-body", threading.current_thread().name)

    try:
        for size, place in ((0, "MainThread"), (LARGE_BYTES, "decode_0")):
            with pytest.raises(Refusal) as refused:
                asyncio.run(decoder.with_bytes(size, refuse))
            assert refused.value.detail == place
    finally:
        decoder.stop()


def test_large_forms_are_answered_as_small_ones_are(mnist: Digits) -> None:
    digit = encoded(mnist.images[0])
    large = digit + bytes(LARGE_BYTES)  # what stands behind a picture is not looked at

    # Put together, taken apart; and large pictures of a batch are decoded on a thread.
    expected = {"/predict": 2, "/read": 2, "/predict/batch": 3}

    async def ask() -> None:
        app = create_app(Settings.read())
        decoder = app.service.decoder = Watched(Settings.read())
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://digits") as client:
                for path, on_threads in expected.items():
                    count = 3 if path.endswith("batch") else 1
                    small = await client.post(path, files=[("image", digit)] * count)
                    assert (small.status_code, decoder.given) == (200, 0), path
                    answer = await client.post(path, files=[("image", large)] * count)
                    assert (answer.json(), decoder.given) == (small.json(), on_threads), path
                    decoder.given = 0

    asyncio.run(ask())
