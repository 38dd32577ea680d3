"""What the bodies of requests hold: FastAPI dependencies, and how the OpenAPI document describes them.

A path function cannot declare these bodies by type: an image comes in a form or as the body itself, and the
lists of a drawing are counted before they are read. So dependencies read them, after the API key was looked
at, and the document's `requestBody` is written down here.
"""

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.dependencies import service_of
from app.errors import Refusal
from app.pool import Strokes
from app.schemas import Correction, Drawing
from model.forms import Template, TemplateError

D = TypeVar("D", bound=Drawing)

MAX_FIELDS = 16
"""Fields of a form beside the images it may have: a page may add some of its own."""

SPARE = 100
"""Lists, and numbers, that a body may have beside its strokes: a client may send more than is asked."""

UNBOUNDED = 2**63 - 1
"""A limit of the form parser that `BodyMiddleware` has taken care of."""

IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif", "image/tiff")
_FILE = {"type": "string", "format": "binary"}
_LABEL = {"type": "integer", "minimum": 0, "maximum": 9}


def _form(**fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "multipart/form-data": {
            "schema": {"type": "object", "properties": fields, "required": list(fields)},
        }
    }


def _json(model: type[Drawing]) -> dict[str, Any]:
    return {"application/json": {"schema": model.model_json_schema()}}


def _described(content: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": content}}


ONE_IMAGE = _described(_form(image=_FILE) | {kind: {"schema": _FILE} for kind in IMAGE_TYPES})
MANY_IMAGES = _described(_form(image={"type": "array", "items": _FILE, "minItems": 1}))
ONE_PAGE = _described(_form(image=_FILE, template={"type": "string", "description": "JSON: a template."}))
ONE_DRAWING = _described(_json(Drawing))
ONE_CORRECTION = _described(_json(Correction) | _form(image=_FILE, label=_LABEL))
"""The `openapi_extra` of the path functions that take these bodies."""


async def read_image(request: Request) -> bytes:
    """Read one image: the form's field `image`, or the body itself when its type is `image/*`.

    Raises:
        Refusal: 415 for another type, 422 when no image or more than one is there, 400 for a broken form.
    """
    kind = media_type(request)
    if kind == "multipart/form-data":
        return _only_image(await read_form(request, MAX_FIELDS))
    if kind.startswith("image/"):
        return await request.body()
    raise Refusal(
        "unsupported-type",
        "Send the image as the field 'image' of a multipart/form-data body (curl -F image=@digit.png), "
        "or as the body itself with an image/* content type.",
    )


async def read_images(request: Request) -> list[bytes]:
    """Read the images of a batch: a form's fields `image`, in their order.

    Raises:
        Refusal: 415 for another type, 422 without an image, 413 for too many, 400 for a broken form.
    """
    service = service_of(request)
    service.batches.check()  # before the body is taken: it may be large
    most = service.settings.max_batch_images
    if media_type(request) != "multipart/form-data":
        raise Refusal("unsupported-type", "Send a multipart/form-data body with fields named 'image'.")
    images = [value for name, value in await read_form(request, most) if name == "image"]
    if not images:
        raise Refusal("missing-image", "The form has no field 'image'.")
    if len(images) > most:
        raise Refusal("too-large", f"The batch has more than {most} images.")
    return images


async def read_page(request: Request) -> tuple[bytes, Template]:
    """Read a page and its template: a form's fields `image` and `template`.

    Raises:
        Refusal: as for an image; 415 for another type; 422 for a template that is none, or is not there.
    """
    if media_type(request) != "multipart/form-data":
        raise Refusal(
            "unsupported-type", "Send a multipart/form-data body with the fields 'image' and 'template'."
        )
    form = await read_form(request, MAX_FIELDS)
    image, templates = _only_image(form), [value for name, value in form if name == "template"]
    if len(templates) != 1:
        raise Refusal("invalid-template", f"The form has {len(templates)} fields 'template'; it takes one.")
    try:
        return image, Template.read(templates[0])
    except TemplateError as error:
        raise Refusal("invalid-template", f"{error}.") from None


async def read_drawing(request: Request) -> Drawing:
    """Read a drawing from JSON.

    Raises:
        Refusal: 415 for another type, 400 and 422 for what is no drawing, 413 for too large a one.
    """
    return await _read_json(request, Drawing)


async def read_correction(request: Request) -> tuple[bytes | Strokes, int]:
    """Read a correction: an image and its label from a form, or strokes and their label from JSON.

    Raises:
        Refusal: as for an image and a drawing; 422 for a label that is not a digit.
    """
    if media_type(request) != "multipart/form-data":
        sent = await _read_json(request, Correction)
        return sent.strokes, sent.label
    form = await read_form(request, MAX_FIELDS)
    image = _only_image(form)
    labels = [value for name, value in form if name == "label"]
    if len(labels) != 1 or len(labels[0]) != 1 or not labels[0].isdigit():
        raise Refusal("invalid-label", "The field 'label' takes one digit, 0 to 9.")
    return image, int(labels[0])


ImageDep = Annotated[bytes, Depends(read_image)]
ImagesDep = Annotated[list[bytes], Depends(read_images)]
PageDep = Annotated[tuple[bytes, Template], Depends(read_page)]
DrawingDep = Annotated[Drawing, Depends(read_drawing)]
CorrectionDep = Annotated[tuple[bytes | Strokes, int], Depends(read_correction)]


def media_type(request: Request) -> str:
    """The content type that a request declares, without its parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


class _FormParser(MultiPartParser):
    """Starlette's parser, which keeps what is sent in memory, and tells a form that is cut short."""

    spool_max_size = UNBOUNDED
    complete = False

    def on_end(self) -> None:
        self.complete = True

    async def parse(self) -> FormData:
        form = await super().parse()
        if not self.complete:
            for file in self._files_to_close_on_error:
                file.close()
            raise MultiPartException("The multipart body is cut short.")
        return form


async def read_form(request: Request, most: int) -> list[tuple[str, bytes]]:
    """Read the fields of a form, in their order: at most `most` files, and some fields more.

    Raises:
        Refusal: 400 for a broken form, 413 for more fields.
    """
    # A client may send an image without a file name, which makes it text. Latin-1 has a character for each
    # byte, so that the bytes can be had back.
    headers = Headers({"content-type": f"{request.headers['content-type']}; charset=latin-1"})
    fields = most + MAX_FIELDS
    parser = _FormParser(
        headers, request.stream(), max_files=most, max_fields=fields, max_part_size=UNBOUNDED
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        slug = "too-large" if error.message.startswith("Too many") else "malformed-body"
        raise Refusal(slug, error.message) from None
    try:
        return [(name, await _bytes_of(value)) for name, value in form.multi_items()]
    finally:
        await form.close()


async def _bytes_of(value: UploadFile | str) -> bytes:
    return value.encode("latin-1") if isinstance(value, str) else await value.read()


def _only_image(form: list[tuple[str, bytes]]) -> bytes:
    images = [value for name, value in form if name == "image"]
    if not images:
        raise Refusal("missing-image", "The form has no field 'image'.")
    if len(images) > 1:
        raise Refusal("several-images", "The form has more than one 'image'; this call takes one at a time.")
    return images[0]


async def _read_json(request: Request, model: type[D]) -> D:
    kind = media_type(request)
    if kind != "application/json" and not kind.endswith("+json"):
        raise Refusal("unsupported-type", "Send JSON, with the content type application/json.")
    body = await request.body()
    settings = service_of(request).settings
    strokes, points = settings.max_strokes, settings.max_points
    # Counting takes a hundredth of the time, and none of the memory, that reading too much would take.
    lists = strokes + points + SPARE
    if body.count(b"[") > lists or body.count(b",") > lists + 2 * points:
        raise Refusal("too-large", f"The drawing has more than {strokes} strokes or {points} points.")
    drawing = model.read(body)
    if len(drawing.strokes) > strokes:
        raise Refusal("too-large", f"The drawing has more than {strokes} strokes.")
    if sum(map(len, drawing.strokes)) > points:
        raise Refusal("too-large", f"The drawing has more than {points} points.")
    return drawing
