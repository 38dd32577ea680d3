"""Traces by OpenTelemetry: FastAPI makes a span for each request, part of its caller's trace.

Needs the extra `otel`. OpenTelemetry's `OTEL_*` variables say where spans go, and under which name:
`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME` and so on.
"""

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

FLUSH_SECONDS = 2.0
"""How long sending the last spans may take at shutdown: the collector may be gone."""


def start() -> "TracerProvider":
    """Start the provider that makes spans and, on its own thread, sends them by OTLP over HTTP."""
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
