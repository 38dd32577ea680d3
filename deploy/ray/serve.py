"""The service on Ray Serve: `serve run deploy.ray.serve:app`, in the project's root.

Each replica builds the same application, with its own models, from the same `DIGITS_*` settings. Ray decides
where the service listens (`serve start --http-port`), how many replicas there are (`RAY_REPLICAS`, 2 by
default) and how they are replaced.
"""

import os

from fastapi import FastAPI
from ray import serve

from app import EXIT_DEAD
from app.main import create_app

REPLICAS = int(os.environ.get("RAY_REPLICAS", "2"))


def build() -> FastAPI:
    """The application of one replica. It ends with its inference thread, so that Ray starts another."""
    return create_app(on_death=lambda: os._exit(EXIT_DEAD))


app = serve.deployment(
    serve.ingress(build)(),
    name="digits",
    num_replicas=REPLICAS,
    ray_actor_options={"num_cpus": float(os.environ.get("RAY_CPUS", "1"))},
    # Recognitions queue inside a replica, where they are batched; Serve only bounds their number.
    max_ongoing_requests=128,
    health_check_period_s=2,
    health_check_timeout_s=10,
    graceful_shutdown_wait_loop_s=1,
    graceful_shutdown_timeout_s=20,
).bind()
