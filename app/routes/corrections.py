"""`POST /corrections`: what a drawing was meant to be, where the operator has switched it on."""

from functools import partial

from fastapi import APIRouter

from app.bodies import ONE_CORRECTION, CorrectionDep
from app.dependencies import ServiceDep
from app.errors import documented
from app.routes.predict import IMAGE, INK
from app.schemas import Kept

PROBLEMS = (*INK, *IMAGE, "invalid-strokes", "invalid-label", "corrections-off", "corrections-full")

router = APIRouter(tags=["corrections"])


@router.post(
    "/corrections",
    status_code=201,
    summary="Keep a correction",
    responses=documented(*PROBLEMS),
    openapi_extra=ONE_CORRECTION,
)
async def correct(service: ServiceDep, correction: CorrectionDep) -> Kept:
    """Keep a drawing, or an image, with the digit that it was meant to be. Off unless configured."""
    sent, label = correction
    with service.admission.take():
        await service.ink(sent)  # what cannot be normalised cannot be learned from, and is refused here
        number = await service.decoding.run(partial(service.corrections.keep, sent, label))
    return Kept(id=number, label=label)
