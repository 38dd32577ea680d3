"""Health, readiness, the page's files, headers, keys, origins and metrics."""

import asyncio
import sys

import httpx
import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from app.main import create_app
from app.metrics import REGISTRY
from app.service import Service
from app.settings import Settings
from tests.app.support import Occupied, started, until, with_service
from tests.support import A_SEVEN, Digits, encoded


def test_alive_and_ready(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["model"] == "lenet5"
    assert ready["device"] == "cpu"
    assert ready["engine"] in ("torch", "onnx")


def test_not_ready_before_the_models_are_loaded() -> None:
    async def run() -> None:
        transport = httpx.ASGITransport(create_app(Settings.read()))
        async with httpx.AsyncClient(transport=transport, base_url="http://digits") as client:
            assert (await client.get("/healthz")).status_code == 200
            for answer in (
                await client.get("/readyz"),
                await client.get("/models"),
                await client.post("/predict/strokes", json=A_SEVEN),
            ):
                assert answer.status_code == 503
                assert answer.json()["type"] == "/docs#not-ready"
                assert int(answer.headers["retry-after"]) > 0

    asyncio.run(run())


def test_a_dead_inference_thread_means_not_ready_and_never_a_hang() -> None:
    died: list[bool] = []

    async def run() -> None:
        async with started(lambda: died.append(True)) as (service, client):
            assert (await client.get("/readyz")).status_code == 200
            waiting = asyncio.create_task(service.batcher.call(sys.exit))
            behind = asyncio.create_task(client.post("/predict/strokes", json=A_SEVEN))
            answers = await asyncio.wait_for(asyncio.gather(waiting, behind, return_exceptions=True), 20)
            assert isinstance(answers[0], Exception)
            assert isinstance(answers[1], httpx.Response)
            assert answers[1].status_code == 503
            assert (await client.get("/readyz")).json()["detail"] == "The inference thread is not running."
            later = await asyncio.wait_for(client.post("/predict/strokes", json=A_SEVEN), 20)
            assert (later.status_code, (await client.get("/healthz")).status_code) == (503, 200)
            await until(lambda: bool(died))

    asyncio.run(run())
    assert died == [True]


def test_a_full_queue_refuses_and_health_still_answers() -> None:
    async def use(service: Service, client: httpx.AsyncClient) -> None:
        async with Occupied(service.batcher):
            calls = [asyncio.create_task(client.post("/predict/strokes", json=A_SEVEN)) for _ in range(40)]
            await until(lambda: sum(call.done() for call in calls) == 40 - 16)
            for answer in [call.result() for call in calls if call.done()]:
                assert answer.status_code == 503
                assert answer.json()["type"] == "/docs#overloaded"
                assert int(answer.headers["retry-after"]) > 0
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 200
            assert b"digits_http_requests_in_flight" in (await client.get("/metrics")).content
        assert [(await call).status_code for call in calls].count(200) == 16
        assert service.admission.in_hand == 0

    with_service(use, queue_size=16)


def test_batches_leave_room_for_single_drawings_and_those_for_batches(mnist: Digits) -> None:
    four = [("image", encoded(image)) for image in mnist.images[:4]]

    async def use(service: Service, client: httpx.AsyncClient) -> None:
        async with Occupied(service.batcher):
            batches = [asyncio.create_task(client.post("/predict/batch", files=four)) for _ in range(2)]
            await until(lambda: any(batch.done() for batch in batches))
            singles = [asyncio.create_task(client.post("/predict/strokes", json=A_SEVEN)) for _ in range(5)]
            await until(lambda: any(single.done() for single in singles))
        assert sorted([(await call).status_code for call in batches]) == [200, 503]
        assert sorted([(await call).status_code for call in singles]) == [200] * 4 + [503]
        assert service.admission.in_hand == service.batches.in_hand == 0

    with_service(use, queue_size=4)


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    async def use(service: Service, client: httpx.AsyncClient) -> None:
        async with Occupied(service.batcher):
            answer = await client.post("/predict/strokes", json=A_SEVEN)
            assert answer.status_code == 503
            assert answer.json()["type"] == "/docs#overloaded"
            assert service.admission.in_hand == 0
        assert (await client.post("/predict/strokes", json=A_SEVEN)).status_code == 200

    with_service(use, answer_seconds=0.3)


def test_large_answers_are_compressed_for_those_who_can_read_them(client: httpx.Client) -> None:
    path = "/predict/strokes?include=layers"
    gzip, plain = {"accept-encoding": "gzip"}, {"accept-encoding": ""}
    small = client.post(path, json=A_SEVEN, headers=gzip)
    large = client.post(path, json=A_SEVEN, headers=plain)
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in large.headers
    assert small.json() == large.json()
    assert int(small.headers["content-length"]) * 2 < int(large.headers["content-length"])
    plain_answer = client.post("/predict/strokes", json=A_SEVEN, headers=gzip)
    assert "content-encoding" not in plain_answer.headers


def test_the_page_and_its_files(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert 'data-testid="pad"' in page.text
    again = client.get("/", headers={"if-none-match": page.headers["etag"]})
    assert again.status_code in (200, 304)
    assert client.head("/").content == b""
    assert client.head("/healthz").status_code == 200
    assert client.get("/docs").status_code == 200
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    assert client.get("/static/docs.js").headers["content-type"].startswith("text/javascript")


def test_browsers_are_told_what_they_may_not_do(client: httpx.Client) -> None:
    for path in ("/", "/docs", "/models", "/static/docs.css", "/nothing"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_the_page_within_another_site(mnist: Digits) -> None:
    async def use(_: Service, client: httpx.AsyncClient) -> None:
        page = await client.get("/some/digits/")
        policy = page.headers["content-security-policy"]
        assert policy.endswith("frame-ancestors https://a.example http://b.example:8080")
        assert "x-frame-options" not in page.headers
        assert page.status_code == (await client.get("/some/digits/static/js/main.js")).status_code == 200
        short = await client.get("/some/digits")
        assert (short.status_code, short.headers["location"]) == (307, "/some/digits/")
        assert (await client.get("/some/digitsmore")).status_code == 404
        image = {"image": encoded(mnist.images[0])}
        for path in ("/some/digits/predict", "/predict"):
            assert (await client.post(path, files=image)).json()["digit"] == 7
        assert (await client.get("/some/digits/openapi.json")).json()["servers"] == [{"url": "/some/digits"}]
        assert (await client.get("/healthz")).status_code == 200

    ancestors = "https://a.example, http://b.example:8080"
    with_service(use, frame_ancestors=ancestors, root_path="/some/digits")


def test_a_request_keeps_its_id_when_it_is_harmless(client: httpx.Client) -> None:
    assert (
        client.get("/healthz", headers={"x-request-id": "abc-1.2_3"}).headers["x-request-id"] == "abc-1.2_3"
    )
    for odd in ("a b", "x" * 65, "{}", "é"):
        ours = client.get("/healthz", headers={b"x-request-id": odd.encode()}).headers["x-request-id"]
        assert ours != odd
        assert len(ours) == 16


def test_keys_lock_the_recognition_calls_and_nothing_else(mnist: Digits) -> None:
    async def use(service: Service, client: httpx.AsyncClient) -> None:
        files = {"image": encoded(mnist.images[0])}
        for path in ("/", "/invocations", "/v2/models/lenet5/infer"):
            assert (await client.post(path, json={})).status_code == 401, path
        for path in ("/predict", "/predict/strokes", "/predict/batch", "/corrections"):
            refused = await client.post(path, content=b"x" * 100)
            assert refused.status_code == 401, path
            assert refused.json()["type"] == "/docs#key-required"
            assert refused.headers["www-authenticate"] == "Bearer"
        for key in ("first-key-1", "second-key-2"):
            for headers in ({"authorization": f"Bearer {key}"}, {"x-api-key": key}):
                answer = await client.post("/predict", files=files, headers=headers)
                assert answer.json()["digit"] == 7
        for wrong in ("first-key-1x", "", "first-key-1,second-key-2", "\xff"):
            header = {b"x-api-key": wrong.encode("latin-1")}
            answer = await client.post("/predict", files=files, headers=header)
            assert answer.status_code == 401
        pages = "/healthz", "/readyz", "/metrics", "/models", "/", "/docs", "/openapi.json"
        for path in (*pages, "/ping", "/v2", "/v2/health/ready"):
            assert (await client.get(path)).status_code == 200, path
        assert (await client.get("/models")).json()["key_required"] is True
        blank = await client.post("/predict", files=files, headers={b"x-api-key": b" first-key-1 "})
        assert blank.json()["digit"] == 7  # blanks round a value are no part of it (RFC 9110, section 5.5)
        found = samples((await client.get("/metrics")).text)
        for path in ("/predict", "/corrections"):
            labels = (("method", "POST"), ("route", path), ("status", "401"))
            assert found["digits_http_requests_total", labels] >= 1, path

    with_service(use, api_keys="first-key-1, second-key-2")


def test_other_origins_only_where_they_are_named() -> None:
    async def use(service: Service, client: httpx.AsyncClient) -> None:
        friend = {"origin": "https://friend.example"}
        answer = await client.get("/models", headers=friend)
        assert answer.headers["access-control-allow-origin"] == "https://friend.example"
        preflight = await client.options(
            "/predict", headers={**friend, "access-control-request-method": "POST"}
        )
        assert preflight.status_code == 200
        asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-odd"}
        for headers, wrong in (
            ({"origin": "https://stranger.example"}, "origin, headers"),
            (friend, "headers"),
        ):
            refused = await client.options("/predict", headers={**headers, **asked})
            assert refused.status_code == 400
            assert refused.headers["content-type"] == "application/problem+json"
            told = refused.json()
            assert told["type"] == "/docs#bad-request"
            assert told["instance"] == "/predict"
            assert told["request_id"] == refused.headers["x-request-id"]
            assert told["detail"].startswith(f"Disallowed CORS {wrong}: ")
            assert "origin" in refused.headers["vary"].lower()
            assert ("access-control-allow-origin" in refused.headers) == (headers is friend)
        stranger = await client.get("/models", headers={"origin": "https://stranger.example"})
        assert "access-control-allow-origin" not in stranger.headers

    with_service(use, cors_origins="https://friend.example")


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_count_by_route_and_never_by_path(client: httpx.Client) -> None:
    route = (("method", "POST"), ("route", "/predict/strokes"), ("status", "200"))
    name = ("digits_http_requests_total", route)
    before = samples(client.get("/metrics").text)
    for _ in range(3):
        client.post("/predict/strokes", json=A_SEVEN)
    client.get("/secret-path-of-a-client")
    client.get("/models/somebody/kernels")
    text = client.get("/metrics").text
    after = samples(text)
    assert after[name] == before.get(name, 0) + 3
    assert "secret-path" not in text
    assert "somebody" not in text
    digit = ("digits_predictions_total", (("digit", "7"), ("model", "lenet5")))
    assert after[digit] >= before.get(digit, 0) + 3
    refused = ("digits_refusals_total", (("reason", "unknown-model"),))
    assert after[refused] >= before.get(refused, 0) + 1
    told = {family.name for family in text_string_to_metric_families(text)}
    assert told >= {metric.name for metric in REGISTRY.collect()}


def test_models_are_described(client: httpx.Client) -> None:
    told = client.get("/models").json()
    assert told["default"] == "lenet5"
    assert told["corrections"] is False
    assert told["key_required"] is False
    default = told["models"][0]
    assert [default[name] for name in ("name", "input_size", "parameters")] == ["lenet5", 28, 61_706]
    assert 0.99 < default["accuracy"] <= 1
    assert default["calibration"]["temperature"] > 0
    assert len(default["digest"]) == 64
    again = {model["architecture"]: model["second_look"] for model in told["models"]}
    assert again["lenet5"] == again["lenet5-mnist"] == 0.97
    assert again["lenet5-1998"] is again["lenet5-relu"] is None
    pooling = {model["architecture"]: model["pooling"] for model in told["models"]}
    assert pooling["lenet5"] == "max"
    assert pooling["lenet5-average"] == "average"
    assert pooling["lenet5-1998"] == "trainable subsampling"


def test_the_kernels_of_every_model_can_be_shown(client: httpx.Client) -> None:
    for model in client.get("/models").json()["models"]:
        told = client.get(f"/models/{model['name']}/kernels").json()
        assert told["C1"]["shape"] == [6, 1, 5, 5]
        assert len(told["C1"]["values"]) == 150
        assert told["C3"]["shape"] == [16, 6, 5, 5]
        assert len(told["C3"]["values"]) == 16 * 6 * 25
        links = sum(len(row) for row in told["C3"]["connections"])
        assert links == (60 if model["architecture"] in ("lenet5-1998", "lenet5-tanh") else 96)
        for target, row in enumerate(told["C3"]["connections"]):
            values = np.array(told["C3"]["values"]).reshape(16, 6, 25)[target]
            assert set(np.flatnonzero(values.any(axis=1))) == set(row)
        assert ("F6targets" in told) == (model["architecture"] == "lenet5-1998")
