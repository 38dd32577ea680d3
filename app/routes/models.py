"""`GET /models`: what can be asked for, and what it looks for."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.errors import Refusal
from app.routes.direct import DirectRoute
from app.routes.documented import problems
from app.routes.predict import json_response
from app.schemas import KernelSet, ModelList
from app.service import Service
from model.checkpoints.metadata import CheckpointError

NAME: dict[str, Any] = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "The model's name, as `GET /models` tells it.",
    "schema": {"type": "string"},
}


def routes(service: Service) -> list[DirectRoute]:
    """The route, for `service`."""

    async def models(request: Request) -> Response:
        """List the models: input size, parameters, measured accuracy, calibration, digest."""
        models = service.models
        return json_response(
            {
                "default": models.default.name,
                "models": [model.describe() for model in models.by_name.values()],
                "engine": models.engine,
                "device": models.device,
                "corrections": service.settings.corrections is not None,
                "key_required": bool(service.settings.api_keys),
            }
        )

    async def kernels(request: Request) -> Response:
        """Show what a model's convolutions look for: the kernels of C1 and C3, and which maps they join."""
        model = service.models.get(request.path_params["name"])
        try:
            return json_response(await service.decoder.in_thread(model.kernels))
        except CheckpointError:
            detail = f"The weights of {model.name} are not here in a form that can be shown."
            raise Refusal("not-found", detail) from None

    return [
        DirectRoute(
            "/models",
            models,
            methods=["GET"],
            response_model=ModelList,
            responses=problems(["not-ready"]),
            summary="Models",
            tags=["models"],
        ),
        DirectRoute(
            "/models/{name}/kernels",
            kernels,
            methods=["GET"],
            response_model=KernelSet,
            responses=problems(["unknown-model", "not-found", "not-ready"]),
            openapi_extra={"parameters": [NAME]},
            summary="Kernels",
            tags=["models"],
        ),
    ]
