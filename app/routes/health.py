"""`GET /healthz`, `/readyz` and `/metrics`: for whoever keeps the service running; never locked or queued."""

from starlette.requests import Request
from starlette.responses import Response

from app.errors import Refusal
from app.metrics import CONTENT_TYPE, render
from app.routes.direct import DirectRoute
from app.routes.documented import problems
from app.routes.predict import json_response
from app.schemas import Alive, Ready
from app.service import Service


def routes(service: Service) -> list[DirectRoute]:
    """The routes, for `service`."""

    async def healthz(request: Request) -> Response:
        """Say that the process lives."""
        return json_response({"status": "alive"})

    async def readyz(request: Request) -> Response:
        """Say whether recognitions are answered: the models are loaded, and the inference thread lives."""
        ailment = service.ailment()
        if ailment is not None:
            raise Refusal("not-ready", ailment)
        models = service.models
        return json_response(
            {
                "status": "ready",
                "model": models.default.name,
                "engine": models.engine,
                "device": models.device,
            }
        )

    async def metrics(request: Request) -> Response:
        """Everything counted, as Prometheus text."""
        return Response(render(), media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})

    return [
        DirectRoute(
            "/healthz", healthz, methods=["GET"], response_model=Alive, summary="Alive?", tags=["operation"]
        ),
        DirectRoute(
            "/readyz",
            readyz,
            methods=["GET"],
            response_model=Ready,
            summary="Ready?",
            responses=problems(["not-ready"]),
            tags=["operation"],
        ),
        DirectRoute(
            "/metrics",
            metrics,
            methods=["GET"],
            responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
            summary="Metrics",
            tags=["operation"],
        ),
    ]
