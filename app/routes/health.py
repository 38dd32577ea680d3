"""`GET /healthz`, `/readyz` and `/metrics`: for whoever keeps the service running; never locked or queued."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from app.dependencies import ServiceDep
from app.errors import Refusal, documented
from app.metrics import CONTENT_TYPE, render
from app.schemas import Alive, Ready

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="Alive?")
async def healthz() -> Alive:
    """Say that the process lives."""
    return Alive(status="alive")


@router.get("/readyz", summary="Ready?", responses=documented("not-ready"))
async def readyz(service: ServiceDep) -> Ready:
    """Say whether recognitions are answered: the models are loaded, and the inference thread lives."""
    reason = service.unavailable_reason()
    if reason is not None:
        raise Refusal("not-ready", reason)
    model = service.models.default
    engine = model.recogniser.engine
    return Ready(status="ready", model=model.name, engine=engine.name, device=engine.device)


@router.get("/metrics", summary="Metrics", response_class=PlainTextResponse)
async def metrics() -> PlainTextResponse:
    """Everything counted, as Prometheus text."""
    return PlainTextResponse(render(), media_type=CONTENT_TYPE)
