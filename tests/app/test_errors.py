"""Every way to be refused has the one shape, the right status, and a detail that helps."""

import json
import zlib

import httpx
import numpy as np
import pytest

from app.errors import PROBLEMS
from tests.app.support import JSON, PNG
from tests.robustness.corpus import png
from tests.support import Digits, encoded


def assert_problem(response: httpx.Response, slug: str) -> None:
    assert response.headers["content-type"] == "application/problem+json", response.text
    told = response.json()
    assert set(told) == {"type", "title", "status", "detail", "instance", "request_id"}
    assert "Traceback" not in response.text
    assert ".py" not in told["detail"]
    assert told["type"] == f"/docs#{slug}", told
    assert response.status_code == told["status"] == PROBLEMS[slug].status
    assert told["title"] == PROBLEMS[slug].title
    assert len(told["detail"]) > 10
    assert told["instance"] == response.request.url.path
    assert told["request_id"] == response.headers["x-request-id"]
    if PROBLEMS[slug].retry_after is not None:
        assert int(response.headers["retry-after"]) >= 1


def test_the_frameworks_own_errors(client: httpx.Client) -> None:
    assert_problem(client.get("/nothing"), "not-found")
    assert_problem(client.get("/static/nothing.js"), "not-found")
    assert_problem(client.get("/static/../app/main.py"), "not-found")
    wrong_method = client.get("/predict")
    assert_problem(wrong_method, "method-not-allowed")
    assert wrong_method.headers["allow"] == "POST"
    assert_problem(client.delete("/models"), "method-not-allowed")
    assert set(client.put("/").headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    for path in ("/models", "/healthz"):
        refused = client.put(path)
        assert_problem(refused, "method-not-allowed")
        assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}
        assert client.head(path).status_code == 200


def test_a_parameter_that_is_there_twice_is_refused(client: httpx.Client, mnist: Digits) -> None:
    image = encoded(mnist.images[0])
    for path in ("/predict", "/predict/strokes", "/predict/batch"):
        for query in ("model=lenet5&model=lenet5-mnist", "accept=0.1&accept=0.9"):
            refused = client.post(f"{path}?{query}", files={"image": image})
            assert_problem(refused, "invalid-parameter")
            assert "more than once" in refused.json()["detail"]


def test_a_byte_order_mark_before_json_is_no_harm(client: httpx.Client) -> None:
    """As PowerShell and spreadsheets write it (RFC 8259, section 8.1)."""
    body = b'\xef\xbb\xbf{"strokes": [[[10, 10], [60, 10], [30, 90]]]}'
    for path in ("/predict/strokes", "/read/strokes"):
        assert client.post(path, content=body, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xe0", b"\0" * 5000]
)
def test_what_is_no_image(client: httpx.Client, data: bytes) -> None:
    assert_problem(client.post("/predict", files={"image": data}), "not-an-image")
    assert_problem(client.post("/predict", content=data, headers=PNG), "not-an-image")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_type(client: httpx.Client, mnist: Digits, kind: str) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M1 1L5 5"/></svg>'
    assert_problem(client.post("/predict", files={"image": svg}), "unsupported-type")
    headers = {"content-type": kind} if kind else {}
    answer = client.post("/predict", content=encoded(mnist.images[0]), headers=headers)
    assert_problem(answer, "unsupported-type")
    assert "curl -F image=@" in answer.json()["detail"]
    for path in ("/predict/batch", "/predict/strokes"):
        assert_problem(client.post(path, content=b"{}", headers=headers), "unsupported-type")


@pytest.mark.parametrize("value", [0, 255, 128])
def test_an_image_without_ink_is_never_given_a_digit(client: httpx.Client, value: int) -> None:
    for side in (28, 280):
        blank = encoded(np.full((side, side), value, np.uint8))
        assert_problem(client.post("/predict", files={"image": blank}), "no-ink")
    assert_problem(client.post("/predict/strokes", json={"strokes": []}), "no-ink")


def test_forms_that_are_not_right(client: httpx.Client, mnist: Digits) -> None:
    image = encoded(mnist.images[0])
    assert_problem(client.post("/predict", files={"picture": image}), "missing-image")
    assert_problem(client.post("/predict/batch", files={"picture": image}), "missing-image")
    assert_problem(client.post("/predict", files=[("image", image)] * 2), "several-images")
    assert_problem(client.post("/predict", files=[("other", b"")] * 40), "too-large")
    for kind, body in (
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=" + "x" * 100, b"x"),
        ("multipart/form-data; boundary=x", b"nothing of a form"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\nabc',
        ),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 50 + b"\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nA: " + b"b" * 9000 + b"\r\n\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b""),
    ):
        for path in ("/predict", "/predict/batch"):
            answer = client.post(path, content=body, headers={"content-type": kind})
            assert_problem(answer, "malformed-body")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"strokes": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"strokes": [[[NaN, 1]]]}',
        b'{"strokes": [[[0, 0], [5, 1e999]]]}',
        b'{"strokes": [[[0, 0], [5, 1' + b"0" * 400 + b"]]]}",
        b'{"strokes": [[[0, 0], [5, -Infinity]]]}',
    ],
)
def test_a_drawing_that_is_no_json(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/predict/strokes", content=body, headers=JSON)
    slugs = {400: "malformed-body", 413: "too-large", 422: "invalid-strokes"}
    assert_problem(answer, slugs[answer.status_code])


@pytest.mark.parametrize(
    "strokes",
    [None, 1, {}, [1], [[1, 2]], *([[p]] for p in ([1], [1] * 4, ["1", "2"], [True, False], [None, 1], []))],
)
def test_a_drawing_of_another_shape(client: httpx.Client, strokes: object) -> None:
    assert_problem(client.post("/predict/strokes", json={"strokes": strokes}), "invalid-strokes")
    bare = client.post("/predict/strokes", content=json.dumps(strokes), headers=JSON)
    assert_problem(bare, "invalid-strokes")


def test_a_drawing_of_too_many_points(client: httpx.Client) -> None:
    many_points = {"strokes": [[[i, i % 7] for i in range(20_001)]]}
    assert_problem(client.post("/predict/strokes", json=many_points), "too-large")


@pytest.mark.parametrize(
    "query", ["include=everything", "include=input,all", "accept=x", "accept=2", "accept=nan", "accept="]
)
def test_parameters_that_mean_nothing(client: httpx.Client, query: str) -> None:
    answer = client.post(f"/predict/strokes?{query}", json={"strokes": [[[0, 0], [9, 9]]]})
    assert_problem(answer, "invalid-parameter")


def test_a_model_that_is_not_there(client: httpx.Client, mnist: Digits) -> None:
    files = {"image": encoded(mnist.images[0])}
    for path in ("/predict?model=resnet", "/predict/batch?model=resnet", "/predict?model=../lenet5"):
        assert_problem(client.post(path, files=files), "unknown-model")
    assert_problem(client.get("/models/resnet/kernels"), "unknown-model")


@pytest.mark.parametrize("side", [20_000, 65_535, 2**31 - 1])
def test_an_image_that_would_fill_the_memory(client: httpx.Client, side: int) -> None:
    assert_problem(
        client.post("/predict", files={"image": png(side, side, zlib.compress(b"\0" * 1000))}), "too-large"
    )


def test_one_byte_over_the_limit(client: httpx.Client) -> None:
    limit = 10 * 1024 * 1024
    assert_problem(client.post("/predict", content=b"\0" * limit, headers=PNG), "not-an-image")
    assert_problem(client.post("/predict", content=b"\0" * (limit + 1), headers=PNG), "too-large")
    in_pieces = iter([b"\0" * 65536] * (limit // 65536) + [b"\0"])
    assert_problem(client.post("/predict", content=in_pieces, headers=PNG), "too-large")
    # The connection goes on: the rest of a refused body is let run out.
    assert client.get("/healthz").status_code == 200


def test_a_batch_with_too_many_images(client: httpx.Client, mnist: Digits) -> None:
    image = encoded(mnist.images[0])
    for count in (257, 273, 1000):
        refused = client.post("/predict/batch", files=[("image", image)] * count, data={"note": "mine"})
        assert_problem(refused, "too-large")
        assert "256" in refused.json()["detail"]
