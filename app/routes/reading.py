"""`POST /read`, `/read/strokes` and `/read/batch`: which number is it?"""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request

from app.batcher import ThreadRecogniser
from app.bodies import MANY_IMAGES, ONE_DRAWING, ONE_IMAGE, DrawingDep, ImageDep, ImagesDep
from app.dependencies import ModelDep, ServiceDep
from app.errors import Refusal, documented
from app.models import Model
from app.routes.predict import IMAGE, RECOGNITION
from app.schemas import Problem, Reading, Readings
from app.service import Service
from model import reading
from model.ink import InkError

_marks = Query(
    description="`ignore`: digits alone are read, and the confidence speaks of them, as of cheques."
)
_pattern = Query(
    max_length=200,
    description="What each number is expected to be, such as `dddd`, `d{4,6}`, `d+.dd` or `dd/dd/dddd`: "
    "`d` is a digit, `{n}`, `{n,m}`, `+`, `*` and `?` say how often. Only what fits is read.",
)


async def get_expected(
    request: Request,
    marks: Annotated[Literal["read", "ignore"], _marks] = "read",
    pattern: Annotated[str | None, _pattern] = None,
) -> dict[str, Any]:
    """What is expected of the numbers: the options of `reading.read_image`.

    Raises:
        Refusal: the query asks for what only `/predict` has, and would be left out in silence.
    """
    if not {"include", "accept"}.isdisjoint(request.query_params):
        raise Refusal("invalid-parameter", "'include' and 'accept' are for single digits, not for readings.")
    return {"marks": marks, "pattern": pattern}


ExpectedDep = Annotated[dict[str, Any], Depends(get_expected)]

router = APIRouter(tags=["recognition"])


@router.post(
    "/read",
    summary="A number in an image",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, *IMAGE),
    openapi_extra=ONE_IMAGE,
)
async def read(
    request: Request, service: ServiceDep, model: ModelDep, expected: ExpectedDep, image: ImageDep
) -> Reading:
    """Read the number written in one image: a form's field `image`, or the image itself as the body."""
    return await _read(
        request, service, model, partial(reading.read_image, image, limits=service.limits, **expected)
    )


@router.post(
    "/read/strokes",
    summary="A number as a drawing",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, "invalid-strokes"),
    openapi_extra=ONE_DRAWING,
)
async def read_strokes(
    request: Request, service: ServiceDep, model: ModelDep, expected: ExpectedDep, drawing: DrawingDep
) -> Reading:
    """Read the number drawn by pen strokes: lists of points, in any units, y down."""
    return await _read(request, service, model, partial(reading.read_strokes, drawing.strokes, **expected))


@router.post(
    "/read/batch",
    summary="Numbers in many images",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, "missing-image"),
    openapi_extra=MANY_IMAGES,
)
async def read_batch(
    request: Request, service: ServiceDep, model: ModelDep, expected: ExpectedDep, images: ImagesDep
) -> Readings:
    """Read the numbers in many images, each a form's field `image`; one bad image harms no other."""
    recogniser = _recogniser(service, model)

    async def one(index: int, image: bytes) -> Reading | Problem:
        read = partial(reading.read_image, image, recogniser, limits=service.limits, **expected)
        try:
            return _answer(model, await service.reading.run(read))
        except InkError as error:
            return service.problem_of(error, request, index)

    async def work() -> list[Reading | Problem]:
        return [await one(index, image) for index, image in enumerate(images)]

    return Readings(readings=await service.in_batch(request, len(images), work()))


async def _read(
    request: Request, service: Service, model: Model, read: Callable[[ThreadRecogniser], reading.Reading]
) -> Reading:
    recogniser = _recogniser(service, model)
    with service.admission.take():
        return _answer(model, await service.in_time(request, service.reading.run(lambda: read(recogniser))))


def _recogniser(service: Service, model: Model) -> ThreadRecogniser:
    return ThreadRecogniser(service.batcher, model.recogniser, service.settings.answer_seconds)


def _answer(model: Model, found: reading.Reading) -> Reading:
    """What the API says of a reading: the same members, those that say nothing left out."""
    return Reading(**asdict(found, dict_factory=_said), model=model.name)


def _said(members: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in members if value is not None and (name != "lines" or value)}
