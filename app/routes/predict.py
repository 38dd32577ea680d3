"""`POST /predict`, `/predict/strokes` and `/predict/batch`: which digit is it?"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BeforeValidator

from app.bodies import MANY_IMAGES, ONE_DRAWING, ONE_IMAGE, DrawingDep, ImageDep, ImagesDep
from app.dependencies import CallDep
from app.errors import documented
from app.predictions import of_page
from app.schemas import Prediction, Predictions

INK = ("malformed-body", "unsupported-type", "too-slow", "too-large", "no-ink", "key-required", "overloaded")
IMAGE = ("not-an-image", "missing-image", "several-images")
"""INK: the problems that any body may have. IMAGE: those that images may have beside them."""


def recognition(summary: str, body: dict[str, Any], *problems: str) -> dict[str, Any]:
    """FastAPI's arguments for a route that recognises: its `body`, and `problems` beyond the common ones."""
    known = documented(*INK, "unknown-model", "invalid-parameter", "not-ready", *problems)
    return {
        "summary": summary,
        "openapi_extra": body,
        "responses": known,
        "response_model_exclude_unset": True,
    }


def _words(values: list[str]) -> list[str]:
    return [word for value in values for word in value.split(",") if word]


_include = Query(description="What to add to the answer; may be repeated, or separated by commas.")
_accept = Query(ge=0, le=1, description="The `digit_score` from which it is a digit, instead of the model's.")
Accept = Annotated[float | None, _accept]
Include = Annotated[Sequence[Literal["input", "layers", "saliency"]], BeforeValidator(_words), _include]
IncludeInput = Annotated[Sequence[Literal["input"]], BeforeValidator(_words), _include]

router = APIRouter(tags=["recognition"])


@router.post("/predict", **recognition("One image", ONE_IMAGE, *IMAGE))
async def predict(call: CallDep, image: ImageDep, accept: Accept = None, include: Include = ()) -> Prediction:
    """Recognise the digit in one image: a form's field `image`, the image itself as the body, or JSON."""
    answer = await call.service.predict(call, image.data, accept, include)
    return of_page(answer, image)


@router.post("/predict/strokes", **recognition("One drawing", ONE_DRAWING, "invalid-strokes"))
async def predict_strokes(
    call: CallDep, drawing: DrawingDep, accept: Accept = None, include: Include = ()
) -> Prediction:
    """Recognise the digit drawn by pen strokes: lists of points, in any units, y down."""
    return await call.service.predict(call, drawing.strokes, accept, include)


@router.post("/predict/batch", **recognition("Many images", MANY_IMAGES, "missing-image"))
async def predict_batch(
    call: CallDep, images: ImagesDep, accept: Accept = None, include: IncludeInput = ()
) -> Predictions:
    """Recognise the digits in many images, each a form's field `image`; one bad image harms no other."""
    found = await call.service.predict_batch(call, images, accept, include)
    return Predictions(predictions=found)
