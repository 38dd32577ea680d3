"""Traces: off unless wanted; a span for each request, of its caller's trace, with nothing that was sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app import tracing
from app.service import Service
from app.tracing import FLUSH_SECONDS
from tests.app.support import with_service
from tests.support import A_SEVEN, running_server

pytestmark = pytest.mark.slow

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
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
                assert client.post("/predict/strokes", json=A_SEVEN, headers=sampled).status_code == 200
                client.post("/predict", files={"image": b"no image at all"})
                not_sampled = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
                client.post("/predict/strokes", json=A_SEVEN, headers=not_sampled)
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
        assert httpx.post(f"{server.url}/predict/strokes", json=A_SEVEN).status_code == 200
        assert server.stop(10 * FLUSH_SECONDS) == 0


def test_a_span_tells_of_a_request_and_nothing_of_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "start", lambda: provider)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)

    async def use(service: Service, client: httpx.AsyncClient) -> None:
        await client.post("/predict", files={"image": ("name-of-a-file.png", b"no image at all")})
        service.drain()
        await client.get("/readyz")
        await client.get("/nowhere")

    with_service(use)
    assert exporter.get_finished_spans() == ()  # without the setting there are none
    with_service(use, otel=True)
    broken, unready, nothing = exporter.get_finished_spans()
    assert broken.name == "POST /predict"
    assert (broken.attributes or {})["http.route"] == "/predict"
    assert "name-of-a-file" not in broken.to_json()
    assert "no image" not in broken.to_json()
    assert (unready.attributes or {})["http.response.status_code"] == 503
    assert not unready.status.is_ok
    assert nothing.name == "GET"
