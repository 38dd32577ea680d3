"""Traces by OpenTelemetry: FastAPI makes a span for each request, part of its caller's trace.

Needs the extra `otel`. Where spans go, and under which name, the `OTEL_*` variables of OpenTelemetry say:
`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME` and so on.
"""

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

FLUSH_SECONDS = 2.0
"""How long, at the end, the last spans may take to be sent: the collector may be gone."""


def start() -> "TracerProvider":
    """Start what makes spans and sends them, from a thread of its own, by OTLP over HTTP."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", "digits")
    provider = TracerProvider(resource=Resource.create({"service.name": name}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def stop(provider: "TracerProvider") -> None:
    """Send the last spans, for `FLUSH_SECONDS` at most: an exporter by itself tries much longer."""
    last = threading.Thread(target=provider.shutdown, daemon=True)
    last.start()
    last.join(FLUSH_SECONDS)
