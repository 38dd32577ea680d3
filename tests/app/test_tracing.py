"""Traces: off unless wanted; a span for each request, of its caller's trace, with nothing that was sent."""

import asyncio

import httpx
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.main import create_app
from app.settings import Settings
from app.tracing import Traced, provider

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
DRAWING = {"strokes": [[[10, 10], [60, 10], [30, 90]]]}


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
