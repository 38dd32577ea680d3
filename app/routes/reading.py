"""`POST /read`, `/read/strokes` and `/read/batch`: which number is it? `POST /forms`: which ones are they?"""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request

from app.batcher import ThreadRecogniser
from app.bodies import MANY_IMAGES, ONE_DRAWING, ONE_IMAGE, ONE_PAGE, DrawingDep, ImageDep, ImagesDep, PageDep
from app.dependencies import CallDep
from app.errors import Refusal
from app.models import Model
from app.predictions import of_page
from app.routes.predict import IMAGE, recognition
from app.schemas import Form, Problem, Reading, Readings
from app.service import Call
from model import reading
from model.documents import Page
from model.forms import read_form
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
    """The options of `reading.read_image`; those of `/predict` are refused (`Refusal`), not ignored."""
    if not {"include", "accept"}.isdisjoint(request.query_params):
        raise Refusal("invalid-parameter", "'include' and 'accept' are for single digits, not for readings.")
    return {"marks": marks, "pattern": pattern}


ExpectedDep = Annotated[dict[str, Any], Depends(get_expected)]

router = APIRouter(tags=["recognition"])


@router.post("/read", **recognition("A number in an image", ONE_IMAGE, *IMAGE))
async def read(call: CallDep, expected: ExpectedDep, image: ImageDep) -> Reading:
    """Read the number written in one image: a form's field `image`, the image itself as the body, or JSON."""
    read = partial(reading.read_image, image.data, limits=call.service.limits, **expected)
    return of_page(await _read(call, read), image)


@router.post("/read/strokes", **recognition("A number as a drawing", ONE_DRAWING, "invalid-strokes"))
async def read_strokes(call: CallDep, expected: ExpectedDep, drawing: DrawingDep) -> Reading:
    """Read the number drawn by pen strokes: lists of points, in any units, y down."""
    return await _read(call, partial(reading.read_strokes, drawing.strokes, **expected))


@router.post("/read/batch", **recognition("Numbers in many images", MANY_IMAGES, "missing-image"))
async def read_batch(call: CallDep, expected: ExpectedDep, images: ImagesDep) -> Readings:
    """Read the numbers in many images, each a form's field `image`; one bad image harms no other."""
    service, recogniser = call.service, call.service.for_threads(call.model)

    async def one(index: int, image: Page | InkError) -> Reading | Problem:
        try:
            if isinstance(image, InkError):
                raise image
            read = partial(reading.read_image, image.data, recogniser, limits=service.limits, **expected)
            return of_page(_answer(call.model, await service.reading.run(read)), image)
        except InkError as error:
            return service.problem_of(error, call.request, index)

    async def work() -> list[Reading | Problem]:
        return [await one(index, image) for index, image in enumerate(images)]

    return Readings(readings=await service.in_batch(call.request, len(images), work()))


@router.post("/forms", **recognition("A page of fields", ONE_PAGE, *IMAGE, "invalid-template"))
async def forms(call: CallDep, page: PageDep) -> Form:
    """Read the fields of a scanned or photographed page, as a template describes it.

    A page that cannot be fitted to the template has no fields, and `aligned` says why.
    """
    image, template = page
    read = partial(read_form, image.data, template, limits=call.service.limits)
    found = await call.service.read(call, read)
    return of_page(Form(**found.members(), model=call.model.name), image)


async def _read(call: Call, read: Callable[[ThreadRecogniser], reading.Reading]) -> Reading:
    return _answer(call.model, await call.service.read(call, read))


def _answer(model: Model, found: reading.Reading) -> Reading:
    """The API's form of a reading: the same members, without those that say nothing."""
    return Reading(**asdict(found, dict_factory=_said), model=model.name)


def _said(members: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in members if value is not None and (name != "lines" or value)}
