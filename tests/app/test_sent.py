"""What people send beside plain images and points: each has its answer, or an error that says what to do."""

import gzip
import io
import struct
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from model.documents import MOST_PAGES
from tests.app.support import PNG
from tests.support import Digits, encoded


@pytest.fixture(scope="module")
def pictures(mnist: Digits) -> list[Image.Image]:
    """A 7, a 2 and a 1, large enough for every format."""
    return [Image.fromarray(255 - image).resize((224, 224)) for image in mnist.images[:3]]


@pytest.fixture(scope="module")
def seven(pictures: list[Image.Image]) -> bytes:
    return encoded(pictures[0])


def file_of(pictures: list[Image.Image], form: str, **options: object) -> bytes:
    file, (first, *others) = io.BytesIO(), [picture.copy() for picture in pictures]
    first.save(file, form, save_all=bool(others), append_images=others, **options)
    return file.getvalue()


def told(answer: httpx.Response) -> object:
    """The digit, or the kind of problem."""
    return answer.json().get("digit", answer.json().get("type", "").removeprefix("/docs#"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (lambda data: b64encode(data).decode(), 7),
        (lambda data: urlsafe_b64encode(data).decode().rstrip("="), 7),
        (lambda data: "\n".join(b64encode(data).decode()[at : at + 76] for at in range(0, 9999, 76)), 7),
        (lambda data: f"data:image/png;base64,{b64encode(data).decode()}", 7),
        (lambda data: "data:image/png,%89PNG", "not-an-image"),
        (lambda data: "C:\\digits\\seven.png", "not-an-image"),
        (lambda data: b64encode(data[: len(data) // 2]).decode(), "not-an-image"),
        (lambda data: "", "not-an-image"),
    ],
)
def test_an_image_as_text_in_json_and_in_forms(
    client: httpx.Client, seven: bytes, text: Callable[[bytes], str], expected: object
) -> None:
    sent = text(seven)
    assert told(client.post("/predict", json={"image": sent})) == expected
    assert told(client.post("/predict", files={"image": (None, sent)})) == expected
    assert told(client.post("/predict", files={"image": ("digit.txt", sent.encode())})) == expected
    (one,) = client.post("/predict/batch", files={"image": (None, sent)}).json()["predictions"]
    assert one.get("digit", one.get("type", "").removeprefix("/docs#")) == expected


@pytest.mark.parametrize(
    ("sent", "slug", "detail"),
    [
        ({"json": {"img": "x", "label": 7}}, "missing-image", "no text 'image'; what came is 'img', 'label'"),
        ({"json": {"image": [1, 2]}}, "missing-image", "no text 'image'; what came is 'image'"),
        ({"json": ["x"]}, "malformed-body", "no JSON object"),
        ({"json": {"image": [0] * 1000}}, "too-large", "more than 100 values"),
        ({"files": {"picture": b"x", "file": b"y"}}, "missing-image", "what came is 'picture', 'file'"),
        ({"files": {"image": b"%PDF-1.7 not really"}}, "not-an-image", "the PDF is broken"),
        ({"files": {"image": b"\0\0\0\x18ftypheic" + bytes(40)}}, "not-an-image", "HEIC image is broken"),
    ],
)
def test_what_is_not_there_or_cannot_be_opened_is_said(
    client: httpx.Client, sent: dict[str, Any], slug: str, detail: str
) -> None:
    answer = client.post("/predict", **sent)
    assert told(answer) == slug
    assert detail in answer.json()["detail"]


def test_bodies_compressed_by_gzip_are_taken_within_bounds(client: httpx.Client, seven: bytes) -> None:
    small = gzip.compress(seven)
    for coding, body, expected in (
        ("gzip", small, 7),
        ("x-gzip", small, 7),
        ("identity", seven, 7),
        ("gzip", seven, "malformed-body"),
        ("gzip", small[:-9], "malformed-body"),
        ("gzip", small + b"more", "malformed-body"),
        ("gzip", gzip.compress(bytes(11 * 1024 * 1024)), "too-large"),
        ("gzip", b"", "malformed-body"),
        ("br", small, "unsupported-type"),
        ("gzip, gzip", gzip.compress(small), "unsupported-type"),
    ):
        answer = client.post("/predict", content=body, headers={**PNG, "content-encoding": coding})
        assert told(answer) == expected, coding
        assert answer.headers.get("accept-encoding") == ("gzip" if expected == "unsupported-type" else None)
    form = httpx.Request("POST", "http://x", files=[("image", seven), ("image", seven)])
    headers = {"content-type": form.headers["content-type"], "content-encoding": "gzip"}
    answer = client.post("/predict/batch", content=gzip.compress(form.read()), headers=headers)
    assert [each["digit"] for each in answer.json()["predictions"]] == [7, 7]


def test_formats_of_cameras_and_browsers(client: httpx.Client, pictures: list[Image.Image]) -> None:
    heic = io.BytesIO()
    pillow_heif.from_pillow(pictures[0]).save(heic)
    for data, kind in ((file_of(pictures[:1], "AVIF"), "image/avif"), (heic.getvalue(), "image/heic")):
        assert told(client.post("/predict", content=data, headers={"content-type": kind})) == 7
        assert client.post("/read", files={"image": data}).json()["text"] == "7"


@pytest.mark.parametrize(
    ("form", "options"),
    [("TIFF", {}), ("TIFF", {"big_tiff": True}), ("TIFF", {"compression": "tiff_lzw"}), ("PDF", {})],
)
def test_pages(client: httpx.Client, pictures: list[Image.Image], form: str, options: dict[str, Any]) -> None:
    file = file_of(pictures, form, **options)
    for page, digit in ((1, 7), (2, 2), (3, 1)):
        answer = client.post(f"/predict?page={page}", files={"image": file}).json()
        assert (answer["digit"], answer["page"], answer["pages"]) == (digit, page, 3)
        assert client.post(f"/read?page={page}", files={"image": file}).json()["text"] == str(digit)
    for page in (0, 4):
        answer = client.post(f"/predict?page={page}", files={"image": file})
        assert told(answer) == "invalid-parameter"
    assert answer.json()["detail"] == "the file has 3 pages"
    files = [("image", encoded(pictures[1])), ("image", file), ("image", b"%PDF-")]
    *good, bad = client.post("/predict/batch", files=files).json()["predictions"]
    assert [(each["digit"], each.get("page")) for each in good] == [(2, None), (7, 1), (2, 2), (1, 3)]
    assert (bad["type"], bad["index"]) == ("/docs#not-an-image", 4)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame_is_answered_and_said(
    client: httpx.Client, pictures: list[Image.Image], form: str
) -> None:
    moving, still = (
        client.post("/predict", files={"image": file_of(pictures[:n], form)}).json() for n in (3, 1)
    )
    assert (moving["digit"], still["digit"]) == (7, 7)
    assert "first frame" in moving["note"]
    assert "note" not in still
    assert (
        told(client.post("/predict?page=2", files={"image": file_of(pictures, form)})) == "invalid-parameter"
    )


def test_directories_without_end_cost_nothing(client: httpx.Client) -> None:
    entries = struct.pack("<H", 3000) + b"\1\1\3\0\1\0\0\0\1\0\0\0" * 3000
    for directories, slug in (([8], "not-an-image"), (list(range(8, 8 + MOST_PAGES + 5)), "not-an-image")):
        following = b"".join(struct.pack("<I", at) for at in directories)
        start = time.perf_counter()
        file = b"II*\0" + struct.pack("<I", 8) + entries + following
        assert told(client.post("/predict", files={"image": file})) == slug
        assert time.perf_counter() - start < 2


def test_columns_of_numbers_are_told_from_points(client: httpx.Client) -> None:
    x, y = np.linspace(0, 100, 9).round().tolist(), [0.0] * 9
    down = np.linspace(100, 30, 9).round().tolist(), np.linspace(0, 150, 9).round().tolist()
    points = [[list(point) for point in zip(*stroke, strict=True)] for stroke in ((x, y), down)]
    wanted = client.post("/predict/strokes", json={"strokes": points}).json()
    assert wanted["digit"] == 7
    times = list(range(9))
    for strokes in ([[x, y], list(down)], [[x, y, times], [*down, times]]):
        assert client.post("/predict/strokes", json={"strokes": strokes}).json() == wanted
    for strokes in ([[x, y[:-1]]], [[x]], [[x, y, times, times]], [[x, ["0"] * 9]], [[x, y], [[1, 2], [3]]]):
        assert told(client.post("/predict/strokes", json={"strokes": strokes})) == "invalid-strokes"
