"""Pieces of the OpenAPI document that several routes share."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from app.errors import PROBLEM_TYPE, PROBLEMS
from app.parameters import INCLUDES
from app.routes.direct import DirectRoute, Endpoint

KEY_SCHEMES: list[dict[str, list[str]]] = [{"bearer": []}, {"key": []}, {}]

MODEL: dict[str, Any] = {
    "name": "model",
    "in": "query",
    "required": False,
    "description": "Which model answers; `GET /models` lists them.",
    "schema": {"type": "string"},
}
ACCEPT: dict[str, Any] = {
    "name": "accept",
    "in": "query",
    "required": False,
    "description": "The `digit_score` from which it counts as a digit, instead of the model's own.",
    "schema": {"type": "number", "minimum": 0, "maximum": 1},
}


def including(names: Iterable[str]) -> dict[str, Any]:
    """The parameter `include`, where it takes `names`."""
    return {
        "name": "include",
        "in": "query",
        "required": False,
        "description": "What to add to the answer; may be repeated, or separated by commas.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": list(names)}},
    }


WISHES = [MODEL, including(INCLUDES), ACCEPT]
BATCH_WISHES = [MODEL, including(["input"]), ACCEPT]

IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif", "image/tiff")
FILE: dict[str, Any] = {"type": "string", "format": "binary"}


def form_of(fields: dict[str, Any]) -> dict[str, Any]:
    """The content of a multipart body with `fields`, all of them required."""
    return {
        "multipart/form-data": {
            "schema": {"type": "object", "properties": fields, "required": list(fields)},
        }
    }


ONE_IMAGE: dict[str, Any] = {
    "required": True,
    "content": {
        **form_of({"image": FILE}),
        **{kind: {"schema": FILE} for kind in IMAGE_TYPES},
    },
}
MANY_IMAGES: dict[str, Any] = {
    "required": True,
    "content": form_of({"image": {"type": "array", "items": FILE, "minItems": 1}}),
}


def json_body(schema: type) -> dict[str, Any]:
    """A required JSON body of `schema`, which must stand among the document's components."""
    reference = {"$ref": f"#/components/schemas/{schema.__name__}"}
    return {"required": True, "content": {"application/json": {"schema": reference}}}


def problems(slugs: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """The responses that tell of the problems named, one for each status."""
    responses: dict[int | str, dict[str, Any]] = {}
    for slug in slugs:
        kind = PROBLEMS[slug]
        response = responses.setdefault(
            kind.status,
            {
                "description": "",
                "content": {
                    PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}},
                },
            },
        )
        response["description"] = "; ".join(filter(None, (response["description"], kind.title)))
        response["content"][PROBLEM_TYPE]["examples"][slug] = {
            "value": {
                "type": f"/docs#{slug}",
                "title": kind.title,
                "status": kind.status,
                "detail": kind.title,
                "instance": "/predict",
            }
        }
        if kind.retry_after is not None:
            response["headers"] = {
                "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
            }
    return responses


RECOGNITION = (
    "malformed-body",
    "key-required",
    "unknown-model",
    "too-slow",
    "too-large",
    "unsupported-type",
    "no-ink",
    "invalid-parameter",
    "overloaded",
    "not-ready",
)
IMAGE_PROBLEMS = ("not-an-image", "missing-image", "several-images")
STROKES_PROBLEMS = ("invalid-strokes",)


def recognition(
    path: str,
    endpoint: Endpoint,
    summary: str,
    *,
    answer: type[BaseModel],
    parameters: list[dict[str, Any]],
    body: dict[str, Any],
    refusals: Iterable[str],
) -> DirectRoute:
    """The route of a recognition; `refusals` are the problems that it has beside those of all."""
    return DirectRoute(
        path,
        endpoint,
        methods=["POST"],
        response_model=answer,
        summary=summary,
        responses=problems((*RECOGNITION, *refusals)),
        openapi_extra={"parameters": parameters, "requestBody": body, "security": KEY_SCHEMES},
        tags=["recognition"],
    )
