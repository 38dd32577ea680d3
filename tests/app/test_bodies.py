"""Bodies as they arrive: bounded in size, in time, and in the memory of all together; and what forms hold."""

import asyncio
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile

import httpx
import pytest

from app.service import Service
from tests.app.support import PNG, Occupied, until, with_service
from tests.support import Digits, encoded


class Sent:
    """A body that arrives in parts, and stops before the last one until it may go on."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.waits, self.goes_on = asyncio.Event(), asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts[:-1]:
            yield part
        self.waits.set()
        await self.goes_on.wait()
        yield self.parts[-1]


def test_what_all_bodies_hold_is_bounded_and_let_go_when_they_are_answered() -> None:
    async def use(_: Service, client: httpx.AsyncClient) -> None:
        body = Sent(b"x" * 600_000, b"x")
        first = asyncio.create_task(client.post("/predict", content=body, headers=PNG))
        await body.waits.wait()
        second = await client.post("/predict", content=b"x" * 500_000, headers=PNG)
        assert second.json()["type"] == "/docs#overloaded"
        assert second.headers["retry-after"]
        assert (await client.post("/predict", content=b"x" * 300_000, headers=PNG)).status_code == 400
        body.goes_on.set()
        assert (await first).status_code == 400
        assert (await client.post("/predict", content=b"x" * 900_000, headers=PNG)).status_code == 400

    with_service(use, max_held_bytes=1_000_000)


def test_a_body_of_no_declared_length_is_counted_as_it_arrives() -> None:
    async def use(_: Service, client: httpx.AsyncClient) -> None:
        body = Sent(*[b"x" * 1000] * 3, b"never asked for")
        answer = await client.post("/predict", content=body, headers=PNG)
        assert answer.json()["type"] == "/docs#too-large"
        assert not body.waits.is_set()
        for path, status in (("/predict", 413), ("/predict/batch", 415)):
            longer = await client.post(path, content=b"x" * 3000, headers=PNG)
            assert longer.status_code == status, path

    with_service(use, max_body_bytes=2048, max_batch_bytes=4096)


def test_a_body_that_stops_arriving_is_408() -> None:
    async def use(_: Service, client: httpx.AsyncClient) -> None:
        answer = await client.post("/predict", content=Sent(b"x", b"x"), headers=PNG)
        assert answer.json()["type"] == "/docs#too-slow"
        assert answer.headers["connection"] == "close"

    with_service(use, body_seconds=0.05)


def test_a_key_is_asked_for_before_the_body_is_taken() -> None:
    async def use(_: Service, client: httpx.AsyncClient) -> None:
        body = Sent(b"x", b"x")
        answer = await client.post("/predict", content=body, headers=PNG)
        assert (answer.status_code, body.waits.is_set()) == (401, False)

    with_service(use, api_keys="a-key-of-mine")


def test_a_batch_that_has_no_room_is_refused_before_its_body_is_taken(mnist: Digits) -> None:
    two = [("image", encoded(image)) for image in mnist.images[:2]]

    async def use(service: Service, client: httpx.AsyncClient) -> None:
        async with Occupied(service.batcher):
            first = asyncio.create_task(client.post("/predict/batch", files=two))
            await until(lambda: service.batches.in_hand == 2)
            body = Sent(b"x", b"x")
            answer = await client.post("/predict/batch", content=body, headers=PNG)
            assert (answer.json()["type"], body.waits.is_set()) == ("/docs#overloaded", False)
        assert (await first).status_code == 200

    with_service(use, queue_size=2)


def test_a_form_may_leave_the_file_name_out_and_have_other_fields(mnist: Digits) -> None:
    image = encoded(mnist.images[0])

    async def use(_: Service, client: httpx.AsyncClient) -> None:
        named = {"image": ("digit.png", image, "image/png")}
        expected = (await client.post("/predict", files=named)).json()
        for files in ({"image": (None, image)}, {"image": ("../../etc/passwd\0.exe", image, "text/html")}):
            answer = await client.post("/predict", files=files, data={"note": "mine", "label": "7"})
            assert answer.json() == expected
        batch = [("image", (None, image)), ("note", (None, b"mine")), ("image", ("b.png", image))]
        answers = (await client.post("/predict/batch", files=batch)).json()["predictions"]
        assert [answer["digit"] for answer in answers] == [7, 7]

    with_service(use)


def test_no_file_of_a_form_ever_touches_the_disk(mnist: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(SpooledTemporaryFile, "rollover")
    image = encoded(mnist.images[0])

    async def use(_: Service, client: httpx.AsyncClient) -> None:
        # What stands behind a picture's end is not looked at.
        files = [("image", image + bytes(3_000_000)), ("image", image)]
        answers = (await client.post("/predict/batch", files=files)).json()["predictions"]
        assert answers[0] == answers[1]

    with_service(use)
