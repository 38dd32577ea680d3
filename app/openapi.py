"""The OpenAPI document: what FastAPI gathers from the routes, and what it cannot know."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from app.errors import PROBLEMS
from app.schemas import Correction, Drawing, Problem

LOCKED_TAGS = {"recognition", "corrections"}

DESCRIPTION = """\
Draw or photograph a digit, and the right answer comes back at once, with a probability that can be trusted;
if it is no digit, the service says so. Every error is a problem details object (RFC 9457).
"""


def locked_routes(app: FastAPI) -> dict[str, APIRoute]:
    """The routes that take a key, where keys are set, by their paths."""
    routes = (route for route in app.routes if isinstance(route, APIRoute))
    return {route.path: route for route in routes if LOCKED_TAGS.intersection(map(str, route.tags))}


def document(app: FastAPI) -> dict[str, Any]:
    """The document that describes `app`."""
    made: dict[str, Any] = get_openapi(
        title="Digits", version="1", description=DESCRIPTION, routes=app.routes
    )
    components = made.setdefault("components", {})
    # These are read by the service itself, and so FastAPI never hears of them.
    _, extra = models_json_schema(
        [(model, "validation") for model in (Drawing, Correction, Problem)],
        ref_template="#/components/schemas/{model}",
    )
    components.setdefault("schemas", {}).update(extra["$defs"])
    made["x-problems"] = {
        slug: {"status": kind.status, "title": kind.title} for slug, kind in PROBLEMS.items()
    }
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    return made
