"""What an operator can see: Prometheus metrics, by route template and never by raw path.

With several worker processes, prometheus-client adds them up through files in `PROMETHEUS_MULTIPROC_DIR`.
"""

import os
from collections.abc import Callable
from functools import partial

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# The library does not type these two.
_disable_created_metrics: Callable[[], None] = prometheus_client.disable_created_metrics
_collect_workers: Callable[[CollectorRegistry], object] = MultiProcessCollector
_disable_created_metrics()

REGISTRY = CollectorRegistry()

_counter = partial(Counter, registry=REGISTRY)
_gauge = partial(Gauge, registry=REGISTRY)
_histogram = partial(Histogram, registry=REGISTRY)

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SHORT = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
_COUNTS = (1, 2, 4, 8, 16, 32, 64)
_SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)

REQUESTS = _counter("digits_http_requests_total", "Requests answered.", ("route", "method", "status"))
REQUEST_SECONDS = _histogram(
    "digits_http_request_duration_seconds", "From the headers to the last byte.", ("route",), buckets=_SECONDS
)
IN_FLIGHT = _gauge("digits_http_requests_in_flight", "Requests in hand.", multiprocess_mode="livesum")
QUEUE_SECONDS = _histogram("digits_queue_wait_seconds", "Until inference starts.", buckets=_SHORT)
BATCH_SIZE = _histogram("digits_inference_batch_size", "Images answered together.", buckets=_COUNTS)
INFERENCE_SECONDS = _histogram("digits_inference_duration_seconds", "One batch.", buckets=_SHORT)
NORMALISE_SECONDS = _histogram(
    "digits_normalise_duration_seconds", "Until the network's input.", ("source",), buckets=_SECONDS
)
PREDICTIONS = _counter("digits_predictions_total", "Answers, by digit.", ("model", "digit"))
NO_DIGIT = _counter("digits_not_a_digit_total", "Answers that say it is no single digit.", ("model",))
CONFIDENCE = _histogram(
    "digits_prediction_confidence", "Probability of the answered digit.", ("model",), buckets=_SHARES
)
REFUSALS = _counter("digits_refusals_total", "Requests and images refused.", ("reason",))
GONE = _counter("digits_clients_gone_total", "Clients that left before their answer.")
SWAPS = _counter("digits_model_swaps_total", "Reloads of the checkpoints.", ("outcome",))
for _outcome in ("done", "refused"):
    SWAPS.labels(_outcome)  # at 0 from the start, so that the first swap is a rise, which an alert can see
READY = _gauge("digits_ready", "1 when recognitions are answered.", multiprocess_mode="livemin")
MODEL_INFO = _gauge(
    "digits_model_info",
    "1 for each model that is loaded.",
    ("model", "input_size", "digest", "engine", "device"),
    multiprocess_mode="livemax",
)


def render() -> bytes:
    """All metrics as Prometheus text, of all worker processes where there are several."""
    shown = REGISTRY
    if MULTIPROCESS in os.environ:
        _collect_workers(shown := CollectorRegistry())
    return prometheus_client.generate_latest(shown)
