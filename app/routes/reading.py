"""`POST /read` and `/read/strokes`: which number is it?"""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request

from app.batcher import ThreadRecogniser
from app.bodies import ONE_DRAWING, ONE_IMAGE, DrawingDep, ImageDep
from app.dependencies import ModelDep, ServiceDep
from app.errors import Refusal, documented
from app.models import Model
from app.routes.predict import IMAGE, RECOGNITION
from app.schemas import Alternative, Line, ReadDigit, Reading
from app.service import Service
from model import reading


async def refuse_options_of_digits(request: Request) -> None:
    """Refuse what only `/predict` has, so that it is not left out in silence.

    Raises:
        Refusal: the query asks for it.
    """
    if not {"include", "accept"}.isdisjoint(request.query_params):
        raise Refusal("invalid-parameter", "'include' and 'accept' are for single digits, not for readings.")


router = APIRouter(tags=["recognition"], dependencies=[Depends(refuse_options_of_digits)])


@router.post(
    "/read",
    summary="A number in an image",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, *IMAGE),
    openapi_extra=ONE_IMAGE,
)
async def read(request: Request, service: ServiceDep, model: ModelDep, image: ImageDep) -> Reading:
    """Read the number written in one image: a form's field `image`, or the image itself as the body."""
    return await _read(request, service, model, partial(reading.read_image, image, limits=service.limits))


@router.post(
    "/read/strokes",
    summary="A number as a drawing",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, "invalid-strokes"),
    openapi_extra=ONE_DRAWING,
)
async def read_strokes(
    request: Request, service: ServiceDep, model: ModelDep, drawing: DrawingDep
) -> Reading:
    """Read the number drawn by pen strokes: lists of points, in any units, y down."""
    return await _read(request, service, model, partial(reading.read_strokes, drawing.strokes))


async def _read(
    request: Request, service: Service, model: Model, read: Callable[[ThreadRecogniser], reading.Reading]
) -> Reading:
    recogniser = ThreadRecogniser(service.batcher, model.recogniser, service.settings.answer_seconds)
    with service.admission.take():
        found = await service.in_time(request, service.reading.run(lambda: read(recogniser)))
    answer = Reading(**_members(found), model=model.name)
    if found.lines:
        answer.lines = [Line(**_members(line)) for line in found.lines]
    return answer


def _members(found: reading.Reading) -> dict[str, Any]:
    """What a line, and all lines together, have in common."""
    return {
        "text": found.text,
        "confidence": found.confidence,
        "digits": [
            ReadDigit(
                digit=each.digit,
                confidence=each.confidence,
                probabilities=list(each.probabilities),
                box=list(each.box),
            )
            for each in found.digits
        ],
        "alternatives": [
            Alternative(text=other.text, probability=other.probability) for other in found.alternatives
        ],
    }
