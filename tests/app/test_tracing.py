"""Traces: off unless wanted; a span for each request, of its caller's trace, with nothing that was sent."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.main import create_app
from app.settings import Settings
from app.tracing import FLUSH_SECONDS, Traced, provider
from tests.support import running_server

pytestmark = pytest.mark.slow

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
DRAWING = {"strokes": [[[10, 10], [60, 10], [30, 90]]]}

PARENT = "00f067aa0ba902b7"


@contextmanager
def collector() -> Iterator[tuple[str, list[ResourceSpans]]]:
    """Someone who takes spans by OTLP over HTTP; gives its address, and the list of what has arrived."""
    arrived: list[ResourceSpans] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            assert self.headers["content-type"] == "application/x-protobuf"
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
            arrived.extend(sent.resource_spans)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests' output stays theirs."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", arrived
        finally:
            server.shutdown()
            thread.join()


def attributes_of(span: Span | ResourceSpans) -> dict[str, str | int]:
    found = span.attributes if isinstance(span, Span) else span.resource.attributes
    return {one.key: one.value.string_value or one.value.int_value for one in found}


def test_spans_arrive_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with collector() as (url, arrived):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "digits-in-a-test")
        with running_server(otel="true") as server:
            with httpx.Client(base_url=server.url) as client:
                sampled = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=1"}
                assert client.post("/predict/strokes", json=DRAWING, headers=sampled).status_code == 200
                client.post("/predict", files={"image": b"no image at all"})
                not_sampled = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
                client.post("/predict/strokes", json=DRAWING, headers=not_sampled)
            assert server.stop() == 0
    names = {attributes_of(one)["service.name"] for one in arrived}
    assert names == {"digits-in-a-test"}
    spans = [span for one in arrived for scope in one.scope_spans for span in scope.spans]
    drawn, broken = sorted(spans, key=lambda span: span.start_time_unix_nano)
    assert (drawn.name, drawn.kind) == ("POST /predict/strokes", Span.SPAN_KIND_SERVER)
    assert drawn.trace_id.hex() == TRACE
    assert drawn.parent_span_id.hex() == PARENT
    assert drawn.trace_state == "vendor=1"
    assert drawn.end_time_unix_nano > drawn.start_time_unix_nano
    assert attributes_of(drawn)["http.response.status_code"] == 200
    assert broken.name == "POST /predict"
    assert broken.parent_span_id == b""
    assert attributes_of(broken)["digits.refusal"] == "not-an-image"
    assert broken.status.code == Status.STATUS_CODE_UNSET


def test_a_collector_that_is_gone_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with collector() as (url, _):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    with running_server(otel="true") as server:
        assert httpx.post(f"{server.url}/predict/strokes", json=DRAWING).status_code == 200
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 3 * FLUSH_SECONDS


def test_an_answer_that_says_the_service_failed_marks_its_span() -> None:
    exporter = InMemorySpanExporter()
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(exporter))

    async def overloaded(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("later", 503)(scope, receive, send)

    async def run() -> None:
        transport = httpx.ASGITransport(Traced(overloaded, made))
        async with httpx.AsyncClient(transport=transport, base_url="http://digits") as client:
            await client.get("/readyz")

    asyncio.run(run())
    made.shutdown()
    (span,) = exporter.get_finished_spans()
    assert not span.status.is_ok
    assert (span.attributes or {})["error.type"] == "503"


def test_each_request_is_a_span_of_its_callers_trace() -> None:
    exporter = InMemorySpanExporter()
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(exporter))

    async def run() -> None:
        app = create_app(Settings.read())
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(Traced(app, made))
            async with httpx.AsyncClient(transport=transport, base_url="http://digits") as client:
                parent = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
                await client.post("/predict/strokes?model=lenet5", json=DRAWING, headers=parent)
                await client.post("/predict", files={"image": b"no image at all"})
                await client.get("/secret-path")

    asyncio.run(run())
    made.shutdown()
    drawn, broken, nothing = exporter.get_finished_spans()
    assert drawn.name == "POST /predict/strokes"
    assert drawn.context is not None
    assert f"{drawn.context.trace_id:032x}" == TRACE
    assert dict(drawn.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/predict/strokes",
    }
    assert (broken.attributes or {})["digits.refusal"] == "not-an-image"
    assert nothing.name == "GET"
    assert "secret" not in f"{nothing.to_json()}"


def test_spans_go_where_the_environment_says() -> None:
    made = provider()
    assert made.resource.attributes["service.name"] == "digits"
    made.shutdown()
