"""What an operator can see: Prometheus metrics, by route template and never by raw path.

Where several worker processes serve, prometheus-client adds them up by files in `PROMETHEUS_MULTIPROC_DIR`.
"""

import os
from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# The library does not type these two.
_disable_created_metrics: Callable[[], None] = disable_created_metrics
_collect_workers: Callable[[CollectorRegistry], object] = MultiProcessCollector

_disable_created_metrics()

REGISTRY = CollectorRegistry()

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SHORT = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)

REQUESTS = Counter(
    "digits_http_requests_total", "Requests answered.", ("route", "method", "status"), registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "digits_http_request_duration_seconds",
    "From the headers to the last byte of the answer.",
    ("route",),
    buckets=_SECONDS,
    registry=REGISTRY,
)
IN_FLIGHT = Gauge(
    "digits_http_requests_in_flight", "Requests in hand.", registry=REGISTRY, multiprocess_mode="livesum"
)
QUEUE_SECONDS = Histogram(
    "digits_queue_wait_seconds",
    "From the queue to the start of inference.",
    buckets=_SHORT,
    registry=REGISTRY,
)
BATCH_SIZE = Histogram(
    "digits_inference_batch_size",
    "Images that went through a network together.",
    buckets=(1, 2, 4, 8, 16, 32, 64),
    registry=REGISTRY,
)
INFERENCE_SECONDS = Histogram(
    "digits_inference_duration_seconds", "One batch through a network.", buckets=_SHORT, registry=REGISTRY
)
NORMALISE_SECONDS = Histogram(
    "digits_normalise_duration_seconds",
    "One image or drawing to the network's input, waiting for a thread included.",
    ("source",),
    buckets=_SECONDS,
    registry=REGISTRY,
)
PREDICTIONS = Counter("digits_predictions_total", "Answers, by digit.", ("model", "digit"), registry=REGISTRY)
NO_DIGIT = Counter(
    "digits_not_a_digit_total", "Answers that say it is no single digit.", ("model",), registry=REGISTRY
)
CONFIDENCE = Histogram(
    "digits_prediction_confidence",
    "Probability of the answered digit.",
    ("model",),
    buckets=(0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0),
    registry=REGISTRY,
)
REFUSALS = Counter("digits_refusals_total", "Requests and images refused.", ("reason",), registry=REGISTRY)
GONE = Counter("digits_clients_gone_total", "Clients that left before their answer.", registry=REGISTRY)
SWAPS = Counter("digits_model_swaps_total", "Reloads of the checkpoints.", ("outcome",), registry=REGISTRY)
for _outcome in ("done", "refused"):
    SWAPS.labels(_outcome)  # at 0 from the start, so that the first swap is a rise, which an alert can see
READY = Gauge(
    "digits_ready", "1 when recognitions are answered.", registry=REGISTRY, multiprocess_mode="livemin"
)
MODEL_INFO = Gauge(
    "digits_model_info",
    "1 for each model that is loaded.",
    ("model", "input_size", "digest", "engine", "device"),
    registry=REGISTRY,
    multiprocess_mode="livemax",
)


def render() -> bytes:
    """All metrics as Prometheus text, of all worker processes where there are several."""
    if MULTIPROCESS not in os.environ:
        return generate_latest(REGISTRY)
    workers = CollectorRegistry()
    _collect_workers(workers)
    return generate_latest(workers)
