"""`POST /predict`, `/predict/strokes` and `/predict/batch`: which digit is it?"""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BeforeValidator

from app.bodies import MANY_IMAGES, ONE_DRAWING, ONE_IMAGE, DrawingDep, ImageDep, ImagesDep
from app.dependencies import ModelDep, ServiceDep
from app.errors import documented
from app.schemas import Prediction, Predictions

INK = ("malformed-body", "unsupported-type", "too-slow", "too-large", "no-ink", "key-required", "overloaded")
IMAGE = ("not-an-image", "missing-image", "several-images")
RECOGNITION = (*INK, "unknown-model", "invalid-parameter", "not-ready")
"""The problems that whatever is sent may have, those of images beside them, and those of recognitions."""


def _words(values: list[str]) -> list[str]:
    return [word for value in values for word in value.split(",") if word]


_include = Query(description="What to add to the answer; may be repeated, or separated by commas.")
_accept = Query(ge=0, le=1, description="The `digit_score` from which it is a digit, instead of the model's.")
Accept = Annotated[float | None, _accept]
Include = Annotated[Sequence[Literal["input", "layers", "saliency"]], BeforeValidator(_words), _include]
IncludeInput = Annotated[Sequence[Literal["input"]], BeforeValidator(_words), _include]

router = APIRouter(tags=["recognition"])


@router.post(
    "/predict",
    summary="One image",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, *IMAGE),
    openapi_extra=ONE_IMAGE,
)
async def predict(
    request: Request,
    *,
    service: ServiceDep,
    model: ModelDep,
    image: ImageDep,
    accept: Accept = None,
    include: Include = (),
) -> Prediction:
    """Recognise the digit in one image: a form's field `image`, or the image itself as the body."""
    return await service.predict(request, model, image, accept, include)


@router.post(
    "/predict/strokes",
    summary="One drawing",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, "invalid-strokes"),
    openapi_extra=ONE_DRAWING,
)
async def predict_strokes(
    request: Request,
    *,
    service: ServiceDep,
    model: ModelDep,
    drawing: DrawingDep,
    accept: Accept = None,
    include: Include = (),
) -> Prediction:
    """Recognise the digit drawn by pen strokes: lists of points, in any units, y down."""
    return await service.predict(request, model, drawing.strokes, accept, include)


@router.post(
    "/predict/batch",
    summary="Many images",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, "missing-image"),
    openapi_extra=MANY_IMAGES,
)
async def predict_batch(
    request: Request,
    *,
    service: ServiceDep,
    model: ModelDep,
    images: ImagesDep,
    accept: Accept = None,
    include: IncludeInput = (),
) -> Predictions:
    """Recognise the digits in many images, each a form's field `image`; one bad image harms no other."""
    return Predictions(predictions=await service.predict_batch(request, model, images, accept, include))
