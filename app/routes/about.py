"""Routes without a recognition: the page, the models, health and metrics; never locked or queued."""

from functools import cache
from hashlib import sha256
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import FileResponse, PlainTextResponse, Response

from app.dependencies import ServiceDep
from app.errors import Refusal, documented
from app.metrics import CONTENT_TYPE, render
from app.schemas import Alive, KernelSet, ModelList, Ready
from model.checkpoints.metadata import CHECKPOINTS, CheckpointError

STATIC = File(__file__).parents[1] / "static"

router = APIRouter()


def _send(path: str, file: File) -> None:
    router.add_api_route(path, lambda: FileResponse(file), include_in_schema=False)


for _path, _file in {
    "/": STATIC / "index.html",
    "/docs": STATIC / "docs.html",
    "/static/weights.safetensors": CHECKPOINTS / "lenet5.safetensors",  # lets the page answer by itself
    "/favicon.ico": STATIC / "favicon.svg",  # for browsers that do not ask the page which one it has
}.items():
    _send(_path, _file)


@cache
def _worker() -> str:
    """The service worker; a digest of the files it keeps names its cache, so each release has its own."""
    files = [*sorted(filter(File.is_file, STATIC.rglob("*"))), CHECKPOINTS / "lenet5.safetensors"]
    digest = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return (STATIC / "sw.js").read_text().replace("digits-1", f"digits-{digest[:16]}")


@router.get("/sw.js", include_in_schema=False)  # a browser lets it keep only what lies below its own path
def worker() -> Response:
    """Serve the service worker."""
    return Response(_worker(), media_type="text/javascript")


@router.get("/healthz", summary="Alive?", tags=["operation"])
async def healthz() -> Alive:
    """Say that the process lives."""
    return Alive(status="alive")


@router.get("/readyz", summary="Ready?", tags=["operation"], responses=documented("not-ready"))
async def readyz(service: ServiceDep) -> Ready:
    """Say whether recognitions are answered: the models are loaded, and the inference thread lives."""
    service.check_ready()
    model = service.models.default
    engine = model.recogniser.engine
    return Ready(status="ready", model=model.name, engine=engine.name, device=engine.device)


@router.get("/metrics", summary="Metrics", tags=["operation"], response_class=PlainTextResponse)
async def metrics() -> PlainTextResponse:
    """Everything counted, as Prometheus text."""
    return PlainTextResponse(render(), media_type=CONTENT_TYPE)


@router.get("/models", summary="Models", tags=["models"], responses=documented("not-ready"))
async def models(service: ServiceDep) -> ModelList:
    """List the models: input size, parameters, measured accuracy, calibration, digest."""
    default = service.models.default
    return ModelList(
        default=default.name,
        models=[model.card() for model in service.models.by_name.values()],
        engine=default.recogniser.engine.name,
        device=default.recogniser.engine.device,
        corrections=service.settings.corrections is not None,
        key_required=bool(service.settings.api_keys),
    )


@router.get(
    "/models/{name}/kernels",
    summary="Kernels",
    tags=["models"],
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
