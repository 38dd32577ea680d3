"""`GET /models`: what can be asked for."""

from starlette.requests import Request
from starlette.responses import Response

from app.routes.direct import DirectRoute
from app.routes.documented import problems
from app.routes.predict import json_response
from app.schemas import ModelList
from app.service import Service


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

    return [
        DirectRoute(
            "/models",
            models,
            methods=["GET"],
            response_model=ModelList,
            responses=problems(["not-ready"]),
            summary="Models",
            tags=["models"],
        )
    ]
