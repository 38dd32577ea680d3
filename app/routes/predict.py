"""`POST /predict`, `/predict/strokes` and `/predict/batch`: what digit is it?"""

from functools import partial

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from app.decoding import Strokes
from app.errors import Refusal
from app.multipart import plain_images
from app.parameters import wishes_of
from app.routes.direct import DirectRoute
from app.routes.documented import (
    BATCH_WISHES,
    IMAGE_PROBLEMS,
    MANY_IMAGES,
    ONE_IMAGE,
    STROKES_PROBLEMS,
    WISHES,
    json_body,
    recognition,
)
from app.schemas import Drawing, Prediction, Predictions, drawing
from app.service import Service
from app.settings import Settings
from app.uploads import MAX_FIELDS, form, media_type, one_image


def json_response(content: object, status: int = 200) -> Response:
    """`content` as JSON, not to be stored by anyone on the way."""
    return Response(
        to_json(content),
        status_code=status,
        headers={"cache-control": "no-store"},
        media_type="application/json",
    )


def require_json(request: Request) -> None:
    """Refuse a body that says it is something else than JSON.

    Raises:
        Refusal: it does.
    """
    kind = media_type(request)
    if kind != "application/json" and not kind.endswith("+json"):
        raise Refusal("unsupported-type", "Send JSON, with the content type application/json.")


SPARE = 100
"""Lists, and numbers, that a body may have beside its strokes: a program may say more than it is asked."""


def routes(service: Service) -> list[DirectRoute]:
    """The routes, for `service`."""
    settings = service.settings

    async def predict(request: Request) -> Response:
        """Recognise the digit in one image: a form's field `image`, or the image itself as the body."""
        wishes = wishes_of(request)
        async with service.body(request) as body:
            image = await service.decoder.with_bytes(len(body), partial(one_image, request, body))
            return json_response(
                await service.predict(request, partial(service.decoder.image, image), wishes)
            )

    async def predict_strokes(request: Request) -> Response:
        """Recognise the digit drawn by pen strokes: lists of points, in any units, y down."""
        wishes = wishes_of(request)
        async with service.body(request) as body:
            strokes = strokes_of(request, body, settings)
            return json_response(
                await service.predict(request, partial(service.decoder.strokes, strokes), wishes)
            )

    async def predict_batch(request: Request) -> Response:
        """Recognise the digits in many images, each a form's field `image`; one bad image harms no other."""
        wishes = wishes_of(request)
        if wishes.layers or wishes.saliency:
            raise Refusal(
                "invalid-parameter", "'include=layers' and 'include=saliency' are for single images."
            )
        most = settings.max_batch_images
        async with service.body(request, settings.max_batch_bytes) as body:
            images = await service.decoder.with_bytes(len(body), partial(images_of, request, body, most))
            if not images:
                raise Refusal("missing-image", "The form has no field 'image'.")
            if len(images) > most:
                raise Refusal("too-large", f"The batch has more than {most} images.")
            return json_response({"predictions": await service.predict_batch(request, images, wishes)})

    return [
        recognition(
            "/predict",
            predict,
            "One image",
            answer=Prediction,
            parameters=WISHES,
            body=ONE_IMAGE,
            refusals=IMAGE_PROBLEMS,
        ),
        recognition(
            "/predict/strokes",
            predict_strokes,
            "One drawing",
            answer=Prediction,
            parameters=WISHES,
            body=json_body(Drawing),
            refusals=STROKES_PROBLEMS,
        ),
        recognition(
            "/predict/batch",
            predict_batch,
            "Many images",
            answer=Predictions,
            parameters=BATCH_WISHES,
            body=MANY_IMAGES,
            refusals=["missing-image"],
        ),
    ]


def images_of(request: Request, body: bytes, most: int) -> list[bytes]:
    """The images of a batch, which is to have `most` of them.

    Raises:
        Refusal: the body is no form, a broken one, or has far too many parts.
    """
    images = plain_images(request.headers.get("content-type", "").encode("latin-1"), body)
    if images is not None:
        return images
    too_many = f"The batch has more than {most} images, or {MAX_FIELDS} fields beside them."
    parts = form(request, body, most + MAX_FIELDS, too_many)
    return [part.data for part in parts if part.name == "image"]


def strokes_of(request: Request, body: bytes, settings: Settings) -> Strokes:
    """The strokes of a drawing in JSON, within the bounds.

    Raises:
        Refusal: the body is something else, or there are too many of them, or of their points.
    """
    require_json(request)
    return bounded(drawing(countable(body, settings)).strokes, settings)


def countable(body: bytes, settings: Settings) -> bytes:
    """`body` when it has no more lists and numbers in it than a drawing within the bounds has.

    Counting takes a hundredth of the time, and none of the memory, that reading would take to find that out.

    Raises:
        Refusal: it has more.
    """
    strokes, points = settings.max_strokes, settings.max_points
    lists = strokes + points + SPARE
    if body.count(b"[") > lists or body.count(b",") > lists + 2 * points:
        raise Refusal("too-large", f"The drawing has more than {strokes} strokes or {points} points.")
    return body


def bounded(strokes: Strokes, settings: Settings) -> Strokes:
    """`strokes` when they are within the bounds.

    Raises:
        Refusal: there are too many of them, or of their points.
    """
    if len(strokes) > settings.max_strokes:
        raise Refusal("too-large", f"The drawing has more than {settings.max_strokes} strokes.")
    if sum(map(len, strokes)) > settings.max_points:
        raise Refusal("too-large", f"The drawing has more than {settings.max_points} points.")
    return strokes
