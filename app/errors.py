"""Every problem that a request can meet, and the one shape in which it is answered (RFC 9457).

`PROBLEMS` is the whole list: the OpenAPI document, the page /docs and the tests read it, and an error that is
not in it is never sent. The code raises `Refusal`; what `model.ink` and FastAPI raise is translated here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from opentelemetry import trace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from model.documents import NoSuchPage
from model.ink import ImageTooLarge, InkError, InvalidStrokes, NoInk, UnsupportedFormat
from model.reading import BadPattern

PROBLEM_TYPE = "application/problem+json"
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer"}}


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem: HTTP status, title, what to do about it, seconds to wait before a retry."""

    status: int
    title: str
    advice: str
    retry_after: int | None = None


_Kind = ProblemKind
PROBLEMS: Mapping[str, ProblemKind] = {
    "malformed-body": _Kind(
        400, "The body cannot be read", "It is broken or cut short; let a library make it."
    ),
    "not-an-image": _Kind(400, "Not an image", "It is empty, cut short or none. Does a viewer open it?"),
    "bad-request": _Kind(400, "Bad request", "It breaks a rule of HTTP, or its page may not call here."),
    "key-required": _Kind(401, "A key is required", "Send `Authorization: Bearer KEY` or `X-API-Key: KEY`."),
    "not-found": _Kind(404, "Nothing here", "Compare the address with the calls on this page."),
    "unknown-model": _Kind(404, "No such model", "`GET /models` lists those that can be asked for."),
    "corrections-off": _Kind(404, "Corrections are not taken here", "`DIGITS_CORRECTIONS` switches them on."),
    "method-not-allowed": _Kind(405, "Method not allowed", "`Allow` names those that the address takes."),
    "too-slow": _Kind(408, "The request came too slowly", "Send a smaller image: 1,000 pixels a side do."),
    "too-large": _Kind(413, "Too large", "`detail` names the limit that the body, image or batch is over."),
    "unsupported-type": _Kind(415, "Unsupported type", "`detail` names what `Content-Type` may say."),
    "no-ink": _Kind(422, "Nothing is drawn", "It is blank, or nothing stands out from the background."),
    "invalid-strokes": _Kind(422, "Invalid strokes", "Strokes are lists of `[x, y]` or `[x, y, pressure]`."),
    "missing-image": _Kind(422, "No image was sent", "Name the form's field `image`."),
    "several-images": _Kind(422, "More than one image was sent", "`POST /predict/batch` takes many."),
    "invalid-parameter": _Kind(422, "Invalid parameter", "`detail` names the parameter and what it takes."),
    "invalid-template": _Kind(422, "Invalid template", "`detail` says what is wrong in the JSON `template`."),
    "invalid-label": _Kind(422, "Invalid label", "The label is the one digit that was meant, 0 to 9."),
    "headers-too-large": _Kind(431, "The headers are too large", "Send fewer; cookies are the usual cause."),
    "internal-error": _Kind(500, "Internal error", "A fault of the service: report its `request_id`."),
    "overloaded": _Kind(503, "Too much to do", "Send it again after the seconds of `Retry-After`.", 1),
    "not-ready": _Kind(503, "Not ready", "The service is starting or stopping. Try again shortly.", 5),
    "corrections-full": _Kind(503, "Corrections cannot be stored", "The operator must make room.", 60),
}


class Refusal(Exception):
    """A request that is not answered: `slug` names its kind in `PROBLEMS`, `detail` says what is wrong."""

    def __init__(self, slug: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.headers = dict(headers or {})


_INK_SLUGS: Mapping[type[InkError], str] = {
    ImageTooLarge: "too-large",
    UnsupportedFormat: "unsupported-type",
    NoInk: "no-ink",
    InvalidStrokes: "invalid-strokes",
    NoSuchPage: "invalid-parameter",
}


def refusal_of(error: Exception) -> Refusal:
    """Translate what `model` and the framework raise."""
    slug, detail = "internal-error", "The service failed on this request; the log says why."
    headers: Mapping[str, str] | None = None
    match error:
        case Refusal():
            return error
        case InkError():
            slugs = (slug for kind, slug in _INK_SLUGS.items() if isinstance(error, kind))
            slug, detail = next(slugs, "not-an-image"), str(error)
        case BadPattern():
            slug, detail = "invalid-parameter", f"'pattern': {error}."
        case RequestValidationError():
            first = error.errors()[0]
            name = next((part for part in first["loc"][1:] if isinstance(part, str)), "request")
            slug, detail = "invalid-parameter", f"'{name}': {first['msg']}."
        case HTTPException(status_code=404):
            slug, detail = "not-found", "There is nothing at this address; /docs lists what there is."
        case HTTPException(status_code=405):
            slug, headers = "method-not-allowed", error.headers or {}
            detail = f"This address takes {headers.get('Allow', 'something else')}."
        case HTTPException():
            slugs = (slug for slug, kind in PROBLEMS.items() if kind.status == error.status_code)
            slug, detail, headers = next(slugs, "bad-request"), str(error.detail), error.headers
    return Refusal(slug, detail, headers)


def problem(refusal: Refusal, scope: Scope) -> dict[str, Any]:
    """The members of the problem details object for `refusal` (RFC 9457, section 3.1)."""
    kind = PROBLEMS[refusal.slug]
    return {
        "type": f"/docs#{refusal.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": refusal.detail,
        "instance": scope.get("path", ""),
        **({"request_id": scope["request_id"]} if "request_id" in scope else {}),
        # The Open Inference Protocol's name for the detail: see app.platforms.
        **({"error": refusal.detail} if scope.get("path", "").startswith("/v2/") else {}),
    }


def problem_response(refusal: Refusal, scope: Scope) -> Response:
    """The response for `refusal`; its kind is noted in the scope, for metrics and log, and in the trace."""
    scope["refusal"] = refusal.slug
    trace.get_current_span().set_attribute("digits.refusal", refusal.slug)
    kind, headers = PROBLEMS[refusal.slug], dict(refusal.headers)
    if kind.retry_after is not None:
        headers["retry-after"] = str(kind.retry_after)
    return JSONResponse(problem(refusal, scope), kind.status, headers, media_type=PROBLEM_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Have `app` answer every error of these types in the one shape."""

    async def handler(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Starlette names the methods of one route only; GET includes HEAD: see RequestMiddleware.
            found = []
            for method, said in (("GET", "GET, HEAD"), ("POST", "POST")):
                scope = {**request.scope, "method": method}
                if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
                    found.append(said)
            error.headers = {"Allow": ", ".join(found)}
        return problem_response(refusal_of(error), request.scope)

    for kind in (Refusal, InkError, BadPattern, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handler)


def documented(*slugs: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems, one response for each status."""
    responses: dict[int | str, dict[str, Any]] = {}
    for slug in slugs:
        kind = PROBLEMS[slug]
        schema = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
        response = responses.setdefault(
            kind.status, {"description": kind.title, "content": {PROBLEM_TYPE: schema}}
        )
        example = problem(Refusal(slug, kind.advice), {"path": "/predict"})
        response["content"][PROBLEM_TYPE]["examples"][slug] = {"summary": kind.title, "value": example}
        if kind.retry_after is not None:
            response["headers"] = {"Retry-After": _RETRY_AFTER}
    return responses
