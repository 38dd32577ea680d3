"""`GET /models`: what can be asked for, and what it looks for."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.dependencies import ServiceDep
from app.errors import Refusal, documented
from app.schemas import KernelSet, ModelList
from model.checkpoints.metadata import CheckpointError

router = APIRouter(prefix="/models", tags=["models"])


@router.get("", summary="Models", responses=documented("not-ready"))
async def models(service: ServiceDep) -> ModelList:
    """List the models: input size, parameters, measured accuracy, calibration, digest."""
    models = service.models
    return ModelList(
        default=models.default.name,
        models=[model.card() for model in models.by_name.values()],
        engine=models.default.recogniser.engine.name,
        device=models.default.recogniser.engine.device,
        corrections=service.settings.corrections is not None,
        key_required=bool(service.settings.api_keys),
    )


@router.get(
    "/{name}/kernels",
    summary="Kernels",
    response_model_exclude_unset=True,
    responses=documented("unknown-model", "not-found", "invalid-parameter", "not-ready"),
)
async def kernels(
    service: ServiceDep,
    name: Annotated[str, Path(max_length=200, description="The model's name, as `GET /models` tells it.")],
) -> KernelSet:
    """Show what a model's convolutions look for: the kernels of C1 and C3, and which maps they join."""
    model = service.models.get(name)
    try:
        return await service.decoding.run(model.kernels)
    except CheckpointError:
        detail = f"The weights of {model.name} are not here in a form that can be shown."
        raise Refusal("not-found", detail) from None
