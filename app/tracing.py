"""Traces by OpenTelemetry: a span for each request, part of its caller's trace.

Needs the extra `otel`. Where the spans go, and under which name, the `OTEL_*` variables say, as OpenTelemetry
defines them: `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME` and so on.
"""

import os
import threading
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE = "digits"

FLUSH_SECONDS = 2.0
"""How long, at the end, the last spans may take to be sent; who takes them may be gone."""


class TracingError(Exception):
    """Traces are wanted and cannot be made; the message is one clear line."""


def provider() -> "TracerProvider":
    """What makes spans, and sends them from a thread of its own by OTLP over HTTP.

    Raises:
        TracingError: OpenTelemetry is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise TracingError(f"DIGITS_OTEL needs pip install -e '.[otel]' ({error})") from error
    name = os.environ.get("OTEL_SERVICE_NAME", SERVICE)
    made = TracerProvider(resource=Resource.create({"service.name": name}), shutdown_on_exit=False)
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return made


def finish(made: "TracerProvider") -> None:
    """Send what is left, for `FLUSH_SECONDS` at most: an exporter of its own accord tries much longer."""
    last = threading.Thread(target=made.shutdown, daemon=True)
    last.start()
    last.join(FLUSH_SECONDS)


class Traced:
    """Wraps each request in a span: its route, method and status, and nothing of what was sent.

    Args:
        app: What answers.
        made: What makes the spans.
    """

    def __init__(self, app: ASGIApp, made: "TracerProvider") -> None:
        from opentelemetry.trace import SpanKind, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._app = app
        self._tracer = made.get_tracer(SERVICE)
        self._kind = SpanKind.SERVER
        self._failed = StatusCode.ERROR
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope["method"]
        with self._tracer.start_as_current_span(
            method, context=self._propagator.extract(headers), kind=self._kind
        ) as span:

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status = message["status"]
                    span.set_attribute("http.response.status_code", status)
                    if status >= 500:
                        span.set_status(self._failed)
                        span.set_attribute("error.type", str(status))
                await send(message)

            span.set_attribute("http.request.method", method)
            try:
                await self._app(scope, receive, send_and_note)
            finally:
                route = getattr(scope.get("route"), "path", None)
                if route is not None:
                    span.set_attribute("http.route", route)
                    span.update_name(f"{method} {route}")
                if "refusal" in scope:
                    span.set_attribute("digits.refusal", scope["refusal"])
