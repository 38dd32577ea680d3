"""Nothing that is sent gets a 5xx, a hang, or a piece of the process."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.schemas import Correction, Drawing
from tests.app.support import JSON
from tests.robustness.corpus import DRAWINGS, broken
from tests.support import Digits, RunningServer, cpu_seconds, resident_bytes

pytestmark = pytest.mark.slow

ALLOWED = (200, 400, 413, 415, 422)
MEBIBYTE = 1024 * 1024

HEADS = (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"RIFF")


def assert_told(answer: httpx.Response, name: str) -> None:
    assert answer.status_code in ALLOWED, (name, answer.text)
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json", name


def test_the_corpus_of_broken_images(client: httpx.Client, mnist: Digits) -> None:
    names = []
    for name, data in broken(mnist.images[0]):
        names.append(name)
        assert_told(client.post("/predict", files={"image": data}), name)
        assert_told(client.post("/read", content=data, headers={"content-type": "image/png"}), name)
    assert len(names) > 200
    bodies = [data for _, data in broken(mnist.images[0])][:200]
    together = client.post("/predict/batch", files=[("image", data) for data in bodies])
    assert together.status_code == 200
    assert len(together.json()["predictions"]) == 200
    assert client.get("/readyz").status_code == 200


def test_the_corpus_of_odd_drawings(client: httpx.Client) -> None:
    for body in DRAWINGS:
        for path in ("/predict/strokes", "/read/strokes"):
            assert_told(client.post(path, content=body, headers=JSON), repr(body[:80]))


@settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=400), st.sampled_from(HEADS))
def test_any_bytes_get_an_answer_or_a_reason(client: httpx.Client, tail: bytes, head: bytes) -> None:
    assert_told(client.post("/predict", files={"image": head + tail}), repr(head + tail))


def test_a_decompression_bomb_costs_next_to_nothing(
    server: RunningServer, client: httpx.Client, mnist: Digits
) -> None:
    bombs = [data for name, data in broken(mnist.images[0]) if "bomb" in name or "inflates" in name]
    for data in bombs:
        client.post("/predict", files={"image": data})
    before = resident_bytes(server.process.pid)
    cpu = cpu_seconds(server.process.pid)
    for _ in range(20):
        for data in bombs:
            assert client.post("/predict", files={"image": data}).status_code in (400, 413, 422)
    assert resident_bytes(server.process.pid) - before < 20 * MEBIBYTE
    assert (cpu_seconds(server.process.pid) - cpu) / (20 * len(bombs)) < 0.05


LONG = 10 * 1024 * 1024 - 100
LONG_DRAWINGS = [
    b'{"strokes":[[' + b"[1,2]," * (LONG // 6 - 4) + b"[1,2]]]}",
    b'{"strokes":[[' + b"[]," * (LONG // 3 - 9) + b"[]]]}",
    b'{"strokes":[' + b"[]," * (LONG // 3 - 9) + b"[]]}",
    b'{"strokes":[[' + b'["a"],' * (LONG // 6 - 9) + b"[1]]]}",
    b'{"strokes":[[[' + b"1," * (LONG // 2 - 20) + b"1]]]}",
    b'{"strokes":[[[1,2]]],"more":[' + b"{}," * (LONG // 3 - 20) + b"1]}",
]


def test_a_body_full_of_lists_is_counted_and_not_read(server: RunningServer, client: httpx.Client) -> None:
    cpu, before = cpu_seconds(server.process.pid), resident_bytes(server.process.pid)
    for body in LONG_DRAWINGS:
        for path in ("/predict/strokes", "/read/strokes"):
            answer = client.post(path, content=body, headers=JSON)
            assert (answer.status_code, answer.json()["type"]) == (413, "/docs#too-large")
    # What Python makes of such a list takes forty times its bytes, and seconds.
    assert (cpu_seconds(server.process.pid) - cpu) / (2 * len(LONG_DRAWINGS)) < 0.1
    assert resident_bytes(server.process.pid) - before < 60 * MEBIBYTE


def test_the_first_thing_wrong_with_a_drawing_is_the_only_one_looked_for() -> None:
    for kind in (Drawing, Correction):
        for bad in ('["a", 1]', "[]"):
            for strokes in (f"[[{bad}, {bad}]]", f"[[{bad}], [{bad}]]", '["a", "b"]'):
                with pytest.raises(ValidationError) as caught:
                    kind.model_validate_json(f'{{"strokes": {strokes}, "label": 7}}')
                assert caught.value.error_count() == 1


def test_a_drawing_of_the_most_strokes_and_points_is_read(client: httpx.Client) -> None:
    stroke = [[x, x * 7 % 20, 0.5] for x in range(20)]
    more = {"by": ["someone", {"at": [1, 2, 3]}]}
    answer = client.post("/predict/strokes", json={"strokes": [stroke] * 1000, **more})
    assert answer.status_code == 200
    answer = client.post("/predict/strokes", json={"strokes": [stroke] * 1000 + [[[1, 2]]], **more})
    assert (answer.status_code, answer.json()["detail"]) == (413, "The drawing has more than 1000 strokes.")
