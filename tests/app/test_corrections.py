"""`POST /corrections`: off unless a file is named, and what is kept can be learned from."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

from app.corrections import Corrections, CorrectionsError
from app.errors import Refusal
from app.main import Application, create_app
from app.settings import Settings
from tests.support import Digits, encoded

FOUR = [[[40, 0], [0, 60], [70, 60]], [[50, 30], [50, 100]]]


def with_client(use: Callable[[httpx.AsyncClient], Awaitable[None]], **settings: object) -> None:
    async def run() -> None:
        app: Application = create_app(Settings.read(**settings))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://digits") as client:
                await use(client)

    asyncio.run(run())


def rows_of(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT label, strokes, image FROM corrections ORDER BY id").fetchall()
    finally:
        connection.close()


def test_corrections_are_off_unless_a_file_is_named() -> None:
    async def use(client: httpx.AsyncClient) -> None:
        answer = await client.post("/corrections", json={"strokes": FOUR, "label": 4})
        assert answer.status_code == 404
        assert answer.json()["type"] == "/docs#corrections-off"
        assert (await client.get("/models")).json()["corrections"] is False

    with_client(use)


def test_drawings_and_images_are_kept_as_they_were_sent(tmp_path: Path, mnist: Digits) -> None:
    path = tmp_path / "corrections.db"
    image = encoded(mnist.images[4])

    async def use(client: httpx.AsyncClient) -> None:
        assert (await client.get("/models")).json()["corrections"] is True
        drawn = await client.post("/corrections", json={"strokes": FOUR, "label": 4})
        assert drawn.status_code == 201
        assert drawn.json() == {"id": 1, "label": 4}
        sent = await client.post("/corrections", files={"image": image}, data={"label": "4"})
        assert sent.json() == {"id": 2, "label": 4}

    with_client(use, corrections=path)
    (strokes, drawing), (_, file) = [(row[1], row) for row in rows_of(path)]
    assert isinstance(strokes, str)
    assert json.loads(strokes) == FOUR
    assert drawing[0] == 4
    assert file == (4, None, image)


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"strokes": FOUR}, "invalid-label"),
        ({"strokes": FOUR, "label": 10}, "invalid-label"),
        ({"strokes": FOUR, "label": "4"}, "invalid-label"),
        ({"strokes": FOUR, "label": True}, "invalid-label"),
        ({"strokes": [], "label": 4}, "no-ink"),
        ({"strokes": [["x"]], "label": 4}, "invalid-strokes"),
        ({"label": 4}, "invalid-strokes"),
    ],
)
def test_what_cannot_be_learned_from_is_not_kept(tmp_path: Path, body: object, slug: str) -> None:
    path = tmp_path / "corrections.db"

    async def use(client: httpx.AsyncClient) -> None:
        answer = await client.post("/corrections", json=body)
        assert answer.json()["type"] == f"/docs#{slug}"
        assert answer.status_code == 422

    with_client(use, corrections=path)
    assert rows_of(path) == []


def test_forms_that_cannot_be_learned_from_are_not_kept(tmp_path: Path, mnist: Digits) -> None:
    path = tmp_path / "corrections.db"
    image = encoded(mnist.images[4])
    blank = encoded(np.zeros((28, 28), np.uint8))

    async def use(client: httpx.AsyncClient) -> None:
        for files, data, status in (
            ({"image": image}, {}, 422),
            ({"image": image}, {"label": "x"}, 422),
            ({"image": image}, {"label": "44"}, 422),
            ({"picture": image}, {"label": "4"}, 422),
            ({"image": blank}, {"label": "4"}, 422),
            ({"image": b"no image"}, {"label": "4"}, 400),
        ):
            assert (await client.post("/corrections", files=files, data=data)).status_code == status

    with_client(use, corrections=path)
    assert rows_of(path) == []


def test_no_more_are_kept_than_wanted(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections.db", 2)
    assert corrections.keep_strokes(FOUR, 4) == 1
    assert corrections.keep_image(b"image", 4) == 2
    with pytest.raises(Refusal) as refused:
        corrections.keep_strokes(FOUR, 4)
    assert refused.value.slug == "corrections-full"
    assert len(rows_of(tmp_path / "corrections.db")) == 2


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 100)
    with pytest.raises(CorrectionsError, match=r"letter\.txt"):
        Corrections(path, 10)
    assert path.read_text().startswith("Dear reader")
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE corrections (x)")
    connection.close()
    with pytest.raises(CorrectionsError):
        Corrections(other, 10)
