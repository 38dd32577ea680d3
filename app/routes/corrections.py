"""`POST /corrections`: what a drawing was meant to be, where the operator has switched it on."""

from starlette.requests import Request
from starlette.responses import Response

from app.errors import Refusal
from app.multipart import Part
from app.routes.direct import DirectRoute
from app.routes.documented import FILE, KEY_SCHEMES, form_of, json_body, problems
from app.routes.predict import bounded, countable, json_response, require_json
from app.schemas import Correction, Kept, correction
from app.service import Service
from app.uploads import MAX_FIELDS, form, media_type, only_image

PROBLEMS_TOLD = (
    "malformed-body",
    "not-an-image",
    "key-required",
    "corrections-off",
    "too-slow",
    "too-large",
    "unsupported-type",
    "no-ink",
    "invalid-strokes",
    "invalid-label",
    "missing-image",
    "several-images",
    "overloaded",
    "corrections-full",
)
BODY = {
    "required": True,
    "content": {
        **json_body(Correction)["content"],
        **form_of({"image": FILE, "label": {"type": "integer", "minimum": 0, "maximum": 9}}),
    },
}


def routes(service: Service) -> list[DirectRoute]:
    """The route, for `service`."""
    settings = service.settings

    async def correct(request: Request) -> Response:
        """Keep a drawing, or an image, with the digit that it was meant to be. Off unless configured."""
        store = service.corrections
        if store is None:
            raise Refusal(
                "corrections-off", "This service keeps no corrections: DIGITS_CORRECTIONS is not set."
            )
        decoder = service.decoder
        async with service.body(request) as body:
            with service.admission.take():
                # What cannot be recognised cannot be learned from: normalising tells which that is.
                if media_type(request) == "multipart/form-data":
                    parts = await decoder.with_bytes(len(body), lambda: form(request, body, MAX_FIELDS))
                    image, label = only_image(parts, "one is corrected at a time"), label_of(parts)
                    await decoder.image(image)
                    number = await decoder.in_thread(lambda: store.keep_image(image, label))
                else:
                    require_json(request)
                    told = correction(countable(body, settings))
                    strokes, label = told.strokes, told.label
                    bounded(strokes, settings)
                    await decoder.strokes(strokes)
                    number = await decoder.in_thread(lambda: store.keep_strokes(strokes, label))
        return json_response({"id": number, "label": label}, 201)

    return [
        DirectRoute(
            "/corrections",
            correct,
            methods=["POST"],
            status_code=201,
            response_model=Kept,
            responses=problems(PROBLEMS_TOLD),
            openapi_extra={"requestBody": BODY, "security": KEY_SCHEMES},
            summary="Keep a correction",
            tags=["corrections"],
        )
    ]


def label_of(parts: list[Part]) -> int:
    """The digit in the one field `label`.

    Raises:
        Refusal: it is no digit.
    """
    labels = [part.data for part in parts if part.name == "label"]
    if len(labels) != 1 or len(labels[0]) != 1 or not labels[0].isdigit():
        raise Refusal("invalid-label", "The field 'label' takes one digit, 0 to 9.")
    return int(labels[0])
