"""`POST /read` and `/read/strokes`: which number is it?"""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.answering import Answering
from app.parameters import model_of
from app.routes.direct import DirectRoute
from app.routes.documented import IMAGE_PROBLEMS, MODEL, ONE_IMAGE, STROKES_PROBLEMS, json_body, recognition
from app.routes.predict import json_response, strokes_of
from app.schemas import Drawing, Reading
from app.service import Service
from app.uploads import one_image
from model import reading
from model.ink import Limits


def routes(service: Service) -> list[DirectRoute]:
    """The routes, for `service`."""
    settings = service.settings
    limits = Limits(pixels=settings.max_pixels)

    async def read(request: Request) -> Response:
        """Read the number written in one image: a form's field `image`, or the image itself as the body."""
        name = model_of(request)
        async with service.body(request) as body:
            look = partial(one_image, request, body, "numbers are read in one image at a time")
            image = await service.decoder.with_bytes(len(body), look)
            work = partial(reading.read_image, image, limits=limits)
            return await answer(request, name, work)

    async def read_strokes(request: Request) -> Response:
        """Read the number drawn by pen strokes: lists of points, in any units, y down."""
        name = model_of(request)
        async with service.body(request) as body:
            strokes = strokes_of(request, body, settings)
            return await answer(request, name, partial(reading.read_strokes, strokes))

    async def answer(
        request: Request, name: str | None, work: Callable[[Answering], reading.Reading]
    ) -> Response:
        model = service.models.get(name)
        network = Answering(service.batcher, model.recogniser, settings.answer_seconds)
        with service.admission.take():
            found = await service.in_time(request, service.decoder.in_reading_thread(lambda: work(network)))
        return json_response({**told(found), "model": model.name})

    return [
        recognition(
            "/read",
            read,
            "A number in an image",
            answer=Reading,
            parameters=[MODEL],
            body=ONE_IMAGE,
            refusals=IMAGE_PROBLEMS,
        ),
        recognition(
            "/read/strokes",
            read_strokes,
            "A number as a drawing",
            answer=Reading,
            parameters=[MODEL],
            body=json_body(Drawing),
            refusals=STROKES_PROBLEMS,
        ),
    ]


def told(found: reading.Reading) -> dict[str, Any]:
    """A reading as JSON takes it."""
    answer: dict[str, Any] = {
        "text": found.text,
        "confidence": found.confidence,
        "digits": [
            {
                "digit": each.digit,
                "confidence": each.confidence,
                "probabilities": list(each.probabilities),
                "box": list(each.box),
            }
            for each in found.digits
        ],
        "alternatives": [
            {"text": other.text, "probability": other.probability} for other in found.alternatives
        ],
    }
    if found.lines:
        answer["lines"] = [told(line) for line in found.lines]
    return answer
