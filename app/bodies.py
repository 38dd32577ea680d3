"""Read the bodies of requests: FastAPI dependencies, and what the OpenAPI document says about them.

A path function cannot declare these bodies by type: an image comes in a form or as the body itself, and the
lists of a drawing are counted before they are read. So dependencies read them, after the API key has been
checked, and the document's `requestBody` is written out here.
"""

from codecs import BOM_UTF8
from collections.abc import Iterable
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request
from pydantic import ValidationError
from pydantic_core import from_json
from starlette.datastructures import FormData, Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from app.dependencies import ServiceDep
from app.errors import Refusal
from app.pool import Strokes
from app.schemas import Correction, Drawing
from app.settings import Settings
from model.documents import Page, from_text
from model.forms import Template, TemplateError
from model.ink import InkError

D = TypeVar("D", bound=Drawing)

MAX_FIELDS = 16
"""How many fields a form may have beside its images: a page may add some of its own."""
SPARE = 100
"""How many lists and numbers a body may have beside its strokes: clients may send more than is asked."""
UNBOUNDED = 2**63 - 1
"""Switches off a limit of the form parser: `BodyMiddleware` has already bounded the body."""

IMAGE_TYPES = [f"image/{name}" for name in ("png", "jpeg", "webp", "bmp", "gif", "tiff", "avif", "heic")]
RAW_TYPES = ["application/pdf", "application/octet-stream", "application/x-image"]
IMAGE_TYPES += RAW_TYPES
PageNumber = Annotated[int, Query(ge=1, description="Which page, of a TIFF or PDF that has several.")]
_FILE = {"type": "string", "format": "binary"}
_LABEL = {"type": "integer", "minimum": 0, "maximum": 9}
_TEXT = {"type": "string", "contentEncoding": "base64", "description": "Base64, or a data URL."}
_FORM, _JSON = "multipart/form-data", "application/json"


def _object(**members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def _described(schemas: dict[str, dict[str, Any]]) -> dict[str, Any]:
    content = {kind: {"schema": schema} for kind, schema in schemas.items()}
    return {"requestBody": {"required": True, "content": content}}


ONE_IMAGE = _described(
    {_FORM: _object(image=_FILE), **dict.fromkeys(IMAGE_TYPES, _FILE), _JSON: _object(image=_TEXT)}
)
MANY_IMAGES = _described({_FORM: _object(image={"type": "array", "items": _FILE, "minItems": 1})})
ONE_PAGE = _described(
    {_FORM: _object(image=_FILE, template={"type": "string", "description": "JSON: a template."})}
)
ONE_DRAWING = _described({_JSON: Drawing.model_json_schema()})
ONE_CORRECTION = _described(
    {_JSON: Correction.model_json_schema(), _FORM: _object(image=_FILE, label=_LABEL)}
)
"""The `openapi_extra` of the path functions that take these bodies."""


async def read_image(request: Request, service: ServiceDep, page: PageNumber = 1) -> Page:
    """Read one image: the form's field `image`, the body itself, or base64 as JSON's member `image`.

    `Refusal` 415 for another type, 422 when no image or more than one is there, 400 for a broken form;
    `InkError` if the file cannot be opened.
    """
    kind = media_type(request)
    if kind == _FORM:
        data = _only_image(await read_form(request, MAX_FIELDS))
    elif kind.startswith("image/") or kind in RAW_TYPES:
        data = await request.body()
    elif is_json(kind):
        members = read_json(await request.body())
        image = members.get("image")
        if not isinstance(image, str):
            raise _missing(members, "text 'image'")
        data = from_text(image.encode("utf-8", "replace"))
    else:
        raise Refusal(
            "unsupported-type",
            "Send the image as the field 'image' of a multipart/form-data body (curl -F image=@digit.png), "
            'as the body itself with an image/* content type, or as JSON: {"image": base64 or data URL}.',
        )
    return (await service.open(data, page))[0]


async def read_images(request: Request, service: ServiceDep) -> list[Page | InkError]:
    """Read the images of a batch: a form's fields `image`, in their order, all pages of each.

    `Refusal` 415 for another type, 422 without an image, 413 for too many, 400 for a broken form.
    """
    service.batches.check()  # before the body is taken: it may be large
    most = service.settings.max_batch_images
    form = await read_form(request, most, "fields named 'image'")
    pages: list[Page | InkError] = []
    for data in form.get("image", ()):
        try:
            pages += await service.open(from_text(data))
        except InkError as error:
            pages.append(error)
        if len(pages) > most:
            raise Refusal("too-large", f"The batch has more than {most} images.")
    if not pages:
        raise _missing(form)
    return pages


def read_json(body: bytes, most: int = SPARE) -> dict[str, Any]:
    """Read a JSON object; `Refusal` 400 if it is not one, 413 if it has more than `most` values."""
    if body.count(b"[") + body.count(b"{") + body.count(b",") > most:
        raise Refusal("too-large", f"The JSON has more than {most} values.")
    try:
        members = from_json(body.removeprefix(BOM_UTF8))
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise Refusal("malformed-body", "The body is no JSON object.")
    return members


def _missing(names: Iterable[str], wanted: str = "field 'image'") -> Refusal:
    came = ", ".join(f"'{name[:40]}'" for name in names) or "nothing"
    return Refusal("missing-image", f"There is no {wanted}; what came is {came}.")


async def read_page(request: Request, service: ServiceDep, page: PageNumber = 1) -> tuple[Page, Template]:
    """Read a page and its template: a form's fields `image` and `template`.

    `Refusal` as for an image; 415 for another type; 422 for a template that is missing or invalid.
    """
    form = await read_form(request, MAX_FIELDS, "the fields 'image' and 'template'")
    image, templates = _only_image(form), form.get("template", [])
    if len(templates) != 1:
        raise Refusal("invalid-template", f"The form has {len(templates)} fields 'template'; it takes one.")
    try:
        return (await service.open(image, page))[0], Template.read(templates[0])
    except TemplateError as error:
        raise Refusal("invalid-template", f"{error}.") from None


async def read_drawing(request: Request, service: ServiceDep) -> Drawing:
    """Read a drawing; `Refusal` 415 for another type, 400 or 422 if it is no drawing, 413 if too large."""
    return await _read_json(request, service.settings, Drawing)


async def read_correction(request: Request, service: ServiceDep) -> tuple[bytes | Strokes, int]:
    """Read a correction: an image and its label from a form, or strokes and their label from JSON.

    `Refusal` as for an image and a drawing; 422 for a label that is not a digit.
    """
    _ = service.corrections  # refuses before the body is read if none are wanted
    if media_type(request) != _FORM:
        sent = await _read_json(request, service.settings, Correction)
        return sent.strokes, sent.label
    form = await read_form(request, MAX_FIELDS)
    image, label = _only_image(form), b"".join(form.get("label", ()))
    if len(label) != 1 or not label.isdigit():
        raise Refusal("invalid-label", "The field 'label' takes one digit, 0 to 9.")
    return image, int(label)


ImageDep = Annotated[Page, Depends(read_image)]
ImagesDep = Annotated[list[Page | InkError], Depends(read_images)]
PageDep = Annotated[tuple[Page, Template], Depends(read_page)]
DrawingDep = Annotated[Drawing, Depends(read_drawing)]
CorrectionDep = Annotated[tuple[bytes | Strokes, int], Depends(read_correction)]


def media_type(request: Request) -> str:
    """The content type that a request declares, without its parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_json(kind: str) -> bool:
    """Whether a content type is JSON's, or that of a format based on it (RFC 6839, section 3.1)."""
    return kind == _JSON or kind.endswith("+json")


class _FormParser(MultiPartParser):
    """Starlette's parser, but it keeps everything in memory and rejects a form that is cut short."""

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


async def read_form(request: Request, most: int, fields: str = "a field 'image'") -> dict[str, list[bytes]]:
    """Read a form: what was sent under each name, in order; at most `most` files, and a few more fields.

    `Refusal` 415 if it is not a form, 400 if it is broken, 413 if it has more.
    """
    if media_type(request) != _FORM:
        raise Refusal("unsupported-type", f"Send a multipart/form-data body with {fields}.")
    # A client may send an image without a file name, which makes it text. Latin-1 has a character for each
    # byte, so the bytes can be recovered.
    headers = Headers({"content-type": f"{request.headers['content-type']}; charset=latin-1"})
    bounds = {"max_files": most, "max_fields": most + MAX_FIELDS, "max_part_size": UNBOUNDED}
    try:
        form = await _FormParser(headers, request.stream(), **bounds).parse()
    except MultiPartException as error:
        slug = "too-large" if error.message.startswith("Too many") else "malformed-body"
        raise Refusal(slug, error.message) from None
    came: dict[str, list[bytes]] = {}
    for name, value in form.multi_items():
        data = value.encode("latin-1") if isinstance(value, str) else await value.read()
        came.setdefault(name, []).append(data)
    await form.close()
    return came


def _only_image(form: dict[str, list[bytes]]) -> bytes:
    images = form.get("image")
    if not images:
        raise _missing(form)
    if len(images) > 1:
        raise Refusal("several-images", "The form has more than one 'image'; this call takes one at a time.")
    return from_text(images[0])


async def _read_json(request: Request, settings: Settings, model: type[D]) -> D:
    if not is_json(media_type(request)):
        raise Refusal("unsupported-type", "Send JSON, with the content type application/json.")
    body = await request.body()
    strokes, points = settings.max_strokes, settings.max_points
    # Counting takes a hundredth of the time, and none of the memory, that reading too much would take.
    lists = strokes + points + SPARE
    if body.count(b"[") > lists or body.count(b",") > lists + 2 * points:
        raise Refusal("too-large", f"The drawing has more than {strokes} strokes or {points} points.")
    drawing = _drawing_of(body.removeprefix(BOM_UTF8), model)
    if len(drawing.strokes) > strokes:
        raise Refusal("too-large", f"The drawing has more than {strokes} strokes.")
    if sum(map(len, drawing.strokes)) > points:
        raise Refusal("too-large", f"The drawing has more than {points} points.")
    return drawing


def _drawing_of(body: bytes, model: type[D]) -> D:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "too_long":
        with suppress(TypeError, ValueError):
            drawing = from_json(body)
            strokes = [_points(*stroke) for stroke in drawing["strokes"]]
            return model.model_validate({**drawing, "strokes": strokes})
    if first["type"] == "json_invalid":
        raise Refusal("malformed-body", "The body is not JSON.")
    place = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in first["loc"]).lstrip(".")
    slug = "invalid-label" if place.startswith("label") else "invalid-strokes"
    label = ', "label": 7' if model is Correction else ""
    expected = f'Send {{"strokes": [[[x, y], ...], ...]{label}}}'
    raise Refusal(slug, f"{place or 'The body'}: {first['msg']}. {expected}.")


def _points(x: list[float], y: list[float], times: list[float] | None = None) -> list[list[float]]:
    """The points of a stroke sent as columns, as in Quick, Draw!; raises `TypeError` or `ValueError`."""
    return [[across, down] for across, down, _ in zip(x, y, times or y, strict=True)]
