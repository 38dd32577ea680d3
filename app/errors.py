"""Every way a request can be refused, and the one shape in which a refusal is told (RFC 9457).

    Refusal                      status, slug, title of an entry of PROBLEMS; the detail is its own
    └── ClientGone               nobody is left to be told: nothing is sent

`PROBLEMS` is the whole list: the OpenAPI document and the tests read it, and nothing outside it is sent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from model.ink import ImageTooLarge, InkError, InvalidStrokes, NoInk, NotAnImage, UnsupportedFormat

PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status, its title, and how many seconds to wait before a retry."""

    status: int
    title: str
    retry_after: int | None = None


PROBLEMS: Mapping[str, Kind] = {
    "malformed-body": Kind(400, "The body cannot be read"),
    "not-an-image": Kind(400, "Not an image"),
    "bad-request": Kind(400, "Bad request"),
    "key-required": Kind(401, "A key is required"),
    "not-found": Kind(404, "Nothing here"),
    "unknown-model": Kind(404, "No such model"),
    "corrections-off": Kind(404, "Corrections are not taken here"),
    "method-not-allowed": Kind(405, "Method not allowed"),
    "too-slow": Kind(408, "The body took too long to arrive"),
    "too-large": Kind(413, "Too large"),
    "unsupported-type": Kind(415, "Unsupported type"),
    "no-ink": Kind(422, "Nothing is drawn"),
    "invalid-strokes": Kind(422, "Invalid strokes"),
    "missing-image": Kind(422, "No image was sent"),
    "several-images": Kind(422, "More than one image was sent"),
    "invalid-parameter": Kind(422, "Invalid parameter"),
    "invalid-label": Kind(422, "Invalid label"),
    "headers-too-large": Kind(431, "The headers are too large"),
    "internal-error": Kind(500, "Internal error"),
    "overloaded": Kind(503, "Too much to do", retry_after=1),
    "not-ready": Kind(503, "Not ready", retry_after=5),
    "corrections-full": Kind(503, "Corrections cannot be stored", retry_after=60),
}


class Refusal(Exception):
    """A request that cannot be answered: `slug` names its kind in `PROBLEMS`, `detail` says what to do."""

    def __init__(self, slug: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return PROBLEMS[self.slug].status


class ClientGone(Exception):
    """The client closed its connection before the answer was there."""


_INK_PROBLEMS: tuple[tuple[type[InkError], str], ...] = (
    (NotAnImage, "not-an-image"),
    (ImageTooLarge, "too-large"),
    (UnsupportedFormat, "unsupported-type"),
    (NoInk, "no-ink"),
    (InvalidStrokes, "invalid-strokes"),
)


def from_ink(error: InkError) -> Refusal:
    """The refusal that tells of an error of `model.ink`."""
    for kind, slug in _INK_PROBLEMS:
        if isinstance(error, kind):
            return Refusal(slug, str(error))
    return Refusal("not-an-image", str(error))


def problem(refusal: Refusal, scope: Scope) -> dict[str, object]:
    """The members of the problem details object for `refusal` (RFC 9457, section 3.1)."""
    kind = PROBLEMS[refusal.slug]
    members: dict[str, object] = {
        "type": f"/docs#{refusal.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": refusal.detail,
        "instance": scope.get("path", ""),
    }
    request_id = scope.get("request_id")
    if request_id is not None:
        members["request_id"] = request_id
    return members


def problem_response(refusal: Refusal, scope: Scope) -> Response:
    """The response that tells of `refusal`; also notes its kind in the scope, for the metrics and the log."""
    scope["refusal"] = refusal.slug
    kind = PROBLEMS[refusal.slug]
    headers = {"cache-control": "no-store", **refusal.headers}
    if kind.retry_after is not None:
        headers.setdefault("retry-after", str(kind.retry_after))
    body = json.dumps(problem(refusal, scope), ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status_code=kind.status, headers=headers, media_type=PROBLEM_TYPE)


def from_http_exception(error: HTTPException) -> Refusal:
    """The refusal for an error that the framework raised (404 and 405, mostly)."""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Refusal("not-found", "There is nothing at this address; /docs lists what there is.", headers)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = headers.get("Allow", headers.get("allow", ""))
        if "GET" in allowed.split(", "):
            allowed = headers["Allow"] = f"{allowed}, HEAD"  # whatever can be got can be asked about
        detail = f"This address takes {allowed}." if allowed else "This address does not take this method."
        return Refusal("method-not-allowed", detail, headers)
    slugs = [slug for slug, kind in PROBLEMS.items() if kind.status == error.status_code]
    if slugs:
        return Refusal(slugs[0], str(error.detail), headers)
    return Refusal("bad-request" if error.status_code < 500 else "internal-error", str(error.detail), headers)


async def on_refusal(request: Request, error: Exception) -> Response:
    """Answer with the refusal that was raised."""
    assert isinstance(error, Refusal)
    return problem_response(error, request.scope)


async def on_ink_error(request: Request, error: Exception) -> Response:
    """Answer with what `model.ink` found wrong."""
    assert isinstance(error, InkError)
    return problem_response(from_ink(error), request.scope)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer in the one shape when the framework refuses."""
    assert isinstance(error, HTTPException)
    return problem_response(from_http_exception(error), request.scope)
